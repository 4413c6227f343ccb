// A word by which programs know something.
export { Line as CodeWord } from "./line";
