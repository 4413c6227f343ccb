// The name with which an account signs in.
export { Line as Username } from "./line";
