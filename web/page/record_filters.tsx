// The filters of the call records: what is chosen stands in the address (CDR-3, CDR-4, CDR-6, CDR-7).
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { shownName } from "../kind/ref";
import { look, place } from "../link/route";
import { resource, resources } from "../link/schema";
import { Icon } from "../part/icon";
import { Menu } from "../part/menu";
import { one, t } from "../word/words";
import { Records } from "./filters";
import { useSettled } from "./listing";

const choices: Record<string, string[]> = {
  call_type: ["inbound", "outbound", "click_to_call", "dialer", "internal", "voice_notice", "play_and_collect", "barge", "whisper", "listen", "pickup", "park"],
  call_outcome: ["answered", "not_answered", "failed"],
  hangup_reason: ["normal", "no_answer", "call_failed", "blacklist", "call_limit", "called_busy", "called_rejected", "caller_cancelled", "call_timeout", "queue_wait_exit", "queue_timeout", "queue_empty_refused", "queue_empty_overflow", "queue_full", "queue_no_agent_exit", "recognition_error", "powered_off", "suspended", "other", "call_error", "transferred"],
  recording: ["kept", "incomplete", "lost", "none"],
};
const typed = ["original_caller_number", "actual_caller_number", "original_called_number", "actual_called_number", "access_number", "agent_number", "group_number", "department_name", "campaign_name", "talk_from", "talk_to"];
const figures = new Set(["talk_from", "talk_to"]);

/** Of a call these stand in its record, however they are called by now. Who may not see them types the name that they had. */
const records = ["package", "department", "campaign"];
const isChosen = (noun: string) => Boolean(resource(noun));
/** What is not offered is not asked either, such as by an old link to a package that the office has no more. */
const isOffered = (name: string) => !records.includes(name) || !resources.value || isChosen(name);

export function recordFiltersAsked(): Record<string, string> {
  const asked = place.value.query;
  return Object.fromEntries([...Object.keys(choices), ...records, ...typed].filter((name) => asked.get(name) && isOffered(name)).map((name) => [name, asked.get(name)!]));
}

const word = (name: string, value: string) => t(name === "recording" ? `recording_state.${value}` : `${name}.${value}`);

export function RecordFilters({ asked }: { asked: Record<string, string> }) {
  return (
    <>
      {records.filter(isChosen).map((name) => <OfRecords key={name} name={name} chosen={asked[name]?.split(",") ?? []} />)}
      {Object.entries(choices).map(([name, values]) => <Chosen key={name} name={name} values={values} chosen={asked[name]?.split(",") ?? []} />)}
      <Typed asked={asked} />
      {Object.keys(asked).length > 0 && <button type="button" class="button button-quiet button-small" onClick={() => void look(Object.fromEntries(Object.keys(asked).map((name) => [name, null])))}>{t("filter.clear")}</button>}
    </>
  );
}

const toggled = (name: string, chosen: string[], value: string) => void look({ [name]: (chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]).join(",") || null });

type One = { name: string; chosen: string[] };

function Choice({ label, said, children }: { label: string; said: string[]; children: () => ComponentChildren }) {
  return (
    <Menu label={said.length ? `${label}: ${said.join(", ")}` : label} side="left" look={said.length ? "button button-plain filter filter-on" : "button button-plain filter"} face={<><span>{label}{said.length > 0 && ":"}</span>{said.length > 0 && <bdi class="filter-said">{said.slice(0, 2).join(", ")}{said.length > 2 && ` +${said.length - 2}`}</bdi>}<Icon name="down" size={14} /></>}>
      {children}
    </Menu>
  );
}

function OfRecords({ name, chosen }: One) {
  return (
    <Choice label={one(name)} said={chosen.map((id) => shownName(name, id))}>
      {() => <Records noun={name} chosen={chosen} only={{}} onToggle={(value) => toggled(name, chosen, value)} />}
    </Choice>
  );
}

function Chosen({ name, values, chosen }: One & { values: string[] }) {
  return (
    <Choice label={t(`call_record.${name}`)} said={chosen.map((value) => word(name, value))}>
      {() => values.map((value) => (
        <label class="menu-item" key={value}>
          <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggled(name, chosen, value)} />
          <bdi>{word(name, value)}</bdi>
        </label>
      ))}
    </Choice>
  );
}

/** What is typed, in one panel: eleven buttons would fill the strip. */
function Typed({ asked }: { asked: Record<string, string> }) {
  // A name that an old link asks for can be seen and taken away.
  const lines = typed.filter((name) => asked[name] || !isChosen(name.replace("_name", "")));
  const count = lines.filter((name) => asked[name]).length;
  return (
    <Menu label={t("call_records.more_filters")} side="left" look={count ? "button button-plain filter filter-on" : "button button-plain filter"} face={<><span>{t("call_records.more_filters")}{count > 0 && ` (${count})`}</span><Icon name="down" size={14} /></>}>
      {() => lines.map((name) => <TypedLine key={name} name={name} asked={asked[name] ?? ""} />)}
    </Menu>
  );
}

function TypedLine({ name, asked }: { name: string; asked: string }) {
  const [text, setText] = useState(asked);
  const settled = useSettled(text.trim());
  const ask = (wanted: string) => void (wanted !== asked && look({ [name]: wanted || null }, true));
  useEffect(() => ask(settled), [settled]);
  return (
    <label class="filter-typed">
      <span>{t(`call_record.${name}`)}</span>
      <input class="input" type="search" autocomplete="off" inputMode={figures.has(name) ? "numeric" : undefined} value={text} onInput={(e) => setText(e.currentTarget.value)} onChange={(e) => ask(e.currentTarget.value.trim())} />
    </label>
  );
}
