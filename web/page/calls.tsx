// Calls in progress: both sides, how long, how they sound, and the way to end one.
import { useState } from "preact/hooks";
import { calls, known, second, sinceSeconds } from "../link/live";
import { ask } from "../link/request";
import type { CallRow } from "../link/rows";
import { Badge } from "../part/badge";
import { Button } from "../part/button";
import { confirm } from "../part/dialog";
import { Empty } from "../part/empty";
import { Icon } from "../part/icon";
import { Skeleton } from "../part/skeleton";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { clock, length } from "../word/time";
import { t } from "../word/words";
import { Head } from "./frame";
import { Lock, QualityBadge, Side } from "./sound";
import { CallBadge, Who } from "./state";
import { Search } from "./tools";
import { sideIll } from "./trouble";

/** Up to so many calls are shown with their sound; more of them as lines to open. */
const openMax = 6;
const linesMax = 100;

const who = (number: string, name: string) => name || number || t("word.unknown");

/** Whether a call has the typed text in one of its numbers or names (LST-4, LST-5). */
export function meets(call: CallRow, typed: string): boolean {
  const text = typed.trim().toLowerCase();
  return !text || [call.caller_number, call.caller_name, call.called_number, call.called_name].some((part) => part.toLowerCase().includes(text));
}

/** The caller's side comes first; a side after a transfer has its own number and no name here. */
function sideName(call: CallRow, n: number): string {
  const [number, name] = n === 0 ? [call.caller_number, call.caller_name] : [call.called_number, call.called_name];
  const own = call.sides[n]?.number || number;
  return own === number && name ? `${own} ${name}` : own;
}

async function hangUp(call: CallRow): Promise<void> {
  const names = { caller: who(call.caller_number, call.caller_name), called: who(call.called_number, call.called_name) };
  if (!(await confirm({ title: t("hang_up.title"), text: t("hang_up.text", names), yes: t("do.hang_up"), danger: true }))) return;
  const answer = await ask("DELETE", `calls/${encodeURIComponent(call.call_id)}`);
  if (answer.ok) say(t("hang_up.done"));
  else say(refusalSentence(answer.refused), "bad");
}

type Wish = "record" | "pause_recording" | "resume_recording";

async function wish(call: CallRow, what: Wish): Promise<void> {
  const answer = await ask("POST", `calls/${encodeURIComponent(call.call_id)}/${what}`);
  if (!answer.ok) say(refusalSentence(answer.refused), "bad");
}

/** What can be done to the recording of a call: made on demand, paused while a card number is said (CDR-10). */
function Recording({ call }: { call: CallRow }) {
  if (call.recording === null) return null;
  const next: Wish = call.recording === "off" ? "record" : call.recording === "runs" ? "pause_recording" : "resume_recording";
  return (
    <>
      <span class="call-recording" aria-live="polite">
        {call.recording !== "off" && <Badge tone={call.recording === "runs" ? "busy" : "wait"}>{t(`calls.recording.${call.recording}`)}</Badge>}
      </span>
      <Button small look="quiet" icon={next === "pause_recording" ? "pause" : "record"} onClick={() => void wish(call, next)}>{t(`do.${next}`)}</Button>
    </>
  );
}

/** Counts in the page: a passing second is not sent. */
function Running({ since }: { since: string }) {
  return <time class="tabular call-length" dateTime={since} title={clock(since)}>{length(sinceSeconds(since, second.value))}</time>;
}

function Call({ call, open: first }: { call: CallRow; open: boolean }) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const ill = call.sides.some((side) => sideIll(side));
  const open = chosen ?? (first || ill);
  const heard = call.sides.flatMap((side) => (side.mos === null ? [] : [side.mos]));
  const names = [who(call.caller_number, call.caller_name), who(call.called_number, call.called_name)];
  return (
    <article class="call" aria-label={`${names[0]} → ${names[1]}`}>
      <header class="call-head">
        <div class="call-who">
          <Who number={call.caller_number} name={call.caller_name} />
          <span class="call-arrow"><Icon name="arrow" size={18} /><span class="unseen">{t("calls.to")}</span></span>
          <Who number={call.called_number} name={call.called_name} />
        </div>
        <div class="cell-line call-state">
          {!open && heard.length > 0 && <QualityBadge bare mos={Math.min(...heard)} />}
          <Recording call={call} />
          <Lock encrypted={call.encrypted} />
          <span aria-live="polite"><CallBadge call={call} /></span>
          <Running since={call.answered_at ?? call.started_at} />
          {call.sides.length > 0 && (
            <button type="button" class="button button-quiet button-icon button-small call-open" aria-expanded={open} aria-label={t("calls.sound")} title={t("calls.sound")} onClick={() => setChosen(!open)}>
              <Icon name="down" size={16} />
            </button>
          )}
          <Button small look="danger" icon="hangup" onClick={() => void hangUp(call)}>{t("do.hang_up")}</Button>
        </div>
      </header>
      {open && call.sides.length > 0 && (
        <div class="call-sides">
          {call.sides.map((side, n) => <Side key={n} call_id={call.call_id} n={n} side={side} name={sideName(call, n)} />)}
        </div>
      )}
    </article>
  );
}

export function Calls() {
  const [typed, setTyped] = useState("");
  const [lines, setLines] = useState(linesMax);
  const all = [...calls.value.values()].sort((a, b) => b.started_at.localeCompare(a.started_at));
  const found = all.filter((call) => meets(call, typed));
  return (
    <>
      <Head title={t("menu.calls")} text={t("calls.text")} />
      {all.length > 1 && (
        <div class="tools">
          <Search value={typed} onChange={setTyped} label={t("calls.search")} />
        </div>
      )}
      <p class="unseen" role="status">{t("calls.count", { n: all.length })}</p>
      {!known.value ? (
        <div class="table-frame"><Skeleton lines={6} /></div>
      ) : all.length === 0 ? (
        <div class="table-frame"><Empty icon="calls" title={t("calls.empty_title")} text={t("calls.empty_text")} /></div>
      ) : found.length === 0 ? (
        <div class="table-frame"><Empty icon="search" title={t("list.nothing_found")} text={t("list.nothing_found_text", { search: typed })} /></div>
      ) : (
        <div class="call-list">{found.slice(0, lines).map((call) => <Call key={call.call_id} call={call} open={found.length <= openMax} />)}
          {found.length > lines && <Button onClick={() => setLines(lines + linesMax)}>{t("calls.more", { n: found.length - lines })}</Button>}
        </div>
      )}
    </>
  );
}
