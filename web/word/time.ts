// Moments, lengths and figures as people of the chosen language write them.
import { t, tag } from "./words";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${tag()} ${name}`;
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(tag(), options)));
  return made;
}

/** 14:05:09 */
export function clock(at: string): string {
  return format("clock", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(at));
}

/** 14:05 today, with the day before it on every other day. */
export function when(at: string, now = new Date()): string {
  const moment = new Date(at);
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  if (moment.toDateString() === now.toDateString()) return format("time", time).format(moment);
  if (moment.getFullYear() === now.getFullYear()) return format("day", { month: "short", day: "numeric", ...time }).format(moment);
  return format("year", { year: "numeric", month: "short", day: "numeric", ...time }).format(moment);
}

/** The whole moment with its day of the week. */
export function fully(at: string): string {
  return format("fully", { weekday: "short", year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(at));
}

/** 0:07, 12:30, 1:02:03 */
export function length(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** How long something has been so, in its largest unit. */
export function span(seconds: number): string {
  if (seconds < 60) return t("span.seconds", { n: Math.max(0, Math.floor(seconds)) });
  if (seconds < 3600) return t("span.minutes", { n: Math.floor(seconds / 60) });
  if (seconds < 86400) return t("span.hours", { n: Math.floor(seconds / 3600) });
  return t("span.days", { n: Math.floor(seconds / 86400) });
}

export function figure(n: number, digits = 0): string {
  return new Intl.NumberFormat(tag(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(n);
}

/** A local day (`2026-11-23`) as the moment it begins, `after` days later. */
export function dayStart(day: string, after = 0): string {
  const [y, m, d] = day.split("-").map(Number);
  return new Date(y ?? 1970, (m ?? 1) - 1, (d ?? 1) + after).toISOString();
}

export function today(shift = 0): string {
  const day = new Date();
  day.setDate(day.getDate() + shift);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
