// The page of a declared noun: its list, what became of its records, or its form where it is a single record.
import type { Resource } from "../link/schema";
import { later } from "../part/later";
import { List } from "./list";
import { owns } from "./own/own";
import { Single } from "./single";
import { isLog } from "./views";

const Log = later(() => import("./log").then((made) => made.Log));

export function Noun({ declared }: { declared: Resource }) {
  if (declared.held === "single") return <Single declared={declared} own={owns[declared.name]?.(declared)} />;
  return isLog(declared) ? <Log declared={declared} /> : <List declared={declared} own={owns[declared.name]?.(declared)} />;
}
