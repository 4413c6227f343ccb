// A name or an address of a machine.
export { Line as Host } from "./line";
