// What is kept of every call, newest first: search, days, outcome, and the story of one call.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, query, type Refused } from "../link/request";
import { look, place } from "../link/route";
import type { CallRecord } from "../link/rows";
import { allowed, self } from "../link/session";
import { Badge } from "../part/badge";
import { Button } from "../part/button";
import { Copy } from "../part/copy";
import { Dialog } from "../part/dialog";
import { Empty } from "../part/empty";
import { Icon } from "../part/icon";
import { Menu } from "../part/menu";
import { Skeleton } from "../part/skeleton";
import { Table, type Column } from "../part/table";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { clock, dayStart, figure, fully, length, moment, weekdayName } from "../word/time";
import { has, language, one, t } from "../word/words";
import { called, calledName, ended } from "./called";
import { DaysChoice, useDays } from "./days";
import { Head } from "./frame";
import { kept, useKept, useListing, useSettled } from "./listing";
import { Linked, Remark } from "./call_linked";
import { RecordFilters, recordFiltersAsked } from "./record_filters";
import { download, isThere, Recorded, useFound } from "./recording";
import { Figures, Lock, QualityBadge } from "./sound";
import { OutcomeBadge, Who } from "./state";
import { Columns, firstRow, ListRefused, Pager, Search } from "./tools";

const recordName = (record: CallRecord) => `${record.original_caller_name || record.original_caller_number} → ${called(record)}, ${moment(record.started_at)}`;
const worst = (record: CallRecord) => record.sound.reduce<number | null>((least, side) => (side.mos === null ? least : least === null ? side.mos : Math.min(least, side.mos)), null);

function columns(): Column<CallRecord>[] {
  return [
    { name: "started_at", label: t("call_record.started_at"), cell: (r) => <time class="tabular" dateTime={r.started_at} title={fully(r.started_at)}>{moment(r.started_at)}</time> },
    { name: "caller", label: t("call_record.caller"), main: true, cell: (r) => <Who number={r.original_caller_number} name={r.original_caller_name} /> },
    { name: "called", label: t("call_record.called"), cell: (r) => <Who number={called(r)} name={calledName(r)} /> },
    { name: "call_outcome", label: t("call_record.call_outcome"), cell: (r) => <span class="cell-line"><OutcomeBadge outcome={r.call_outcome} />{r.transfer_type !== "none" && <Badge tone="plain">{t(`transfer_type.${r.transfer_type}`)}</Badge>}</span> },
    { name: "hangup_reason", label: t("call_record.hangup_reason"), cell: (r) => t(`hangup_reason.${r.hangup_reason}`) },
    { name: "talk_seconds", label: t("call_record.talk_seconds"), figure: true, cell: (r) => (r.answered_at ? length(r.talk_seconds) : null) },
    { name: "recording", label: t("call_record.recording"), cell: (r) => (r.recording ? <RecordingBadge record={r} /> : null) },
    { name: "sound", label: t("call_record.sound"), cell: (r) => (r.sound.length ? <QualityBadge bare mos={worst(r)} /> : null) },
    ...more.map((name): Column<CallRecord> => ({ name, label: t(`call_record.${name}`), figure: figures.has(name), cell: (r) => detail(name, r) })),
  ];
}

/** Columns that one takes in when they are wanted: beforehand the list shows what fits a screen. */
const more = ["agent_number", "department_name", "group_number", "campaign_name", "original_caller_number", "actual_caller_number", "access_number", "original_access_number", "did_name", "original_called_number", "actual_called_number", "weekday", "is_holiday", "call_hour", "answered_at", "ended_at", "total_seconds", "billed_seconds", "did_billed_seconds", "hold_count", "hold_seconds", "hold_avg_seconds", "call_type", "transferred_from", "custom_content", "caller_region", "called_region", "customer_keys", "hangup_by", "sip_code", "remark", "call_id", "created_at", "server_name"] as const;
type More = (typeof more)[number];
const figures: ReadonlySet<More> = new Set<More>(["call_hour", "total_seconds", "billed_seconds", "did_billed_seconds", "hold_count", "hold_seconds", "hold_avg_seconds"]);
const lengths: ReadonlySet<More> = new Set<More>(["total_seconds", "billed_seconds", "did_billed_seconds", "hold_seconds", "hold_avg_seconds"]);

function detail(name: More, record: CallRecord): ComponentChildren {
  if (name === "agent_number") return record.agent_number ? <Who number={record.agent_number} name={record.agent_name} /> : null;
  if (name === "actual_caller_number") return <Who number={record.actual_caller_number} name={record.actual_caller_name} />;
  if (name === "weekday") return weekdayName(record.weekday - 1);
  if (name === "is_holiday") return t(record.is_holiday ? "word.yes" : "word.no");
  if (name === "call_type" || name === "hangup_by") return t(`${name}.${record[name]}`);
  if (name === "sip_code") return <><span class="mono">{record.sip_code}</span> {has(`sip_code.${record.sip_code}`) && <span class="soft">{t(`sip_code.${record.sip_code}`)}</span>}</>;
  if (lengths.has(name)) return length(Number(record[name]));
  if (figures.has(name)) return figure(Number(record[name]));
  const value = record[name];
  if (value === null || value === "") return null;
  if (name.endsWith("_at")) return <time class="tabular" dateTime={String(value)} title={fully(String(value))}>{moment(String(value))}</time>;
  return <bdi class={texts.has(name) ? undefined : "mono"}>{String(value)}</bdi>;
}

const texts: ReadonlySet<More> = new Set<More>(["server_name", "custom_content", "department_name", "campaign_name", "did_name", "caller_region", "called_region", "remark"]);

function RecordingBadge({ record }: { record: CallRecord }) {
  const { state, seconds } = record.recording!;
  const tones = { kept: "good", incomplete: "wait", open: "busy", lost: "bad", deleted: "off" } as const;
  return <Badge bare tone={tones[state]}>{isThere(record) ? length(seconds) : t(`recording_state.${state}`)}</Badge>;
}

const linesFirst = 20;

/** What the page asks for as the address stands. */
function questionOf({ search, from, to, limit }: { search: string; from: string | null; to: string | null; limit: number }) {
  return { search, from: from && dayStart(from), to: to && dayStart(to, 1), ...recordFiltersAsked(), limit };
}

export function recordsAsked(): string {
  const asked = place.value.query;
  const limit = kept(self(), "call_records", "limit", linesFirst);
  return `call_records${query(questionOf({ search: asked.get("search") ?? "", from: asked.get("from"), to: asked.get("to"), limit }))}`;
}

export function CallRecords() {
  const account = self();
  const [limit, setLimit] = useKept(account, "call_records", "limit", linesFirst);
  const [hidden, setHidden] = useKept<string[]>(account, "call_records", "hidden", [...more]);
  const asked = place.value.query;
  const [typed, setTyped] = useState(asked.get("search") ?? "");
  const search = useSettled(typed.trim());
  const days = useDays({ from: asked.get("from"), to: asked.get("to") });
  const { from, to } = days;
  const filters = recordFiltersAsked();
  const { limit: _, ...question } = questionOf({ search, from, to, limit });
  const listing = useListing<CallRecord>("call_records", { ...question, limit });
  const [heard, setHeard] = useState<CallRecord | null>(null);
  const opened = asked.get("open");
  const all = columns();
  const filtered = Boolean(search || from || to || Object.keys(filters).length);
  const clear = () => (setTyped(""), days.clear(), void look(Object.fromEntries(Object.keys(filters).map((name) => [name, null]))));
  const visible = all.filter((column) => !hidden.includes(column.name));
  return (
    <>
      <Head title={t("menu.call_records")} text={t("call_records.text")}>
        <Button icon="refresh" busy={listing.busy} onClick={listing.again}>{t("do.refresh")}</Button>
        {allowed("call_record.export") && <Button icon="download" disabled={!listing.total} onClick={() => void exportRecords(question, visible.flatMap((column) => inFile(column.name)))}>{t("action.export")}</Button>}
      </Head>
      {heard && <Over key={heard.call_id} record={heard} onClose={() => setHeard(null)} />}
      <div class="tools">
        <Search value={typed} onChange={setTyped} label={t("call_records.search")} to={firstRow} />
        <DaysChoice days={days} />
        <RecordFilters asked={filters} />
        <span class="tools-space" />
        <Columns columns={all} shown={(name) => !hidden.includes(name)} onShow={(name, on) => setHidden(on ? hidden.filter((one) => one !== name) : [...hidden, name])} />
      </div>
      {listing.refused && !listing.rows ? (
        <div class="table-frame"><ListRefused refused={listing.refused} again={listing.again} /></div>
      ) : (
        <Table
          label={t("menu.call_records")}
          columns={visible}
          rows={listing.rows}
          id={(r) => r.call_id}
          name={recordName}
          onOpen={(r) => void look({ open: r.call_id })}
          busy={listing.busy}
          opened={opened}
          menu={(r) => <RowMenu record={r} onHear={() => setHeard(r)} />}
          empty={
            filtered ? (
              <Empty icon="search" title={t("list.nothing_found")} text={t("call_records.nothing_text")}><Button onClick={clear}>{t("list.clear_search")}</Button></Empty>
            ) : (
              <Empty icon="records" title={t("call_records.empty_title")} text={t("call_records.empty_text")} />
            )
          }
        />
      )}
      <Pager listing={listing} limit={limit} onLimit={setLimit} />
      {opened && <Record key={opened} call_id={opened} known={listing.rows?.find((r) => r.call_id === opened)} onClose={() => void look({ open: null })} />}
    </>
  );
}

/** A file names the two columns that the list makes one of. */
const inFile = (name: string) => ({ caller: ["original_caller_number", "original_caller_name"], called: ["original_called_number", "actual_called_number"], sip_code: ["sip_code", "sip_code_text"] })[name] ?? [name];

async function exportRecords(question: Record<string, string | null>, columns: string[]): Promise<void> {
  const answer = await ask("POST", "call_records/export", { ...question, columns, language: language.value });
  if (answer.ok) say(t("export.started"));
  else say(refusalSentence(answer.refused), "bad");
}

/** A recording over the list, brought into sight with the focus on it, wherever in the list one was. */
function Over({ record, onClose }: { record: CallRecord; onClose: () => void }) {
  const self = useRef<HTMLElement>(null);
  const found = useFound(record);
  useEffect(() => self.current?.scrollIntoView({ block: "nearest" }), []);
  useEffect(() => self.current?.querySelector<HTMLElement>("[data-first]")?.focus({ preventScroll: true }), [found]);
  return (
    <section ref={self} class="player-over" aria-label={recordName(record)}>
      <div class="player-of"><bdi>{recordName(record)}</bdi><Button look="quiet" icon="cross" label={t("do.close")} onClick={onClose} /></div>
      {found ? <Recorded record={found} autoplay /> : <Skeleton />}
    </section>
  );
}

function RowMenu({ record, onHear }: { record: CallRecord; onHear: () => void }) {
  const there = isThere(record);
  return (
    <Menu label={t("list.more")} icon="more" iconOnly look="button button-quiet button-small">
      {(shut) => (
        <>
          {there && allowed("call_record.play") && <button type="button" class="menu-item" onClick={() => (shut(), onHear())}><Icon name="play" size={18} /> <span>{t("recording.play")}</span></button>}
          {there && allowed("call_record.download") && <button type="button" class="menu-item" onClick={() => (shut(), void download(record))}><Icon name="download" size={18} /> <span>{t("action.download")}</span></button>}
          <a class="menu-item" href={`/why?call=${encodeURIComponent(record.call_id)}`} onClick={shut}><Icon name="search" size={18} /> <span>{t("why_call.open")}</span></a>
        </>
      )}
    </Menu>
  );
}

function Record({ call_id, known, onClose }: { call_id: string; known: CallRecord | undefined; onClose: () => void }) {
  // What the list knows is shown at once; whether the recording is as it was is only known of one.
  const [record, setRecord] = useState<CallRecord | null>(known ?? null);
  const [refused, setRefused] = useState<Refused | null>(null);
  useEffect(() => {
    void ask<CallRecord>("GET", `call_records/${encodeURIComponent(call_id)}`).then((answer) => (answer.ok ? setRecord(answer.body) : setRefused(answer.refused)));
  }, [call_id]);
  return (
    <Dialog drawer title={one("call_record")} onClose={onClose} under={record && <p class="soft">{fully(record.started_at)}</p>}>
      {refused && <ListRefused refused={refused} again={onClose} />}
      {!record && !refused && <Skeleton lines={8} />}
      {record && <Story record={record} />}
    </Dialog>
  );
}

type Step = { at: string | null; word: string; name?: string; extra?: string; tone: string };

/** What happened in order. Holds have no moments of their own in a record, so they stand between answer and end. Pure. */
export function steps(record: CallRecord): Step[] {
  const list: Step[] = [{ at: record.started_at, word: "step.started", tone: "wait" }];
  if (record.answered_at) list.push({ at: record.answered_at, word: "step.answered", extra: length((Date.parse(record.answered_at) - Date.parse(record.started_at)) / 1000), tone: "good" });
  if (record.hold_count) list.push({ at: null, word: "step.held", extra: `${record.hold_count} × · ${length(record.hold_seconds)}`, tone: "off" });
  if (record.transfer_type !== "none") list.push({ at: null, word: `step.transfer_${record.transfer_type}`, tone: "busy" });
  if (record.ended_at) list.push({ at: record.ended_at, ...ended(record), tone: record.call_outcome === "failed" ? "bad" : "off" });
  return list;
}

function Story({ record }: { record: CallRecord }) {
  const facts: [string, preact.ComponentChildren][] = [
    ["call_type", t(`call_type.${record.call_type}`)],
    ["hangup_reason", t(`hangup_reason.${record.hangup_reason}`)],
    ["hangup_by", t(`hangup_by.${record.hangup_by}`)],
    ["sip_code", <><span class="mono">{record.sip_code}</span> <bdi>{has(`sip_code.${record.sip_code}`) ? t(`sip_code.${record.sip_code}`) : record.sip_code_text}</bdi></>],
    ["total_seconds", length(record.total_seconds)],
    ["talk_seconds", length(record.talk_seconds)],
  ];
  if (record.transferred_from) facts.push(["transferred_from", <bdi>{record.transferred_from}</bdi>]);
  if (record.parent_call_id) facts.push(["parent_call_id", <a href={`/call_records?open=${encodeURIComponent(record.parent_call_id)}`}>{t("call_record.parent_open")}</a>]);
  if (record.did_name || record.access_number) facts.push(["access_number", <bdi>{[record.did_name, record.access_number].filter(Boolean).join(" · ")}</bdi>]);
  if (record.customer_keys) facts.push(["customer_keys", <bdi class="mono">{record.customer_keys}</bdi>]);
  if (record.custom_content) facts.push(["custom_content", <bdi>{record.custom_content}</bdi>]);
  facts.push(["server_name", <bdi>{record.server_name}</bdi>], ["call_id", <span class="cell-line"><bdi class="mono small">{record.call_id}</bdi><Copy text={record.call_id} what={t("call_record.call_id")} /></span>]);
  return (
    <div class="story">
      <div class="call-who">
        <Who number={record.original_caller_number} name={record.original_caller_name} />
        <span class="call-arrow"><Icon name="arrow" size={18} /><span class="unseen">{t("calls.to")}</span></span>
        <Who number={called(record)} name={calledName(record)} />
      </div>
      <p class="cell-line"><OutcomeBadge outcome={record.call_outcome} />{record.transfer_type !== "none" && <Badge tone="plain">{t(`transfer_type.${record.transfer_type}`)}</Badge>}</p>
      <p><a class="button button-plain" href={`/why?call=${encodeURIComponent(record.call_id)}`}><Icon name="search" size={18} /> <span>{t("why_call.open")}</span></a></p>
      {record.recording && <Recorded record={record} />}
      <section>
        <h3>{t("story.title")}</h3>
        <ol class="timeline">
          {steps(record).map((step, n) => (
            <li key={n} class={`tone-${step.tone}`}>
              <span class="tabular soft">{step.at ? <time dateTime={step.at}>{clock(step.at)}</time> : ""}</span>
              <span>{t(step.word, { name: step.name ?? "" })}{step.extra && <span class="soft tabular"> · {step.extra}</span>}</span>
            </li>
          ))}
        </ol>
      </section>
      {record.sound.length > 0 && (
        <section>
          <h3>{t("story.sound")}</h3>
          <div class="call-sides">
            {record.sound.map((side, n) => (
              <section class="call-side" key={n} aria-label={side.number}>
                <header class="call-side-head">
                  <span class="cell-line"><Lock encrypted={side.encrypted} /><bdi>{side.number || t(n === 0 ? "call_record.caller" : "call_record.called")}</bdi></span>
                  <QualityBadge mos={side.mos} />
                </header>
                <Figures {...side} />
                {(side.one_way || side.silent) && <p class="notice tone-bad"><Icon name="warning" size={18} /> <span>{t(side.one_way ? "story.one_way" : "story.silent")}</span></p>}
              </section>
            ))}
          </div>
        </section>
      )}
      <Linked record={record} />
      <Remark record={record} />
      <section>
        <h3>{t("story.facts")}</h3>
        <dl class="facts">
          {facts.map(([name, value]) => <div key={name}><dt>{t(`call_record.${name}`)}</dt><dd>{value}</dd></div>)}
        </dl>
      </section>
    </div>
  );
}
