// What was changed in a record, by whom and when, newest first, each change with its way back.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { cell } from "../kind/cell";
import { hidden } from "../kind/kinds";
import { forgetAll } from "../link/choices";
import { ask, query, type Refused } from "../link/request";
import type { Row } from "../link/rows";
import { field, type Resource } from "../link/schema";
import { Button } from "../part/button";
import { Icon } from "../part/icon";
import { Skeleton } from "../part/skeleton";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { fully, moment } from "../word/time";
import { has, t } from "../word/words";
import type { Saved } from "./record";

export type Change = { field: string; before: unknown; after: unknown };
export type Entry = { revision: number; at: string; by: { kind: string; name: string }; action: string; changes: Change[] };
type Page = { items: Entry[]; next?: string | null };

/** Takes one write to a record back and says so: one by its number in the history, or the one that left the record at
 * this `rev`. Gives the record as it is again, with secrets that the box made anew. */
export async function undo(path: string, which: { revision: number } | { rev: number }, name: string): Promise<Saved | null> {
  const answer = await ask<Saved | undefined>("POST", `${path}/undo`, which);
  if (!answer.ok) return (say(t("undo.refused", { name, why: refusalSentence(answer.refused) }), "bad"), null);
  forgetAll();
  say(t("undo.done", { name }));
  return answer.body ?? ({} as Saved);
}

export function History({ resource, path, row, onUndone }: { resource: Resource; path: string; row: Row; onUndone: () => void }) {
  const [entries, setEntries] = useState<Entry[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const load = async (cursor: string | null) => {
    setBusy(true);
    const answer = await ask<Page>("GET", `${path}/history${query({ cursor })}`);
    setBusy(false);
    if (!answer.ok) return setRefused(answer.refused);
    setEntries((was) => [...(cursor ? (was ?? []) : []), ...answer.body.items]);
    setNext(answer.body.next ?? null);
  };
  useEffect(() => void load(null), [path, row.rev]);
  const back = async (entry: Entry) => {
    setBusy(true);
    const done = await undo(path, { revision: entry.revision }, t(`${resource.name}.one`));
    setBusy(false);
    if (done) onUndone();
  };
  if (refused) return <p class="soft">{refusalSentence(refused)}</p>;
  if (!entries) return <Skeleton lines={4} />;
  if (!entries.length) return <p class="soft">{t("history.none")}</p>;
  return (
    <ol class="history">
      {entries.map((entry) => (
        <li key={entry.revision}>
          <header class="history-head">
            <span><strong><bdi>{entry.by.name || t(`by.${entry.by.kind}`)}</bdi></strong> · {actionWord(entry.action)}</span>
            <span class="cell-line">
              <time class="small soft" dateTime={entry.at} title={fully(entry.at)}>{moment(entry.at)}</time>
              {entry.changes.length > 0 && entry.action !== "add" && <Button small look="quiet" icon="undo" disabled={busy} label={t("undo.this")} onClick={() => void back(entry)} />}
            </span>
          </header>
          {entry.action !== "add" && entry.changes.map((change) => <Changed key={change.field} resource={resource} change={change} />)}
        </li>
      ))}
      {next && <li><Button small busy={busy} onClick={() => void load(next)}>{t("history.more")}</Button></li>}
    </ol>
  );
}

function actionWord(action: string): string {
  return has(`done.${action}`) ? t(`done.${action}`) : action;
}

function Changed({ resource, change }: { resource: Resource; change: Change }) {
  const key = `${resource.name}.${change.field}`;
  const known = resource.schema.properties?.[change.field] ? field(resource, change.field) : null;
  const value = (one: unknown): ComponentChildren => (known ? cell(resource.name, known, one) : one === null || one === undefined ? null : String(one)) ?? <span class="soft">{t("word.nothing")}</span>;
  return (
    <div class="history-change">
      <span class="soft">{has(key) ? t(key) : change.field}</span>
      {known && hidden.has(known.kind) ? (
        <span>{t("history.secret")}</span>
      ) : (
        <span class="history-values">
          <span class="history-before">{value(change.before)}</span>
          <Icon name="arrow" size={14} />
          <span>{value(change.after)}</span>
        </span>
      )}
    </div>
  );
}
