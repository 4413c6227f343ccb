// A number with letters, such as a postal code.
export { Text as Lettered } from "./text";
