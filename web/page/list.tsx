// The list of any declared resource: search, columns, pages, ticks, delete, and its form in a drawer.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { choiceWord } from "../kind/choice";
import { hidden } from "../kind/kinds";
import { ask, query, type Refused } from "../link/request";
import { look, place } from "../link/route";
import type { Page, Row } from "../link/rows";
import { field, resource, resources, type Field, type Resource } from "../link/schema";
import { session } from "../link/session";
import { Button } from "../part/button";
import { confirm, Dialog } from "../part/dialog";
import { Empty } from "../part/empty";
import { Menu } from "../part/menu";
import { Skeleton } from "../part/skeleton";
import { Table, type Column } from "../part/table";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { fully, when } from "../word/time";
import { many, one, t } from "../word/words";
import { Form, saySaved, type Saved } from "./form";
import { Head } from "./frame";
import { useKept, useListing, useSettled } from "./listing";
import { Columns, firstRow, ListRefused, Pager, Search, typing } from "./tools";

/** What a resource's own page adds to the common list. */
export type Own = {
  name: string;
  rowName: (row: Row) => string;
  /** Takes the place of the column of the same name, or of the first in `instead`. */
  columns?: (Column<Row> & { instead?: string[] })[];
  under?: (row: Row) => ComponentChildren;
  aside?: { name: string; label: string; body: (row: Row) => ComponentChildren };
  empty: ComponentChildren;
  changed?: () => void;
  /** Shown once after a row was added whose secrets the box made. */
  added?: (row: Saved, close: () => void) => ComponentChildren;
};

const batch = 100;

function cell(noun: string, f: Field, value: unknown): ComponentChildren {
  if (value === null || value === undefined || value === "") return null;
  if (f.kind === "choice") return choiceWord(noun, f.name, String(value));
  if (f.kind === "switch") return t(value === true ? "word.yes" : "word.no");
  if (f.kind === "internal_number") return <bdi class="mono">{String(value)}</bdi>;
  return <bdi>{Array.isArray(value) ? value.join(", ") : String(value)}</bdi>;
}

function columnsOf(declared: Resource, own: Own): Column<Row>[] {
  const mine = own.columns ?? [];
  const columns: Column<Row>[] = [];
  const placed = new Set<string>();
  for (const name of declared.list) {
    const taken = mine.find((column) => column.name === name || column.instead?.includes(name));
    if (taken) {
      if (!placed.has(taken.name)) columns.push(taken);
      placed.add(taken.name);
    } else if (declared.schema.properties?.[name]) {
      const f = field(declared, name);
      if (!hidden.has(f.kind)) columns.push({ name, label: t(`${declared.name}.${name}`), cell: (row) => cell(declared.name, f, row[name]) });
    }
  }
  columns.push(...mine.filter((column) => !placed.has(column.name)));
  columns.push({ name: "updated_at", label: t("row.updated_at"), wideOnly: true, cell: (row) => <time dateTime={row.updated_at} title={fully(row.updated_at)}>{when(row.updated_at)}</time> });
  return columns;
}

export function List({ own }: { own: Own }) {
  const declared = resource(own.name);
  if (!resources.value) return <div class="table-frame"><Skeleton lines={9} /></div>;
  if (!declared) return <Empty icon="warning" title={t("lost.title")} text={t("lost.text")} />;
  return <Listed declared={declared} own={own} />;
}

function Listed({ declared, own }: { declared: Resource; own: Own }) {
  const account = session.value?.account.id ?? "";
  const noun = declared.name;
  const [limit, setLimit] = useKept(account, declared.path, "limit", 20);
  const [hiddenColumns, setHidden] = useKept<string[]>(account, declared.path, "hidden", []);
  const [typed, setTyped] = useState(place.value.query.get("search") ?? "");
  const search = useSettled(typed.trim());
  const listing = useListing<Row>(declared.path, { search, limit });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [refusedRows, setRefusedRows] = useState<{ name: string; error: string }[] | null>(null);
  const [added, setAdded] = useState<Saved | null>(null);
  const opened = place.value.query.get("open");

  useEffect(() => setChosen(new Set()), [search, limit]);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "n" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      event.preventDefault();
      void look({ open: "new" });
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);

  const close = () => void look({ open: null });
  const saved = (row: Saved, isNew: boolean) => {
    close();
    listing.again();
    own.changed?.();
    if (isNew && own.added) setAdded(row);
    else saySaved(isNew, own.rowName(row));
  };

  const removeOne = async (row: Row) => {
    if (!(await confirm({ title: t("delete.title", { n: 1 }), text: t(`${noun}.delete`, { name: own.rowName(row) }), yes: t("do.delete"), danger: true }))) return;
    const answer = await ask("DELETE", `${declared.path}/${row.id}`);
    if (!answer.ok) return say(t("delete.refused_one", { name: own.rowName(row), why: refusalSentence(answer.refused) }), "bad");
    say(t("say.deleted", { n: 1 }));
    setChosen((was) => new Set([...was].filter((id) => id !== row.id)));
    if (opened) await look({ open: null });
    listing.again();
  };

  const removeMany = async (ids: string[], names: Map<string, string>) => {
    if (!ids.length) return;
    if (!(await confirm({ title: t("delete.title", { n: ids.length }), text: t("delete.text", { n: ids.length }), yes: t("delete.yes", { n: ids.length }), danger: true }))) return;
    const answer = await ask<{ deleted: number; refused: { id: string; error: string }[] }>("POST", `${declared.path}/delete`, { ids });
    if (!answer.ok) return say(refusalSentence(answer.refused), "bad");
    if (answer.body.deleted) say(t("say.deleted", { n: answer.body.deleted }));
    if (answer.body.refused.length) setRefusedRows(answer.body.refused.map(({ id, error }) => ({ name: names.get(id) ?? id, error })));
    setChosen(new Set(answer.body.refused.map(({ id }) => id)));
    listing.again();
  };

  /** LST-14: all that meet the search, on all pages. */
  const removeFound = async () => {
    const names = new Map<string, string>();
    let cursor: string | null = null;
    do {
      const answer: Awaited<ReturnType<typeof ask<Page<Row>>>> = await ask<Page<Row>>("GET", declared.path + query({ search, limit: batch, cursor }));
      if (!answer.ok) return say(refusalSentence(answer.refused), "bad");
      for (const row of answer.body.items) names.set(row.id, own.rowName(row));
      cursor = answer.body.next;
    } while (cursor);
    await removeMany([...names.keys()], names);
  };

  const columns = columnsOf(declared, own);
  const rowNames = new Map((listing.rows ?? []).map((row) => [row.id, own.rowName(row)]));
  const none = search ? (
    <Empty icon="search" title={t("list.nothing_found")} text={t("list.nothing_found_text", { search })}>
      <Button onClick={() => setTyped("")}>{t("list.clear_search")}</Button>
    </Empty>
  ) : (
    own.empty
  );
  return (
    <>
      <Head title={many(noun)} text={t(`${noun}.text`)}>
        <Button look="primary" icon="plus" onClick={() => void look({ open: "new" })}>{t("do.add_one", { one: t(`${noun}.one`) })}</Button>
      </Head>
      <div class="tools">
        {chosen.size > 0 ? (
          <div class="chosen-bar">
            <strong role="status">{t("list.chosen", { n: chosen.size })}</strong>
            <Button look="danger" icon="trash" onClick={() => void removeMany([...chosen], rowNames)}>{t("do.delete")}</Button>
            <Button look="quiet" onClick={() => setChosen(new Set())}>{t("list.choose_none")}</Button>
          </div>
        ) : (
          <>
            <Search value={typed} onChange={setTyped} label={t("list.search", { fields: declared.search.map((name) => t(`${noun}.${name}`)).join(", ") })} to={firstRow} />
            <span class="tools-space" />
          </>
        )}
        <Columns columns={columns} shown={(name) => !hiddenColumns.includes(name)} onShow={(name, on) => setHidden(on ? hiddenColumns.filter((one) => one !== name) : [...hiddenColumns, name])} />
        <Menu label={t("list.more")} icon="trash" iconOnly>
          {(shut) => (
            <>
              <button type="button" class="menu-item" disabled={!chosen.size} onClick={() => (shut(), void removeMany([...chosen], rowNames))}>{t("delete.chosen", { n: chosen.size })}</button>
              <button type="button" class="menu-item" disabled={!listing.total} onClick={() => (shut(), void removeFound())}>{t(search ? "delete.found" : "delete.all", { n: listing.total })}</button>
            </>
          )}
        </Menu>
      </div>
      {listing.refused && !listing.rows ? (
        <div class="table-frame"><ListRefused refused={listing.refused} again={listing.again} /></div>
      ) : (
        <Table label={many(noun)} columns={columns.filter((column) => !hiddenColumns.includes(column.name))} rows={listing.rows} id={(row) => row.id} name={own.rowName} onOpen={(row) => void look({ open: row.id })} chosen={chosen} onChoose={setChosen} busy={listing.busy} empty={none} opened={opened} />
      )}
      <Pager listing={listing} limit={limit} onLimit={setLimit} />
      {opened && (
        <Form key={opened} resource={declared} id={opened === "new" ? null : opened} title={(row) => (opened === "new" ? t("do.add_one", { one: t(`${noun}.one`) }) : row ? <bdi>{own.rowName(row)}</bdi> : one(noun))} under={own.under} aside={own.aside} onClose={close} onSaved={saved} onDelete={(row) => void removeOne(row)} />
      )}
      {added && own.added?.(added, () => setAdded(null))}
      {refusedRows && <RefusedRows rows={refusedRows} onClose={() => setRefusedRows(null)} />}
    </>
  );
}

function RefusedRows({ rows, onClose }: { rows: { name: string; error: string }[]; onClose: () => void }) {
  return (
    <Dialog title={t("delete.refused_title", { n: rows.length })} onClose={onClose} foot={<Button look="primary" onClick={onClose}>{t("do.close")}</Button>}>
      <ul class="plain-list">
        {rows.map((row) => (
          <li key={row.name}><bdi>{row.name}</bdi><span class="soft">{refusalSentence({ error: row.error, after: 0 } as Refused)}</span></li>
        ))}
      </ul>
    </Dialog>
  );
}
