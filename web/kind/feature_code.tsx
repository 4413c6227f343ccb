// What is keyed in for a feature: a star or a number, then digits.
export { InternalNumber as FeatureCode } from "./internal_number";
