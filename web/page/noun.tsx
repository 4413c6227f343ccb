// The page of a declared noun: its list, what became of its records, or its form where it is a single record.
import { columnsPath } from "../link/columns";
import { query } from "../link/request";
import type { Resource } from "../link/schema";
import { later } from "../part/later";
import { List, questionOf } from "./list";
import { owns } from "./own/own";
import { Single } from "./single";
import { isLog } from "./views";

const Log = later(() => import("./log").then((made) => made.Log));

/** The paths for which the page of a noun asks as soon as it is drawn. */
export function firstAsked(declared: Resource): string[] {
  if (declared.held === "single") return [declared.path];
  return isLog(declared) ? [] : [declared.path + query(questionOf(declared)), columnsPath(declared.path)];
}

export function Noun({ declared }: { declared: Resource }) {
  if (declared.held === "single") return <Single declared={declared} own={owns[declared.name]?.(declared)} />;
  return isLog(declared) ? <Log declared={declared} /> : <List declared={declared} own={owns[declared.name]?.(declared)} />;
}
