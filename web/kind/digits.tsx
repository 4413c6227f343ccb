// Digits that are no figure: an area code, a feature code.
export { InternalNumber as Digits } from "./internal_number";
