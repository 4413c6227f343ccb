// A phone’s configuration with marks.
export { Template as PhoneTemplate } from "./template";
