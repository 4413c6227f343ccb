// What is wrong now, as one list with what to do; the bell that counts it; and who called for help (BOX-8, OUT-46, OUT-67).
import { useState } from "preact/hooks";
import { alarms, sinceSeconds } from "../link/live";
import { ask } from "../link/request";
import type { AlarmRow } from "../link/rows";
import { allowed, session } from "../link/session";
import { Button } from "../part/button";
import { confirm } from "../part/dialog";
import { Icon } from "../part/icon";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { fully, span } from "../word/time";
import { has, t } from "../word/words";
import { fullAt } from "./disk";

/** The longest first. */
const all = () => [...alarms.value.values()].sort((one, other) => one.since.localeCompare(other.since));

/** The word of what is wrong; some kinds have one for each reason. */
const word = (row: AlarmRow) => (has(`alarm.${row.kind}.${row.reason}`) ? `alarm.${row.kind}.${row.reason}` : `alarm.${row.kind}`);

/** What is wrong, in a sentence. */
export function sentence(row: AlarmRow): string {
  const reason = has(`trunk.reason.${row.reason}`) ? t(`trunk.reason.${row.reason}`) : row.reason;
  const limit = has(`ways.limit.${row.limit}`) ? t(`ways.limit.${row.limit}`) : row.limit;
  const who = [row.agent_number, row.name, row.department_name].filter(Boolean).join(" ");
  return t(word(row), { name: row.name, reason: row.code === null ? reason : `${reason} (${row.code})`, limit, percent: row.percent, number: row.number, who, address: row.address || t("word.unknown") });
}

async function act(row: AlarmRow, deed: "confirm" | "release"): Promise<void> {
  const answer = await ask("POST", `alarms/${encodeURIComponent(row.alarm)}/${deed}`, {});
  if (!answer.ok) say(refusalSentence(answer.refused), "bad");
  else if (deed === "release") say(t("alarm.released"));
}

function Release({ row }: { row: AlarmRow }) {
  const [busy, setBusy] = useState(false);
  const release = async () => {
    if (!(await confirm({ title: t("alarm.release_title"), text: t("alarm.release_text"), yes: t("alarm.release") }))) return;
    setBusy(true);
    await act(row, "release");
    setBusy(false);
  };
  return <Button small icon="unlock" busy={busy} onClick={() => void release()}>{t("alarm.release")}</Button>;
}

/** The list of the page Box. */
export function Alarms() {
  const rows = all();
  return (
    <section class="panel panel-wide" id="alarms">
      <h2>{t("alarm.title")}</h2>
      {rows.length === 0 && <p class="soft">{t("alarm.none")}</p>}
      <ul class="history">
        {rows.map((row) => (
          <li key={row.alarm}>
            <header class="history-head">
              <strong class="cell-line"><Icon name="warning" size={18} /> <bdi>{sentence(row)}</bdi></strong>
              <time class="small soft tabular" dateTime={row.since} title={fully(row.since)}>{t("alarm.since", { span: span(sinceSeconds(row.since)) })}</time>
            </header>
            {row.text && <p><bdi class="small soft">{row.text}</bdi></p>}
            {row.numbers.length > 0 && <p>{t("alarm.last_numbers")} {row.numbers.map((number, at) => <bdi key={at} class="mono">{number} </bdi>)}</p>}
            {row.kind === "disk_fills" && <p>{fullAt(row.full_at)}</p>}
            <p class="soft">{t(`${word(row)}.do`)}</p>
            {row.confirmed_by.length > 0 && <p class="small soft">{t("alarm.confirmed_by", { who: row.confirmed_by.join(", ") })}</p>}
            {row.kind === "budget" && allowed("fraud_limit.edit") && <p><Release row={row} /></p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** For whoever may see the box. */
export function Bell() {
  if (!allowed("box.view")) return null;
  const n = alarms.value.size;
  return (
    <a class={n ? "button button-quiet bell bell-on" : "button button-quiet bell"} href="/box#alarms" aria-label={t("alarm.bell", { n })} title={t("alarm.bell", { n })}>
      <Icon name="bell" size={18} />
      {n > 0 && <span class="side-count side-count-bad" aria-hidden="true">{n}</span>}
    </a>
  );
}

/** A call for help stays before everybody's eyes until they have confirmed it. */
export function Help() {
  const own = session.value?.account?.username ?? "";
  const open = all().filter((row) => row.kind === "emergency" && !row.confirmed_by.includes(own));
  return (
    <div role="alert">
      {open.map((row) => (
        <div key={row.alarm} class="notice tone-bad warned">
          <Icon name="warning" size={18} />
          <span><strong><bdi>{sentence(row)}</bdi></strong> <time class="small tabular" dateTime={row.since} title={fully(row.since)}>{t("alarm.since", { span: span(sinceSeconds(row.since)) })}</time></span>
          <Button small onClick={() => void act(row, "confirm")}>{t("alarm.confirm")}</Button>
        </div>
      ))}
    </div>
  );
}
