// A name or an address of a machine.
export { Text as Host } from "./text";
