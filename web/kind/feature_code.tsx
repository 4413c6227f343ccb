// What is keyed in for a feature.
export { InternalNumber as FeatureCode } from "./internal_number";
