// A word by which programs know something.
export { Text as CodeWord } from "./text";
