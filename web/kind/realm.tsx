// The realm in which phones prove themselves.
export { Line as Realm } from "./line";
