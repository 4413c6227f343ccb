// A length of time such as 10m or 1h.
export { Text as QuickTime } from "./text";
