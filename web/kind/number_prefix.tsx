// What is put before a number where it is shown.
export { InternalNumber as NumberPrefix } from "./internal_number";
