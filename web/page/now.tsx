// The office now: what needs a look, who does what, how full the box is, and the calls of the day by the hour.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { agents, box, calls, known, second, sinceSeconds } from "../link/live";
import { nameOf } from "../link/people";
import type { AgentRow, AgentState } from "../link/rows";
import { Badge } from "../part/badge";
import { Button } from "../part/button";
import { Bars, Meter, Shares } from "../part/chart";
import { Icon } from "../part/icon";
import { Skeleton } from "../part/skeleton";
import { allowed } from "../link/session";
import { figure, hourOf, length, today } from "../word/time";
import { t } from "../word/words";
import { entryOf } from "./chapters";
import { summed, useDay, wholeDay, type CallHour } from "./day";
import { Head } from "./frame";
import { agentTones, agentWord, CallBadge } from "./state";
import { ToDo } from "./to_do";
import { troubles } from "./trouble";

/** What is wrong is listed in full only for whoever asks: a broken network has a line for every call. */
const troublesShown = 4;
/** Of a thousand agents those are drawn who do something; the rest when they are asked for. */
const crewShown = 60;
const order: AgentState[] = ["talking", "ringing", "idle", "paused", "phone_offline"];

export function Now() {
  const counts = allowed("call_record.view");
  const day = useDay(counts);
  return (
    <>
      <Head title={t("menu.now")} text={t("now.text")} />
      <Troubles />
      <Begin />
      <ToDo />
      <div class="tiles"><Tiles day={day} /></div>
      <div class="now">
        <Office />
        {day !== undefined && <Day day={day} />}
        <Up />
      </div>
    </>
  );
}

function Troubles() {
  const [all, showAll] = useState(false);
  const list = troubles.value;
  const shown = all || list.length <= troublesShown + 1 ? list : list.slice(0, troublesShown);
  return (
    <section class="troubles" aria-live="polite" aria-label={t("now.troubles")}>
      {shown.map((ill) => (
        <a key={ill.key} class={`notice tone-${ill.tone}`} href={ill.path}>
          <Icon name="warning" size={18} /> <span>{t(ill.word, ill.values)}</span>
        </a>
      ))}
      {shown.length < list.length && <div><Button onClick={() => showAll(true)}>{t("calls.more", { n: list.length - shown.length })}</Button></div>}
    </section>
  );
}

/** What to do first in an office whose phones have not spoken yet. */
function Begin() {
  const figures = box.value;
  if (!figures || figures.registered_devices > 0 || !allowed("agent.add")) return null;
  const none = agents.value.size === 0;
  return (
    <section class="panel begin">
      <h2>{t("begin.title")}</h2>
      <ol class="steps">
        <li class={none ? undefined : "step-done"}>{none ? <a href="/agents?open=new">{t("begin.agent")}</a> : <>{t("begin.agent")}<span class="unseen"> {t("do.done")}</span></>}</li>
        <li>{none ? t("begin.phone") : <a href="/agents">{t("begin.phone")}</a>}</li>
        <li>{t("begin.call")}</li>
      </ol>
    </section>
  );
}

function Tiles({ day }: { day: CallHour[] | null | undefined }) {
  if (!known.value) return <div class="panel tile"><Skeleton lines={2} /></div>;
  const figures = box.value;
  const full = figures?.max_calls ? figures.calls / figures.max_calls : 0;
  return (
    <>
      <a class="panel tile" href="/calls">
        <span class="tile-word">{t("now.calls")}</span>
        <span class="tile-figure">{figure(figures?.calls ?? calls.value.size)}</span>
        {figures && <Meter value={figures.calls} max={figures.max_calls} tone={full > 0.9 ? "bad" : full > 0.7 ? "wait" : "good"} text={t("now.calls_of", { n: figures.calls, max: figures.max_calls })} />}
        {figures && <span class="small soft">{t("now.calls_of", { n: figure(figures.calls), max: figure(figures.max_calls) })}</span>}
      </a>
      <Crew />
      {day && <Today day={day} />}
      {figures && (
        <Tile to="/box">
          <span class="tile-word">{t("now.box")}</span>
          <span class="tile-figure tile-said">{t(figures.refusing ? "now.refusing" : troubles.value.some((one) => one.tone === "bad") ? "now.look" : "now.fine")}</span>
          <span class="small soft">{t("now.devices", { n: figures.registered_devices })}</span>
          <span class="small soft">{t("now.refused", { n: figure(figures.calls_refused) })}</span>
        </Tile>
      )}
    </>
  );
}

/** The agents by what they are doing. */
function Crew() {
  const all = [...agents.value.values()];
  const counted = order.map((state) => ({ state, tone: agentTones[state], value: all.filter((agent) => agent.state === state).length }));
  const online = all.length - counted.at(-1)!.value;
  return (
    <Tile to="/agents">
      <span class="tile-word">{t("now.reachable")}</span>
      <span class="tile-figure">{figure(online)}<span class="tile-of">/ {figure(all.length)}</span></span>
      <Shares parts={counted} text={counted.map(({ state, value }) => `${t(`agent_state.${state}`)} ${value}`).join(", ")} />
      <span class="cell-line small">{counted.map(({ state, tone, value }) => <Badge key={state} bare tone={tone}>{t(`agent_state.${state}`)} {figure(value)}</Badge>)}</span>
    </Tile>
  );
}

function Today({ day }: { day: CallHour[] }) {
  const { answered, missed } = summed(day);
  const all = answered + missed;
  return (
    <Tile to="/call_records">
      <span class="tile-word">{t("now.day")}</span>
      <span class="tile-figure">{figure(all)}</span>
      <Meter value={answered} max={all} text={t("now.day_chart", { answered, missed })} />
      <span class="small soft">{t("now.answered_of", { n: figure(answered), max: figure(all) })}</span>
    </Tile>
  );
}

/** Leads to a page where the person may see it. */
function Tile({ to, children }: { to: string; children: ComponentChildren }) {
  return entryOf(to) ? <a class="panel tile" href={to}>{children}</a> : <div class="panel tile">{children}</div>;
}

function Office() {
  const [whole, showWhole] = useState(false);
  const all = [...agents.value.values()].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.agent_number.localeCompare(b.agent_number, undefined, { numeric: true }));
  const shown = whole || all.length <= crewShown + 1 ? all : all.slice(0, crewShown);
  return (
    <section class="panel now-office">
      <h2>{t("now.agents")}</h2>
      {!known.value && <Skeleton />}
      {known.value && all.length === 0 && <p class="soft">{t("now.no_agents")} {allowed("agent.add") && <a href="/agents?open=new">{t("do.add_one", { one: t("agent.one") })}</a>}</p>}
      <ul class="crew">
        {shown.map((agent) => <Member key={agent.agent_number} agent={agent} />)}
      </ul>
      {shown.length < all.length && <div><Button onClick={() => showWhole(true)}>{t("calls.more", { n: all.length - shown.length })}</Button></div>}
    </section>
  );
}

function Member({ agent }: { agent: AgentRow }) {
  const call = [...calls.value.values()].find((one) => one.caller_number === agent.agent_number || one.called_number === agent.agent_number);
  const other = call && (call.caller_number === agent.agent_number ? call.called_name || call.called_number : call.caller_name || call.caller_number);
  return (
    <li class={`member tone-${agentTones[agent.state]}`}>
      <span class="member-number mono">{agent.agent_number}</span>
      <bdi class="member-name">{nameOf(agent.agent_number)}</bdi>
      <span class="member-state">
        <Badge bare tone={agentTones[agent.state]}>{agentWord(agent)}</Badge>
        {agent.dnd && <Badge bare tone="bad">{t("agent_state.dnd")}</Badge>}
        {other && <span class="soft member-other"><Icon name="arrow" size={14} /> <bdi>{other}</bdi></span>}
      </span>
      {agent.state !== "phone_offline" && <span class="tabular soft">{length(sinceSeconds(agent.since, second.value))}</span>}
    </li>
  );
}

function Day({ day }: { day: CallHour[] | null }) {
  const nowHour = hourOf(Date.now());
  const hours = wholeDay(day ?? [], nowHour);
  const { answered, missed } = summed(day ?? []);
  return (
    <section class="panel now-day">
      <header class="panel-head">
        <h2>{t("now.day")}</h2>
        <a class="small" href={`/call_records?from=${today()}&to=${today()}`}>{t("now.day_records")}</a>
      </header>
      {day === null ? (
        <Skeleton />
      ) : (
        <>
          <p class="cell-line small">
            <Badge bare tone="good">{t("call_outcome.answered")} {figure(answered)}</Badge>
            <Badge bare tone="off">{t("now.missed")} {figure(missed)}</Badge>
          </p>
          <Bars
            label={t("now.day_chart", { answered, missed })}
            bars={hours.map(({ hour, answered, missed }) => ({
              label: String(hour),
              text: t("now.hour", { hour, answered, missed }),
              parts: [{ tone: "good", value: answered }, { tone: "off", value: missed }],
            }))}
          />
        </>
      )}
    </section>
  );
}

function Up() {
  const all = [...calls.value.values()].sort((a, b) => b.started_at.localeCompare(a.started_at));
  const shown = 8;
  return (
    <section class="panel now-up">
      <header class="panel-head">
        <h2>{t("menu.calls")}</h2>
        <a class="small" href="/calls">{t("now.all_calls")}</a>
      </header>
      {known.value && all.length === 0 && <p class="soft">{t("calls.empty_title")}</p>}
      <ul class="plain-list">
        {all.slice(0, shown).map((call) => (
          <li key={call.call_id}>
            <span class="call-who-line"><bdi>{call.caller_name || call.caller_number}</bdi> <Icon name="arrow" size={14} /> <bdi>{call.called_name || call.called_number}</bdi></span>
            <CallBadge call={call} />
            <span class="tabular soft">{length(sinceSeconds(call.answered_at ?? call.started_at, second.value))}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
