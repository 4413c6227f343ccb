// A word of English letters.
export { Text as Letters } from "./text";
