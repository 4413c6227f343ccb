// What a record is called to people, and how it is said that it was saved.
import type { Row } from "../link/rows";
import type { Resource } from "../link/schema";
import { fullName } from "../link/session";
import { say } from "../part/toast";
import { many, t } from "../word/words";
import { undo } from "./history";

/** What a list is called; what is set in the operator's place says so. */
export function titleOf(resource: Resource): string {
  return resource.acting ? t("acting.list", { many: many(resource.name) }) : many(resource.name);
}

/** By the fields that name it; the two names of a person are joined as their writing wants. */
export function nameOfRow(resource: Resource, row: Row): string {
  const named = resource.named?.length ? resource.named : resource.schema.properties?.name ? ["name"] : resource.list.slice(0, 1);
  const person = named.includes("first_name") || (named.length === 1 && resource.list.includes("first_name"));
  const rest = named.filter((name) => name !== "first_name" && name !== "last_name").map((name) => String(row[name] ?? ""));
  return [...rest, person ? fullName(row) : ""].filter(Boolean).join(" ") || row.id;
}

/** Says that a record was saved, with the way back where one changed what stood there. */
export function saySaved(resource: Resource, row: Row, added: boolean, onUndone?: () => void): void {
  const name = resource.held === "single" ? t(`${resource.name}.one`) : nameOfRow(resource, row);
  const path = resource.held === "single" ? resource.path : `${resource.path}/${row.id}`;
  const back = async () => void ((await undo(path, { rev: row.rev }, name)) && onUndone?.());
  say(t(added ? "say.added" : "say.saved", { name }), "good", added ? undefined : { label: t("do.undo"), run: () => void back() });
}
