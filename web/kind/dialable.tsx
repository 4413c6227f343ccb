// What a phone of the box can dial: an internal number, or one outside.
export { Phone as Dialable } from "./phone";
