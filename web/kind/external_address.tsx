// How the box looks from outside: auto, none, an address or a name (BOX-41).
export { Line as ExternalAddress } from "./line";
