// An address or a network, such as 192.168.0.0/16.
export { Line as Network } from "./line";
