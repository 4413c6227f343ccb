// The times of a week as numbers: read from periods, drawn over, joined where they touch, written back.

export const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Weekday = (typeof weekdays)[number];
export type Period = { weekday: string; from: string; to: string };
/** Minutes from midnight; `to` at most 1440. */
export type Span = { from: number; to: number };
export type Week = Record<Weekday, Span[]>;

export const day = 1440;

export function minutes(clock: string): number | null {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})/.exec(clock) ?? [];
  const at = Number(hour) * 60 + Number(minute);
  return hour === undefined || Number(minute) > 59 || at > day ? null : at;
}

export function clock(at: number): string {
  return `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;
}

/** In order, with those that touch or overlap as one. */
export function joined(spans: Span[]): Span[] {
  const sorted = spans.filter((one) => one.to > one.from).sort((a, b) => a.from - b.from);
  const whole: Span[] = [];
  for (const span of sorted) {
    const last = whole[whole.length - 1];
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else whole.push({ ...span });
  }
  return whole;
}

/** `spans` without what lies in `hole`. */
export function without(spans: Span[], hole: Span): Span[] {
  return spans.flatMap((one) => [{ from: one.from, to: Math.min(one.to, hole.from) }, { from: Math.max(one.from, hole.to), to: one.to }]).filter((one) => one.to > one.from);
}

export function readWeek(periods: unknown): Week {
  const week = Object.fromEntries(weekdays.map((one) => [one, [] as Span[]])) as Week;
  for (const period of Array.isArray(periods) ? (periods as Period[]) : []) {
    const [from, to] = [minutes(period.from ?? ""), minutes(period.to ?? "")];
    if (from !== null && to !== null && period.weekday in week) week[period.weekday as Weekday].push({ from, to });
  }
  for (const one of weekdays) week[one].sort((a, b) => a.from - b.from);
  return week;
}

export function written(week: Week): Period[] {
  return weekdays.flatMap((weekday) => week[weekday].map(({ from, to }) => ({ weekday, from: clock(from), to: clock(to) })));
}

/** Days with the same times beside each other, for saying a week in a line: `[[0, 4, "09:00–18:00"]]`. */
export function said(week: Week): { first: number; last: number; times: string }[] {
  const lines: { first: number; last: number; times: string }[] = [];
  weekdays.forEach((weekday, n) => {
    const times = week[weekday].map(({ from, to }) => `${clock(from)}–${clock(to)}`).join(", ");
    const before = lines[lines.length - 1];
    if (!times) return;
    if (before && before.last === n - 1 && before.times === times) before.last = n;
    else lines.push({ first: n, last: n, times });
  });
  return lines;
}
