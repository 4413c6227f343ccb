// The audit log: who did what in the panel and over the API, searched, opened, saved as a file (AUD rows).
import { useEffect, useState } from "preact/hooks";
import { ask, query, type Refused } from "../link/request";
import { look, place } from "../link/route";
import type { AuditEntry } from "../link/rows";
import { allowed, self } from "../link/session";
import { Badge } from "../part/badge";
import { Button } from "../part/button";
import { Copy } from "../part/copy";
import { Dialog } from "../part/dialog";
import { Empty } from "../part/empty";
import { Icon } from "../part/icon";
import { Skeleton } from "../part/skeleton";
import { Table, type Column } from "../part/table";
import { dayStart, fully, moment } from "../word/time";
import { begin, has, t } from "../word/words";
import { actionWord, nounWord } from "../kind/grants";
import { DaysChoice, useDays } from "./days";
import { Head } from "./frame";
import { useKept, useListing, useSettled } from "./listing";
import { Columns, firstRow, ListRefused, Pager, Search } from "./tools";

/** `edit customer` in the words of the page. */
function action(text: string): string {
  const [verb = "", noun = ""] = text.split(" ");
  const own = verb === "search" ? "audit.search_of" : `audit.${verb}`;
  const word = has(own) ? t(own) : actionWord(noun, verb);
  return noun ? t("audit.action_of", { action: word, noun: has(`audit.noun.${noun}`) ? t(`audit.noun.${noun}`) : nounWord(noun) }) : begin(word);
}

const who = (entry: AuditEntry) => (entry.acted_by ? t("audit.acted", { who: entry.username, by: entry.acted_by }) : entry.username);

function Outcome({ entry }: { entry: AuditEntry }) {
  if (!entry.error) return <Badge tone="good">{t("audit.done")}</Badge>;
  return <Badge tone="bad">{has(`error.${entry.error}`) ? t("audit.refused") : entry.error}</Badge>;
}

function columns(): Column<AuditEntry>[] {
  return [
    { name: "created_at", label: t("audit.created_at"), cell: (e) => <time class="tabular" dateTime={e.created_at} title={fully(e.created_at)}>{moment(e.created_at)}</time> },
    { name: "username", label: t("audit.username"), main: true, cell: (e) => <bdi>{who(e)}</bdi> },
    { name: "action", label: t("audit.action"), cell: (e) => <span class="cell-line">{action(e.action)}{e.error && <Outcome entry={e} />}</span> },
    { name: "ip_address", label: t("audit.ip_address"), cell: (e) => <bdi class="mono">{e.ip_address}</bdi> },
    { name: "request_address", label: t("audit.request_address"), cell: (e) => <bdi class="mono cell-clip">{e.request_address}</bdi> },
    { name: "request_parameters", label: t("audit.request_parameters"), cell: (e) => <bdi class="mono cell-clip">{e.request_parameters}</bdi> },
    { name: "token", label: t("audit.token"), cell: (e) => <bdi class="mono">{e.token}</bdi> },
  ];
}

export function Audit() {
  const account = self();
  const [limit, setLimit] = useKept(account, "audit", "limit", 20);
  const [hidden, setHidden] = useKept<string[]>(account, "audit", "hidden", []);
  const asked = place.value.query;
  const [typed, setTyped] = useState(asked.get("search") ?? "");
  const [person, setPerson] = useState(asked.get("username") ?? "");
  const search = useSettled(typed.trim());
  const username = useSettled(person.trim());
  const days = useDays({ from: asked.get("from"), to: asked.get("to") });
  const question = { search, username, from: days.from && dayStart(days.from), to: days.to && dayStart(days.to, 1) };
  const listing = useListing<AuditEntry>("audit", { ...question, limit });
  const opened = asked.get("open");
  const all = columns();
  const clear = () => (setTyped(""), setPerson(""), days.clear());
  return (
    <>
      <Head title={t("menu.audit")} text={t("audit.text")}>
        {allowed("audit.export") && <a class="button button-plain" href={`/panel/audit/export${query(question)}`} download="audit.csv"><Icon name="download" size={18} /> <span>{t("audit.export")}</span></a>}
        <Button icon="refresh" busy={listing.busy} onClick={listing.again}>{t("do.refresh")}</Button>
      </Head>
      <div class="tools">
        <Search value={typed} onChange={setTyped} label={t("audit.search")} to={firstRow} />
        <input class="input tools-line" type="search" autocomplete="off" aria-label={t("audit.person")} placeholder={t("audit.person")} value={person} onInput={(e) => setPerson(e.currentTarget.value)} />
        <DaysChoice days={days} />
        <span class="tools-space" />
        <Columns columns={all} shown={(name) => !hidden.includes(name)} onShow={(name, on) => setHidden(on ? hidden.filter((one) => one !== name) : [...hidden, name])} />
      </div>
      {listing.refused && !listing.rows ? (
        <div class="table-frame"><ListRefused refused={listing.refused} again={listing.again} /></div>
      ) : (
        <Table
          label={t("menu.audit")}
          columns={all.filter((column) => !hidden.includes(column.name))}
          rows={listing.rows}
          id={(e) => e.id}
          name={(e) => `${who(e)}, ${action(e.action)}, ${moment(e.created_at)}`}
          onOpen={(e) => void look({ open: e.id })}
          busy={listing.busy}
          opened={opened}
          empty={<Empty icon="search" title={t("list.nothing_found")} text={t("audit.nothing_text")}><Button onClick={clear}>{t("list.clear_search")}</Button></Empty>}
        />
      )}
      <Pager listing={listing} limit={limit} onLimit={setLimit} />
      {opened && <Entry key={opened} id={opened} known={listing.rows?.find((e) => e.id === opened)} onClose={() => void look({ open: null })} />}
    </>
  );
}

function Entry({ id, known, onClose }: { id: string; known: AuditEntry | undefined; onClose: () => void }) {
  const [entry, setEntry] = useState<AuditEntry | null>(known ?? null);
  const [refused, setRefused] = useState<Refused | null>(null);
  useEffect(() => {
    if (entry) return;
    void ask<AuditEntry>("GET", `audit/${encodeURIComponent(id)}`).then((answer) => (answer.ok ? setEntry(answer.body) : setRefused(answer.refused)));
  }, [id]);
  return (
    <Dialog drawer title={entry ? action(entry.action) : t("menu.audit")} onClose={onClose} under={entry && <p class="soft">{fully(entry.created_at)}</p>}>
      {refused && <ListRefused refused={refused} again={onClose} />}
      {!entry && !refused && <Skeleton lines={8} />}
      {entry && <Whole entry={entry} />}
    </Dialog>
  );
}

/** All of it, as it is kept (AUD-18). */
function Whole({ entry }: { entry: AuditEntry }) {
  const facts: [string, preact.ComponentChildren][] = [
    ["username", <bdi>{who(entry)}</bdi>],
    ["ip_address", <bdi class="mono">{entry.ip_address}</bdi>],
    ["request_address", <bdi class="mono">{entry.request_address}</bdi>],
    ["status", <span class="cell-line"><span class="mono">{entry.status}</span><Outcome entry={entry} /></span>],
    ["token", <bdi class="mono">{entry.token}</bdi>],
  ];
  if (entry.error) facts.push(["error", <><bdi class="mono">{entry.error}</bdi>{has(`error.${entry.error}`) && <> · {t(`error.${entry.error}`, { wait: "" })}</>}</>]);
  return (
    <div class="story">
      <dl class="facts">
        {facts.map(([name, value]) => <div key={name}><dt>{t(`audit.${name}`)}</dt><dd>{value}</dd></div>)}
      </dl>
      {entry.request_parameters && (
        <section>
          <h3 class="cell-line">{t("audit.request_parameters")} <Copy text={entry.request_parameters} what={t("audit.request_parameters")} /></h3>
          <pre class="mono small audit-parameters">{pretty(entry.request_parameters)}</pre>
          {entry.parameters_cut && <p class="notice tone-wait"><Icon name="info" size={18} /> <span>{t("audit.cut")}</span></p>}
        </section>
      )}
    </div>
  );
}

/** The query as it is, the form with a line a field. Pure. */
export function pretty(parameters: string): string {
  return parameters
    .split("\n")
    .map((line) => {
      try {
        return line.startsWith("{") ? JSON.stringify(JSON.parse(line), null, 2) : line;
      } catch {
        return line;
      }
    })
    .join("\n");
}
