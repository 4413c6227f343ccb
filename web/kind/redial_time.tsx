// A length of time such as 10m or 1d.
export { Text as RedialTime } from "./text";
