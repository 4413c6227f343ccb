// A word of English letters.
export { Line as Letters } from "./line";
