// A number with letters, spaces and hyphens, such as a postal code.
export { Phone as Lettered } from "./phone";
