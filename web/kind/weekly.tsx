// Times of the week: drawn into seven days with the pointer, or typed to the minute; a day is copied to others.
import { useRef, useState } from "preact/hooks";
import { Button } from "../part/button";
import { Menu } from "../part/menu";
import { weekdayName } from "../word/time";
import { t } from "../word/words";
import type { EditorProps } from "./editor";
import { clockTime } from "./time_of_day";
import { clock, day, joined, minutes, readWeek, weekdays, without, written, type Span, type Week, type Weekday } from "./week";

const step = 30;
const usual: Span = { from: 9 * 60, to: 18 * 60 };
const hours = [0, 3, 6, 9, 12, 15, 18, 21, 24];
const workdays = weekdays.slice(0, 5);

type Stroke = { weekday: Weekday; start: number; at: number; erases: boolean };

const strokeSpan = ({ start, at }: Stroke): Span => ({ from: Math.min(start, at), to: Math.max(start, at) + step });

export function Weekly(props: EditorProps) {
  const { id, onChange, disabled } = props;
  const week = readWeek(props.value);
  const [open, setOpen] = useState<Weekday | null>(null);
  const change = (days: Partial<Week>) => onChange(written({ ...week, ...days }));
  const filled = (days: readonly Weekday[], spans: Span[]) => change(Object.fromEntries(days.map((one) => [one, spans])));
  const empty = weekdays.every((one) => !week[one].length);
  return (
    <div class="week" id={id} role="group" aria-describedby={props.describedBy}>
      <div class="week-hours" aria-hidden="true">{hours.map((hour) => <span key={hour} style={{ left: `${(hour / 24) * 100}%` }}>{hour}</span>)}</div>
      {weekdays.map((weekday) => (
        <Day key={weekday} weekday={weekday} spans={week[weekday]} disabled={disabled} open={open === weekday} onOpen={(on) => setOpen(on ? weekday : null)} onSpans={(spans) => change({ [weekday]: spans })} onCopy={(days) => filled(days, week[weekday])} />
      ))}
      {!disabled && (
        <div class="cell-line week-tools">
          <Button small onClick={() => filled(workdays, [usual])}>{t("week.workdays")}</Button>
          <Button small onClick={() => filled(weekdays, [{ from: 0, to: day }])}>{t("week.always")}</Button>
          <Button small look="quiet" disabled={empty} onClick={() => filled(weekdays, [])}>{t("week.none")}</Button>
          <span class="small soft">{t("week.hint")}</span>
        </div>
      )}
    </div>
  );
}

type DayProps = { weekday: Weekday; spans: Span[]; disabled: boolean; open: boolean; onOpen: (open: boolean) => void; onSpans: (spans: Span[]) => void; onCopy: (days: readonly Weekday[]) => void };

function Day({ weekday, spans, disabled, open, onOpen, onSpans, onCopy }: DayProps) {
  const bar = useRef<HTMLDivElement>(null);
  const [stroke, setStroke] = useState<Stroke | null>(null);
  const name = weekdayName(weekdays.indexOf(weekday));
  const slotAt = (event: PointerEvent) => {
    const box = bar.current!.getBoundingClientRect();
    return Math.max(0, Math.min(day - step, Math.floor(((event.clientX - box.left) / box.width) * (day / step)) * step));
  };
  const begin = (event: PointerEvent) => {
    if (disabled || event.button !== 0) return;
    event.preventDefault();
    bar.current!.setPointerCapture(event.pointerId);
    const start = slotAt(event);
    setStroke({ weekday, start, at: start, erases: spans.some((one) => one.from <= start && start < one.to) });
  };
  const end = () => {
    if (!stroke) return;
    const drawn = strokeSpan(stroke);
    onSpans(stroke.erases ? without(spans, drawn) : joined([...spans, drawn]));
    setStroke(null);
  };
  const drawn = stroke && strokeSpan(stroke);
  const shown = !drawn ? spans : stroke.erases ? without(spans, drawn) : joined([...spans, drawn]);
  const said = spans.length ? spans.map(({ from, to }) => `${clock(from)}–${clock(to)}`).join(", ") : t("week.closed");
  const last = spans[spans.length - 1];
  const next: Span = !last ? usual : { from: Math.min(last.to + 60, day - step), to: Math.min(last.to + 300, day) };
  return (
    <div class="week-day">
      <button type="button" class="week-name" aria-expanded={open} disabled={disabled} onClick={() => onOpen(!open)} aria-label={`${name}: ${said}`}>{name}</button>
      <div ref={bar} class={disabled ? "week-bar week-still" : "week-bar"} aria-hidden="true" onPointerDown={begin} onPointerMove={(event) => stroke && setStroke({ ...stroke, at: slotAt(event) })} onPointerUp={end} onPointerCancel={() => setStroke(null)}>
        {shown.map(({ from, to }) => (
          <span key={from} class="week-span" style={{ left: `${(from / day) * 100}%`, width: `${((to - from) / day) * 100}%` }}>
            <span>{clock(from)}–{clock(to)}</span>
          </span>
        ))}
      </div>
      {open && !disabled && (
        <div class="week-times">
          {spans.map((span, n) => (
            <span class="week-time" key={n}>
              <Clock label={t("week.from", { day: name })} at={span.from} onAt={(from) => onSpans(spans.map((one, other) => (other === n ? { ...one, from } : one)))} />
              <span aria-hidden="true">–</span>
              <Clock label={t("week.to", { day: name })} at={span.to} onAt={(to) => onSpans(spans.map((one, other) => (other === n ? { ...one, to } : one)))} />
              <Button small look="quiet" icon="cross" label={t("week.drop", { times: `${clock(span.from)}–${clock(span.to)}` })} onClick={() => onSpans(spans.filter((_, other) => other !== n))} />
            </span>
          ))}
          <Button small icon="plus" onClick={() => onSpans([...spans, next])}>{t("week.add")}</Button>
          <Menu label={t("week.copy")} icon="copy" look="button button-plain button-small" side="left">
            {(close) => (
              <>
                <button type="button" class="menu-item" onClick={() => (close(), onCopy(workdays))}>{t("week.to_workdays")}</button>
                <button type="button" class="menu-item" onClick={() => (close(), onCopy(weekdays))}>{t("week.to_all")}</button>
              </>
            )}
          </Menu>
        </div>
      )}
    </div>
  );
}

/** A time typed to the minute; what is none is put back. */
function Clock({ label, at, onAt }: { label: string; at: number; onAt: (at: number) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const leave = () => {
    const read = typed === null ? null : minutes(clockTime(typed));
    if (read !== null && read !== at) onAt(read);
    setTyped(null);
  };
  return <input class="input input-small input-time mono" aria-label={label} inputMode="numeric" maxLength={5} value={typed ?? clock(at)} onInput={(e) => setTyped(e.currentTarget.value)} onBlur={leave} onKeyDown={(e) => e.key === "Enter" && (e.preventDefault(), leave())} />;
}
