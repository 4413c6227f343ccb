// A field of customers, by its name.
export { Line as FieldName } from "./line";
