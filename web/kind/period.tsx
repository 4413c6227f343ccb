// A time within which a condition is inside.
export { Text as Period } from "./text";
