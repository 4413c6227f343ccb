// From which days a list shows what happened: all, some that are asked for often, or any span.
import { useState } from "preact/hooks";
import { today } from "../word/time";
import { t } from "../word/words";

type Span = { name: string; from: string | null; to: string | null };

function spans(): Span[] {
  return [
    { name: "all", from: null, to: null },
    { name: "today", from: today(), to: today() },
    { name: "yesterday", from: today(-1), to: today(-1) },
    { name: "week", from: today(-6), to: today() },
  ];
}

export type Days = { from: string | null; to: string | null; set: (from: string | null, to: string | null) => void; other: boolean; setOther: (on: boolean) => void; preset: string | undefined; clear: () => void };

export function useDays(first: { from: string | null; to: string | null }): Days {
  const [span, setSpan] = useState(first);
  const preset = spans().find((one) => one.from === span.from && one.to === span.to)?.name;
  const [other, setOther] = useState(!preset);
  const set = (from: string | null, to: string | null) => setSpan({ from, to });
  return { ...span, set, other, setOther, preset, clear: () => (setOther(false), set(null, null)) };
}

export function DaysChoice({ days }: { days: Days }) {
  const { from, to, set, other, setOther, preset } = days;
  const chosen = other ? "other" : preset;
  return (
    <>
      <div class="choice" role="group" aria-label={t("call_records.days")}>
        {spans().map((span) => (
          <label key={span.name}><input type="radio" name="days" checked={chosen === span.name} onChange={() => (setOther(false), set(span.from, span.to))} />{t(`days.${span.name}`)}</label>
        ))}
        <label><input type="radio" name="days" checked={other} onChange={() => setOther(true)} />{t("days.other")}</label>
      </div>
      {other && <span class="days">
        <input class="input" type="date" aria-label={t("days.from")} max={to ?? today()} value={from ?? ""} onChange={(e) => set(e.currentTarget.value || null, to)} />
        <span aria-hidden="true">–</span>
        <input class="input" type="date" aria-label={t("days.to")} min={from ?? undefined} max={today()} value={to ?? ""} onChange={(e) => set(from, e.currentTarget.value || null)} />
      </span>}
    </>
  );
}
