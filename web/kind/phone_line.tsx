// A telephone or fax number that is only shown.
export { Phone as PhoneLine } from "./phone";
