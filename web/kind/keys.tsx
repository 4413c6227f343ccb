// Keys of a telephone: 0–9, * and #.
export { InternalNumber as Keys } from "./internal_number";
