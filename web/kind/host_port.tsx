// A name or an address of a machine, with a port or without.
export { Line as HostPort } from "./line";
