// Times within which a condition is inside (CND rows): drawn as a week, or listed as hours, days or spans of days.
import { useEffect } from "preact/hooks";
import { Button } from "../part/button";
import { Ordered } from "../part/order";
import { t } from "../word/words";
import { text, type EditorProps } from "./editor";
import { LineInput } from "./line";
import { formOf, readPeriod, writtenPeriod, type PeriodForm } from "./periods";
import { Weekly } from "./weekly";
import type { Period as Weekday } from "./week";

/** A single one, as it is kept. */
export function Period(props: EditorProps) {
  return <LineInput props={props} strip={/^\s+/g} />;
}

const forms: readonly string[] = ["weekly", "time", "date", "date_range"];

/** All of a condition, in the form that its type says. */
export function Periods(props: EditorProps) {
  const type = text(props.form?.type);
  const form = forms.includes(type) ? (type as PeriodForm) : null;
  const lines = Array.isArray(props.value) ? props.value.map(String) : [];
  useEffect(() => {
    // What was typed for another type says nothing here.
    const kept = form ? lines.filter((line) => formOf(line) === form) : lines;
    if (kept.length !== lines.length) props.onChange(kept);
  }, [form]);
  if (!form) return <p class="soft" id={props.id}>{t("period.choose")}</p>;
  if (form === "weekly") return <Weekly {...props} value={lines.map(readPeriod)} onChange={(week) => props.onChange((week as Weekday[]).map((one) => writtenPeriod("weekly", one)))} />;
  return <Spans props={props} form={form} lines={lines} />;
}

function Spans({ props, form, lines }: { props: EditorProps; form: "time" | "date" | "date_range"; lines: string[] }) {
  const { id, disabled, onChange } = props;
  const type = form === "time" ? "time" : form === "date" ? "date" : "datetime-local";
  const change = (n: number, part: "from" | "to", value: string) => onChange(lines.map((line, other) => (other === n ? writtenPeriod(form, { ...readPeriod(line), [part]: value }) : line)));
  const input = (n: number, part: "from" | "to", value: string) => (
    <input class={`input ${type === "datetime-local" ? "input-moment" : type === "date" ? "input-date" : "input-time"}`} type={type} {...(type === "time" ? { step: 1 } : {})} aria-label={t(form === "date" ? "period.day" : `period.${part}`, { n: n + 1 })} disabled={disabled} aria-invalid={props.wrong || undefined} value={value} onChange={(e) => change(n, part, e.currentTarget.value)} />
  );
  const fresh = { time: "09:00:00-18:00:00", date: new Date().toISOString().slice(0, 10), date_range: `${new Date().toISOString().slice(0, 10)} 00:00 - ${new Date().toISOString().slice(0, 10)} 23:59` }[form];
  return (
    <div class="rows" id={id} role="group" aria-describedby={props.describedBy}>
      <Ordered
        id={`${id}-list`}
        items={lines}
        name={(line) => line}
        disabled={disabled}
        onChange={onChange}
        line={(line, n) => {
          const { from, to } = readPeriod(line);
          return (
            <div class="cell-line">
              {input(n, "from", from)}
              {form !== "date" && <span aria-hidden="true">–</span>}
              {form !== "date" && input(n, "to", to)}
            </div>
          );
        }}
      />
      {!disabled && <Button small icon="plus" onClick={() => onChange([...lines, fresh])}>{t("period.add")}</Button>}
    </div>
  );
}
