// The records of a noun as the tree in which they stand; a chosen one narrows the list to it and those below (DEP-5).
import { useEffect, useState } from "preact/hooks";
import { ask, query } from "../link/request";
import { look, place } from "../link/route";
import type { Page, Row } from "../link/rows";
import type { Resource } from "../link/schema";
import { Icon } from "../part/icon";
import { t } from "../word/words";
import { nameOfRow } from "./naming";

const pageMax = 100;

/** The field in which a record refers to the one above it; undefined: these records stand in no tree. */
export function aboveOf(resource: Resource): string | undefined {
  return resource.rules.find((rule) => rule.rule === "above")?.field;
}

async function all(resource: Resource): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | null = null, more = true; more; more = Boolean(cursor)) {
    const answer: { ok: boolean; body?: Page<Row> } = await ask<Page<Row>>("GET", resource.path + query({ limit: pageMax, cursor, sort: resource.named?.[0] }));
    if (!answer.ok || !answer.body) break;
    rows.push(...answer.body.items);
    cursor = answer.body.next;
  }
  return rows;
}

/** `turn` grows whenever the list may have changed. */
export function Tree({ resource, turn }: { resource: Resource; turn: unknown }) {
  const [rows, setRows] = useState<Row[]>([]);
  useEffect(() => void all(resource).then(setRows), [resource.path, turn]);
  const chosen = place.value.query.get("below");
  const choose = (id: string | null) => void look({ below: id });
  const above = aboveOf(resource)!;
  const under = (id: string | null) => rows.filter((row) => (row[above] ?? null) === id);
  const branch = (row: Row) => {
    const below = under(row.id);
    return (
      <li key={row.id}>
        <button type="button" class="tree-node" aria-current={chosen === row.id ? "true" : undefined} onClick={() => choose(chosen === row.id ? null : row.id)}><bdi>{nameOfRow(resource, row)}</bdi></button>
        {below.length > 0 && <ul>{below.map(branch)}</ul>}
      </li>
    );
  };
  return (
    <nav class="tree" aria-label={t("tree.title")}>
      <ul>
        <li><button type="button" class="tree-node" aria-current={chosen ? undefined : "true"} onClick={() => choose(null)}><Icon name="tree" size={16} /> {t("tree.all", { many: t(`${resource.name}.many`) })}</button></li>
        {under(null).map(branch)}
      </ul>
    </nav>
  );
}
