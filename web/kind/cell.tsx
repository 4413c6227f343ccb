// A value of any kind as it stands in a list or beside what cannot be changed.
import type { ComponentChildren } from "preact";
import type { Field } from "../link/schema";
import { Badge, type Tone } from "../part/badge";
import { Icon } from "../part/icon";
import { bytes, day, figure, fully, length, moment, weekdayName } from "../word/time";
import { named } from "../word/named";
import { t } from "../word/words";
import { wordOf } from "./choice";
import { plain } from "./cleaned";
import { targetNoun, type Value as Destination } from "./destination";
import { attachedName } from "./file";
import { hidden } from "./kinds";
import { count, type Level } from "./outline";
import { formOf, readPeriod } from "./periods";
import { Named } from "./ref";
import { readWeek, said } from "./week";
import { lengthWord } from "./written_time";

/** The colours of the states that many nouns share. */
const tones: Record<string, Tone> = { enabled: "good", open: "good", done: "good", approved: "good", active: "good", running: "busy", pending: "wait", waiting: "wait", hidden: "plain", disabled: "off", closed: "off", cancelled: "off", rejected: "bad", failed: "bad" };
const shownMax = 3;

/** Null: there is nothing to say. */
export function cell(noun: string, f: Field, value: unknown): ComponentChildren {
  if (value === null || value === undefined || value === "" || hidden.has(f.kind)) return null;
  if (Array.isArray(value)) return several(noun, f, value);
  const draw = kinds[f.kind];
  return draw ? draw(value as never, noun, f) : <bdi>{String(value)}</bdi>;
}

function several(noun: string, f: Field, values: unknown[]): ComponentChildren {
  if (!values.length) return null;
  if (f.kind === "weekly") return week(values);
  if (f.kind === "levels") return figure(count(values as Level[]));
  if (f.item?.kind === "period") return periods(values.map(String));
  if (!f.item || f.item.kind === "row" || f.kind !== "list") return t("cell.entries", { n: values.length });
  const item = f.item;
  return (
    <span class="cell-several">
      {values.slice(0, shownMax).map((one, n) => <span key={n} class="cell-one">{cell(noun, item, one)}</span>)}
      {values.length > shownMax && <span class="soft small">+{values.length - shownMax}</span>}
    </span>
  );
}

/** Of a week in a line; of the others as they stand. */
function periods(lines: string[]): ComponentChildren {
  if (formOf(lines[0]!) === "weekly") return week(lines.map(readPeriod));
  return lines.slice(0, shownMax).join(", ") + (lines.length > shownMax ? ` +${lines.length - shownMax}` : "");
}

function week(value: unknown): ComponentChildren {
  const day = (n: number) => weekdayName(n, "short");
  return said(readWeek(value)).map(({ first, last, times }) => `${day(first)}${last > first ? `–${day(last)}` : ""} ${times}`).join("; ");
}

const mono = (value: unknown) => <bdi class="mono">{String(value)}</bdi>;

const kinds: Record<string, (value: never, noun: string, f: Field) => ComponentChildren> = {
  choice: (value: string, noun, f) => {
    const word = wordOf(noun, f, value);
    return tones[value] && /status|state/.test(f.name) ? <Badge tone={tones[value]}>{word}</Badge> : word;
  },
  switch: (value: boolean) => (value ? <Badge bare tone="good">{t("word.yes")}</Badge> : <span class="soft">{t("word.no")}</span>),
  ref: (value: string, _, f) => <Named noun={f.to ?? ""} id={value} />,
  destination: ({ type, target }: Destination) => {
    const noun = targetNoun(type);
    return (
      <span class="cell-line">
        <span class={target ? "soft" : undefined}>{t(`destination.${type}`)}</span>
        {noun && target && <Named noun={noun} id={target} />}
        {!noun && target && <bdi class="mono">{target}</bdi>}
      </span>
    );
  },
  person: ({ type, target }: Destination) => (target ? <Named noun={type} id={target} /> : null),
  color: (value: string) => <span class="cell-line"><span class="color-dot color-shown" style={{ background: value }} /> <span class="mono small soft">{value}</span></span>,
  link: (value: string) => (/^https?:/i.test(value) ? <a href={value} target="_blank" rel="noreferrer noopener"><bdi>{value}</bdi></a> : <bdi>{value}</bdi>),
  email: (value: string) => <a href={`mailto:${encodeURIComponent(value).replace("%40", "@")}`}><bdi>{value}</bdi></a>,
  moment: (value: string) => <time class="tabular" dateTime={value} title={fully(value)}>{moment(value)}</time>,
  date: (value: string) => <span class="tabular">{day(value)}</span>,
  seconds: (value: number) => t("span.seconds", { n: figure(value) }),
  percent: (value: number) => `${value} %`,
  number: (value: number, _, f) => (f.schema["x-unit"] === "length" ? length(value) : f.schema["x-unit"] === "bytes" ? bytes(value) : figure(value)),
  country: (value: string) => named("region", value),
  currency: (value: string) => value,
  attachment: (value: string) => <span class="cell-line"><Icon name="file" size={16} /> <bdi>{attachedName(value)}</bdi></span>,
  file: () => null,
  rich: (value: string) => <span class="cell-text">{plain(value).slice(0, 160)}</span>,
  lines: (value: string) => <span class="cell-text">{value}</span>,
  template: (value: string) => <span class="cell-text">{value}</span>,
  code: () => null,
  row: () => t("cell.entries", { n: 1 }),
  scopes: () => null,
  internal_number: mono,
  digits: mono,
  phone: mono,
  dialable: mono,
  decimal: mono,
  feature_code: mono,
  keys: mono,
  number_prefix: mono,
  phone_line: mono,
  host: mono,
  host_port: mono,
  letters: mono,
  time_of_day: mono,
  phone_template: (value: string) => <bdi class="mono cell-text">{value.slice(0, 120)}</bdi>,
  mac: (value: string) => mono(value.replace(/(..)(?=.)/g, "$1:")),
  regex: mono,
  quick_time: lengthWord,
  redial_time: lengthWord,
  code_word: mono,
  network: mono,
  username: (value: string) => <bdi>{value}</bdi>,
};

