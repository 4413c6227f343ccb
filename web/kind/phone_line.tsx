// A telephone or fax number that is only shown.
export { Text as PhoneLine } from "./text";
