// The page of a declared noun: its list, or its form where it is a single record.
import type { Resource } from "../link/schema";
import { List } from "./list";
import { owns } from "./own/own";
import { Single } from "./single";

export function Noun({ declared }: { declared: Resource }) {
  return declared.held === "single" ? <Single declared={declared} /> : <List declared={declared} own={owns[declared.name]?.(declared)} />;
}
