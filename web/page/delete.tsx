// Deletes records: says first how many, leaves those that must stay, and tells which and why (LST-14 to LST-16, LST-25).
import { ask, type Refused } from "../link/request";
import type { Row } from "../link/rows";
import type { Resource } from "../link/schema";
import { Button } from "../part/button";
import { confirm, Dialog } from "../part/dialog";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { has, t } from "../word/words";
import { undo } from "./history";
import { nameOfRow } from "./naming";
import type { Saved } from "./record";
import { Users, type User } from "./used_by";

/** The records that something is done with: named one by one, or all that meet a condition. `total` is what the page knows. */
export type Chosen = { ids?: string[]; search?: string; filters?: Record<string, string>; total: number };
export type RefusedRow = { id: string; name?: string; error: string; users?: User[] };

/** Records that are told of, of those to which it was not done. */
const refusedMax = 200;

/** As the box wants it: values of a filter as a list. */
export function conditionOf({ ids, search, filters = {} }: Chosen): Record<string, unknown> {
  return ids ? { ids } : { search, filters: Object.fromEntries(Object.entries(filters).map(([name, value]) => [name, value.split(",")])) };
}

/** How many there are now: others may have added some since the page was drawn. */
export async function count(resource: Resource, chosen: Chosen): Promise<number> {
  if (chosen.ids) return chosen.ids.length;
  const answer = await ask<{ count: number }>("POST", `${resource.path}/count`, conditionOf(chosen));
  return answer.ok ? answer.body.count : chosen.total;
}

/** Has the box do something to records, a portion at a time where there are very many; `tell` hears how far it is. */
export async function inPortions(path: string, chosen: Chosen, more: Record<string, unknown>, word: string, tell?: (n: number) => void): Promise<{ done: number; refused: RefusedRow[]; why?: Refused }> {
  const all = { done: 0, refused: [] as RefusedRow[] };
  for (let cursor: string | null = null; ; ) {
    const body: Record<string, unknown> = { ...conditionOf(chosen), ...more, ...(cursor ? { cursor } : {}) };
    const answer = await ask<{ refused: RefusedRow[]; next?: string | null } & Record<string, unknown>>("POST", path, body);
    if (!answer.ok) return { ...all, why: answer.refused };
    all.done += Number(answer.body[word] ?? 0);
    if (all.refused.length < refusedMax) all.refused.push(...answer.body.refused.slice(0, refusedMax - all.refused.length));
    tell?.(all.done);
    cursor = answer.body.next ?? null;
    if (!cursor) return all;
  }
}

/** Null: nothing was deleted, because the person or the box did not want it. */
export async function remove(resource: Resource, chosen: Chosen): Promise<{ deleted: number; refused: RefusedRow[] } | null> {
  const n = await count(resource, chosen);
  if (!n) return null;
  if (!(await confirm({ title: t("delete.title", { n }), text: t("delete.text", { n }), yes: t("delete.yes", { n }), danger: true }))) return null;
  const { done, refused, why } = await inPortions(`${resource.path}/delete`, chosen, {}, "deleted");
  if (done) say(t("say.deleted", { n: done }));
  if (why) say(refusalSentence(why), "bad");
  return why && !done ? null : { deleted: done, refused };
}

/** `null`: deleted; a row: it must stay; `undefined`: nothing was done. */
export async function removeOne(resource: Resource, row: Row, onUndone: (row: Saved) => void): Promise<RefusedRow | null | undefined> {
  const name = nameOfRow(resource, row);
  const own = `${resource.name}.delete`;
  if (!(await confirm({ title: t("delete.one_title", { one: t(`${resource.name}.one`) }), text: has(own) ? t(own, { name }) : t("delete.one_text", { name }), yes: t("do.delete"), danger: true }))) return undefined;
  const path = `${resource.path}/${row.id}`;
  const answer = await ask("DELETE", path);
  if (answer.ok) {
    const back = async () => {
      const again = await undo(path, { rev: row.rev + 1 }, name);
      if (again) onUndone(again);
    };
    say(t("delete.done", { name }), "good", { label: t("do.undo"), run: () => void back() });
    return null;
  }
  const { error, users } = answer.refused;
  if (users?.length) return { id: row.id, name, error, users: users as User[] };
  say(t("delete.refused_one", { name, why: refusalSentence(answer.refused) }), "bad");
  return undefined;
}

export function RefusedRows({ rows, onClose }: { rows: RefusedRow[]; onClose: () => void }) {
  return (
    <Dialog title={t("refused.title", { n: rows.length })} onClose={onClose} foot={<Button look="primary" onClick={onClose}>{t("do.close")}</Button>}>
      <ul class="refused">
        {rows.map((row) => (
          <li key={row.id}>
            <p><strong><bdi>{row.name ?? row.id}</bdi></strong> <span class="soft">{refusalSentence({ error: row.error, after: 0 } as Refused)}</span></p>
            {row.users && <Users users={row.users} />}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
