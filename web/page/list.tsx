// The list of any declared resource: search, filters, columns, sorting, pages, ticks, what can be done, and its form.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { cell } from "../kind/cell";
import { hidden } from "../kind/kinds";
import { columnsOf, showColumns } from "../link/columns";
import { ask } from "../link/request";
import { sought } from "../link/finding";
import { letGo, look, place } from "../link/route";
import type { Row } from "../link/rows";
import { field, may, resource, resources, type Count, type Resource } from "../link/schema";
import { self, signInAs } from "../link/session";
import { Button } from "../part/button";
import { confirm } from "../part/dialog";
import { Empty } from "../part/empty";
import { Icon } from "../part/icon";
import { later } from "../part/later";
import { Item, Menu } from "../part/menu";
import { Table, type Column } from "../part/table";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { figure, fully, moment } from "../word/time";
import { has, language, many, one, t } from "../word/words";
import { BatchEdit } from "./batch_edit";
import { Views, viewed } from "./views";
import { RefusedRows, remove, removeOne, type Chosen, type RefusedRow } from "./delete";
import { Filters, filtersAsked, inPart, Part } from "./filters";
import { familyFirst } from "./fields";
import { Form, type Saved } from "./form";
import { Head } from "./frame";
import { startExport } from "./jobs";
import { kept, useKept, useListing, useSettled } from "./listing";
import { fileOf } from "./listen";
import { iconOf } from "./menu_icon";
import { nameOfRow, saySaved, titleOf } from "./naming";
import type { Kept } from "./record";
import { aboveOf, Tree } from "./tree";
import { Columns, firstRow, ListRefused, Pager, Search, typing } from "./tools";

/** What a resource's own page adds to the common list. */
export type Own = {
  /** Takes the place of the column of the same name, or of those in `instead`. */
  columns?: (Column<Row> & { instead?: string[] })[];
  under?: (row: Row) => ComponentChildren;
  aside?: { name: string; label: string; body: (row: Row) => ComponentChildren };
  /** Stands beside the buttons of the form. */
  tool?: (kept: Kept) => ComponentChildren;
  changed?: () => void;
  /** Shown once after a row was added whose secrets the box made. */
  added?: (row: Saved, close: () => void) => ComponentChildren;
  /** Further lines of the menu at the head of the page. */
  more?: (close: () => void, again: () => void) => ComponentChildren;
  /** Further lines of the menu of a row. */
  rowMore?: (row: Row, close: () => void, again: () => void) => ComponentChildren;
  /** Who copies a row names the copy. */
  namesCopies?: boolean;
  /** Stands below the form of a noun that has one record. */
  below?: () => ComponentChildren;
  /** Stands between the tools and the table. */
  above?: (again: () => void) => ComponentChildren;
};

const AssignTo = later(() => import("./assign").then((made) => made.AssignTo));
const NameCopy = later(() => import("./name_copy").then((made) => made.NameCopy));
const Bar = later(() => import("./bar").then((made) => made.Bar));
const Listen = later(() => import("./listen_dialog").then((made) => made.Listen));
const BatchAdd = later(() => import("./batch_add").then((made) => made.BatchAdd));

/** Kinds that say nothing in a line of a list, or cannot be put in order. */
const unsorted: ReadonlySet<string> = new Set(["list", "destination", "person", "row", "permissions", "scopes", "form_tabs", "hidden_fields", "weekly", "levels", "rich", "code", "template", "file", "lines"]);
const figures: ReadonlySet<string> = new Set(["number", "seconds", "percent", "decimal"]);

function counted(declared: Resource, count: Count): Column<Row> {
  const there = resource(count.noun);
  const key = `${declared.name}.${count.name}`;
  return {
    name: count.name,
    label: has(key) ? t(key) : many(count.noun),
    figure: true,
    sort: count.name,
    cell: (row) => {
      const n = Number(row[count.name] ?? 0);
      return there && n > 0 && there.filters?.includes(count.field) ? <a href={`/${there.path}?${count.field}=${row.id}`}>{figure(n)}</a> : figure(n);
    },
  };
}

function allColumns(declared: Resource, own: Own): Column<Row>[] {
  const mine = own.columns ?? [];
  const columns: Column<Row>[] = [];
  if (declared.list.includes("id")) columns.push({ name: "id", label: t("row.id"), sort: "id", cell: (row) => <bdi class="mono">{row.id}</bdi> });
  const placed = new Set<string>();
  const named = declared.named?.find((name) => declared.list.includes(name)) ?? (declared.list.includes("name") ? "name" : declared.list[0]);
  const listed = familyFirst(declared.list.filter((name) => declared.schema.properties?.[name]).map((name) => field(declared, name)), language.value);
  for (const f of listed) {
    const taken = mine.find((column) => column.name === f.name || column.instead?.includes(f.name));
    if (taken) {
      if (!placed.has(taken.name)) columns.push(taken);
      placed.add(taken.name);
    } else if (!hidden.has(f.kind)) {
      columns.push({ name: f.name, label: t(`${declared.name}.${f.name}`), figure: figures.has(f.kind) || f.counted, main: f.name === named && !mine.some((column) => column.main), sort: unsorted.has(f.kind) ? undefined : f.name, cell: (row) => (f.counted ? figure((row[f.name] as unknown[] | null)?.length ?? 0) : cell(declared.name, f, row[f.name])) });
    }
  }
  columns.push(...mine.filter((column) => !placed.has(column.name)), ...(declared.counts ?? []).map((count) => counted(declared, count)));
  if (declared.author) columns.push({ name: "created_by", label: t("row.created_by"), cell: (row) => (row.created_by ? <bdi>{String(row.created_by)}</bdi> : null) });
  // Rows that come out of files alone say nothing of when.
  for (const name of declared.held === "packed" ? [] : (["created_at", "updated_at"] as const)) columns.push({ name, label: t(`row.${name}`), wideOnly: true, sort: name, cell: (row) => (row[name] ? <time class="tabular soft" dateTime={row[name]} title={fully(row[name])}>{moment(row[name])}</time> : null) });
  return columns;
}

const linesFirst = 20;

/** What a list asks for as the address stands. */
export function questionOf(declared: Resource, search = place.value.query.get("search") ?? "", limit = kept(self(), declared.path, "limit", linesFirst)) {
  const filters = viewed(declared, inPart(declared, filtersAsked(declared)));
  return { search, limit, sort: place.value.query.get("sort"), ...filters };
}

export function List({ declared, own = {} }: { declared: Resource; own?: Own }) {
  const account = self();
  const noun = declared.name;
  const asked = place.value.query;
  const [limit, setLimit] = useKept(account, declared.path, "limit", linesFirst);
  const [typed, setTyped] = useState(asked.get("search") ?? "");
  const search = useSettled(typed.trim());
  const filters = viewed(declared, inPart(declared, filtersAsked(declared)));
  const sort = asked.get("sort");
  const listing = useListing<Row>(declared.path, questionOf(declared, search, limit));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [everything, setEverything] = useState(false);
  const [refusedRows, setRefusedRows] = useState<RefusedRow[] | null>(null);
  const [editing, setEditing] = useState<Chosen | null>(null);
  const [adding, setAdding] = useState(false);
  const [copying, setCopying] = useState<Row | null>(null);
  const [heard, setHeard] = useState<Row | null>(null);
  const file = fileOf(declared);
  const [added, setAdded] = useState<Saved | null>(null);
  const [assigning, setAssigning] = useState<Chosen | null>(null);
  const [barring, setBarring] = useState<{ chosen: Chosen; barred: boolean } | null>(null);
  const opened = asked.get("open");
  /** Each form of one record after the other is another. */
  const [turn, setTurn] = useState(0);
  const [tree, setTree] = useKept(account, declared.path, "tree", false);
  const stands = aboveOf(declared) !== undefined;
  const question = JSON.stringify([search, limit, filters]);
  const name = (row: Row) => nameOfRow(declared, row);
  const can = (action: string) => may(declared, action);
  const narrowed = Boolean(search) || Object.keys(filtersAsked(declared)).length > 0;

  const chooseNone = () => (setChosen(new Set()), setEverything(false));
  useEffect(chooseNone, [question]);
  useEffect(() => void (search !== (asked.get("search") ?? "") && look({ search: search || null }, true)), [search]);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "n" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !can("add")) return;
      event.preventDefault();
      void look({ open: "new" });
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [declared]);

  const close = () => void look({ open: null });
  const open = (id: string) => void look({ open: id });
  const again = () => {
    listing.again();
    own.changed?.();
  };
  const saved = (row: Saved, isNew: boolean, another = false) => {
    if (another) setTurn(turn + 1);
    else close();
    again();
    if (row.skipped) say(t(row.skipped.length ? "many.some" : "many.added", { n: row.added ?? 0, skipped: row.skipped.join(", ") }), row.skipped.length ? "bad" : "good");
    else if (isNew && own.added) setAdded(row);
    else saySaved(declared, row, isNew, again);
  };
  /** The records that were ticked, or all that meet the search and filters on all pages (LST-14). */
  const condition = (all = everything): Chosen => ({ ...(all ? {} : { ids: [...chosen] }), search, filters, total: all ? listing.total : chosen.size });
  const removeSeveral = async (which: Chosen) => {
    const done = await remove(declared, which);
    if (!done) return;
    if (done.refused.length) setRefusedRows(done.refused);
    setEverything(false);
    setChosen(new Set(done.refused.map(({ id }) => id)));
    again();
  };
  const removeSingle = async (row: Row) => {
    const back = (again_: Saved) => {
      again();
      if (own.added && again_.generated) setAdded(again_);
    };
    const refused = await removeOne(declared, row, back);
    if (refused === undefined) return;
    if (refused) return setRefusedRows([refused]);
    setChosen((was) => new Set([...was].filter((id) => id !== row.id)));
    // Whatever was typed into its form is of nobody any more.
    letGo();
    if (opened) await look({ open: null });
    again();
  };
  const clone = async (row: Row) => {
    if (own.namesCopies) return setCopying(row);
    const answer = await ask<Row>("POST", `${declared.path}/${row.id}/clone`);
    if (!answer.ok) return say(refusalSentence(answer.refused), "bad");
    say(t("clone.done", { name: name(row) }));
    again();
    open(answer.body.id);
  };

  const become = async (row: Row) => {
    if (!(await confirm({ title: t("acting.title", { name: name(row) }), text: t("acting.text"), yes: t("action.sign_in_as") }))) return;
    const refused = await signInAs(declared.path, row.id);
    if (refused) say(refusalSentence(refused), "bad");
  };

  const columns = allColumns(declared, own);
  const wanted = columnsOf(declared.path);
  const shown = (column: string) => !wanted || wanted.includes(column);
  const visible = columns.filter((column) => shown(column.name));
  const show = (column: string, on: boolean) => showColumns(declared.path, columns.map((one) => one.name).filter((each) => (each === column ? on : shown(each))));
  const assigns = Boolean(declared.assign) && can("assign");
  const bars = Boolean(declared.bar) && can("dnc");
  const ticks = can("delete") || can("batch_edit") || can("export") || assigns || bars;
  /** What was done to several is done: the list is asked anew, and those to whom it was not done are named. */
  const over = (refused: RefusedRow[]) => (setAssigning(null), setBarring(null), chooseNone(), refused.length > 0 && setRefusedRows(refused), again());
  const barItems = (shut: () => void, which: () => Chosen, none = false) => (
    <>
      <Item icon="lock" label={t("bar.add")} disabled={none} onClick={() => (shut(), setBarring({ chosen: which(), barred: true }))} />
      <Item icon="unlock" label={t("bar.remove")} disabled={none} onClick={() => (shut(), setBarring({ chosen: which(), barred: false }))} />
    </>
  );
  const alone = (row: Row): Chosen => ({ ids: [row.id], total: 1 });
  const deeds = (row: Row) => Boolean(file && row[file.name]) || can("clone") || can("sign_in_as") || assigns || bars || Boolean(own.rowMore) || can("delete");
  const rowMenu = (row: Row) => (
    <>
    <Button small look="quiet" icon={can("edit") ? "edit" : "eye"} label={t(can("edit") ? "list.edit" : "list.look", { name: name(row) })} onClick={() => open(row.id)} />
    {deeds(row) && <Menu label={t("list.row_menu_of", { name: name(row) })} icon="more" look="button button-quiet button-small" iconOnly>
      {(shut) => (
        <>
          {file && row[file.name] && <Item icon="play" label={t("action.play")} onClick={() => (shut(), setHeard(row))} />}
          {file && row[file.name] && can("download") && <Item icon="download" label={t("action.download")} onClick={() => (shut(), location.assign(`/panel/${declared.path}/${row.id}/file`))} />}
          {can("clone") && <Item icon="clone" label={t("action.clone")} onClick={() => (shut(), void clone(row))} />}
          {can("sign_in_as") && <Item icon="leave" label={t("action.sign_in_as")} onClick={() => (shut(), void become(row))} />}
          {assigns && <Item icon="agents" label={t("action.assign")} onClick={() => (shut(), setAssigning(alone(row)))} />}
          {bars && barItems(shut, () => alone(row))}
          {own.rowMore?.(row, shut, again)}
          {can("delete") && <Item icon="trash" danger label={t("do.delete")} onClick={() => (shut(), void removeSingle(row))} />}
        </>
      )}
    </Menu>}
    </>
  );
  const add = can("add") && <Button look="primary" icon="plus" onClick={() => open("new")}>{t("do.add_one", { one: t(`${noun}.one`) })}</Button>;
  // What the office cannot add itself, whoever acts as the operator adds there.
  const given = resources.value?.find((one) => one.acting && one.name === noun && one !== declared && may(one, "add"));
  const none = narrowed ? (
    <Empty icon="search" title={t("list.nothing_found")} text={search ? t("list.nothing_found_text", { search }) : t("list.nothing_filtered")}>
      {search && <Button look="primary" icon="search" onClick={() => (sought.value = search)}>{t("find.everywhere")}</Button>}
      <Button onClick={() => (setTyped(""), void look({ search: null, ...Object.fromEntries(Object.keys(filters).map((each) => [each, null])) }))}>{t("list.clear_search")}</Button>
    </Empty>
  ) : (
    <Empty icon={iconOf(declared.menu)} title={t("list.empty_title", { many: t(`${noun}.many`) })} text={t(`${noun}.empty`)}>
      {add}
      {!can("add") && given && <a class="button button-primary" href={`/${given.path}?open=new`}><Icon name="plus" size={18} /> <span>{t("do.add_one", { one: t(`${noun}.one`) })}</span></a>}
      {declared.import && <a class="button button-plain" href={`/${declared.path}/import`}><Icon name="upload" size={18} /> <span>{t("import.open")}</span></a>}
    </Empty>
  );
  const table = listing.refused && !listing.rows ? (
    <div class="table-frame"><ListRefused refused={listing.refused} again={listing.again} /></div>
  ) : (
    <Table label={many(noun)} columns={visible} rows={wanted === undefined ? null : listing.rows} id={(row) => row.id} name={name} onOpen={(row) => open(row.id)} chosen={ticks ? chosen : undefined} onChoose={ticks ? (next) => (setChosen(next), setEverything(false)) : undefined} sorted={sort} onSort={(by) => void look({ sort: by })} menu={rowMenu} busy={listing.busy} empty={none} opened={opened} />
  );
  const several = can("batch_add") && Boolean(declared.series);
  const edits = can("batch_edit") && (declared.batch?.length ?? 0) > 0;
  const more = own.more || declared.import || several || edits || assigns || bars || can("export") || can("delete");
  return (
    <div class="page-fill">
      <Head title={titleOf(declared)} text={t(declared.acting ? "acting.text_of_list" : `${noun}.text`)}>
        {add}
        {more && (
          <Menu label={t("list.more")} icon="more" iconOnly>
            {(shut) => (
              <>
                {own.more?.(shut, again)}
                {several && <Item icon="plus" label={t("action.batch_add")} onClick={() => (shut(), setAdding(true))} />}
                {edits && <Item icon="edit" label={t("batch.chosen", { n: chosen.size })} disabled={!chosen.size} onClick={() => (shut(), setEditing(condition(false)))} />}
                {declared.import && <a class="menu-item" href={`/${declared.path}/import`} onClick={shut}><Icon name="upload" size={18} /> <span>{t("import.open")}</span></a>}
                {assigns && <Item icon="agents" label={t("assign.all", { n: listing.total })} disabled={!listing.total} onClick={() => (shut(), setAssigning(condition(true)))} />}
                {bars && barItems(shut, () => condition(true), !listing.total)}
                {can("export") && <Item icon="download" label={t("export.all", { n: listing.total })} disabled={!listing.total} onClick={() => (shut(), void startExport(declared.path, condition(true), visible, sort))} />}
                {can("delete") && <Item icon="trash" label={t("delete.chosen", { n: chosen.size })} disabled={!chosen.size} onClick={() => (shut(), void removeSeveral(condition(false)))} />}
                {can("delete") && <Item icon="trash" danger label={t(narrowed ? "delete.found" : "delete.all", { n: listing.total })} disabled={!listing.total} onClick={() => (shut(), void removeSeveral(condition(true)))} />}
              </>
            )}
          </Menu>
        )}
      </Head>
      <div class="tools">
        {chosen.size > 0 ? (
          <div class="chosen-bar">
            <strong role="status">{t("list.chosen", { n: everything ? listing.total : chosen.size })}</strong>
            {!everything && listing.total > (listing.rows?.length ?? 0) && <Button look="quiet" onClick={() => setEverything(true)}>{t(narrowed ? "list.choose_found" : "list.choose_every", { n: listing.total })}</Button>}
            {edits && <Button icon="edit" onClick={() => setEditing(condition())}>{t("do.edit")}</Button>}
            {assigns && <Button icon="agents" onClick={() => setAssigning(condition())}>{t("action.assign")}</Button>}
            {bars && <Menu label={t("action.dnc")} icon="lock">{(shut) => barItems(shut, () => condition())}</Menu>}
            {can("export") && <Button icon="download" onClick={() => void startExport(declared.path, condition(), visible, sort)}>{t("action.export")}</Button>}
            {can("delete") && <Button look="danger" icon="trash" onClick={() => void removeSeveral(condition())}>{t("do.delete")}</Button>}
            <Button look="quiet" onClick={chooseNone}>{t("list.choose_none")}</Button>
          </div>
        ) : (
          <>
            {declared.search.length > 0 && <Search value={typed} onChange={setTyped} label={t("list.search", { fields: declared.search.map((each) => t(`${noun}.${each}`)).join(", ") })} to={firstRow} />}
            {declared.within && declared.part && <Part resource={declared} chosen={filters[declared.within] ?? ""} />}
            <Filters resource={declared} />
            <span class="tools-space" />
          </>
        )}
        {stands && <Button icon="tree" aria-pressed={tree} onClick={() => (setTree(!tree), void look({ below: null }))}>{t("tree.show")}</Button>}
        <Columns columns={columns} shown={shown} onShow={show} />
      </div>
      <Views resource={declared} />
      {own.above?.(again)}
      {stands && tree ? <div class="beside"><Tree resource={declared} turn={listing.turn} />{table}</div> : table}
      <Pager listing={listing} limit={limit} onLimit={setLimit} />
      {opened && (
        <Form key={`${opened} ${turn}`} resource={declared} id={opened === "new" ? null : opened} preset={opened === "new" ? filterPreset(declared, filters) : undefined} title={(row) => (opened === "new" ? t("do.add_one", { one: t(`${noun}.one`) }) : row ? <bdi>{name(row)}</bdi> : one(noun))} under={own.under} aside={own.aside} tool={own.tool} onClose={close} onSaved={saved} onAnother={own.added ? undefined : (row) => saved(row, true, true)} onDelete={(row) => void removeSingle(row)} onClone={(row) => void clone(row)} />
      )}
      {editing && <BatchEdit resource={declared} chosen={editing} onClose={() => setEditing(null)} onDone={(refused) => (setEditing(null), chooseNone(), refused.length > 0 && setRefusedRows(refused), again())} />}
      {assigning && <AssignTo resource={declared} chosen={assigning} onClose={() => setAssigning(null)} onDone={over} />}
      {barring && <Bar resource={declared} chosen={barring.chosen} barred={barring.barred} onClose={() => setBarring(null)} onDone={over} />}
      {adding && <BatchAdd resource={declared} onClose={() => setAdding(false)} onDone={again} />}
      {copying && <NameCopy declared={declared} row={copying} name={name(copying)} onClose={() => setCopying(null)} onDone={(copy) => (setCopying(null), again(), open(copy.id))} />}
      {heard && <Listen declared={declared} row={heard} name={name(heard)} onClose={() => setHeard(null)} />}
      {added && own.added?.(added, () => setAdded(null))}
      {refusedRows && <RefusedRows rows={refusedRows} onClose={() => setRefusedRows(null)} />}
    </div>
  );
}

/** What is added under a filter with a single value begins with that value. */
function filterPreset(declared: Resource, filters: Record<string, string>): Record<string, unknown> {
  const single = Object.entries(filters).filter(([name, value]) => !value.includes(",") && ["ref", "choice"].includes(field(declared, name).kind));
  return Object.fromEntries(single);
}
