// The name under which a field's values are stored.
export { Line as StorageName } from "./line";
