// Moments, lengths and figures as people of the chosen language write them.
import { t, tag } from "./words";

const formats = new Map<string, Intl.DateTimeFormat>();
/** The office's time zone (LST-19); until it is known, the browser's. */
let zone: string | undefined;

export function setZone(name: string | undefined): void {
  zone = name;
  formats.clear();
}

function made(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(language, { timeZone: zone, ...options });
  } catch {
    // A browser older than the zone's name shows its own time rather than none.
    zone = undefined;
    return new Intl.DateTimeFormat(language, options);
  }
}

function format(name: string, options: Intl.DateTimeFormatOptions, language = tag()): Intl.DateTimeFormat {
  const key = `${language} ${name}`;
  const known = formats.get(key) ?? made(language, options);
  formats.set(key, known);
  return known;
}

/** A moment on the wall of the office, as if that wall stood in UTC. */
function wall(ms: number): Date {
  const parts = format("wall", { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }, "en").formatToParts(ms);
  const read = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return new Date(Date.UTC(read("year"), read("month") - 1, read("day"), read("hour"), read("minute"), read("second")));
}

/** The hour of the office in which a moment lies, 0 to 23. */
export function hourOf(at: string | number): number {
  return wall(typeof at === "number" ? at : Date.parse(at)).getUTCHours();
}

/** What the preferences say of dates and times (PRF-10 to PRF-13). */
export type TimeFormats = { date_format_mode: "exact" | "friendly"; date_format: string; time_format: string; duration_format: "hms" | "seconds" };

const friendly: TimeFormats = { date_format_mode: "friendly", date_format: "YYYY-MM-DD", time_format: "HH:mm:ss", duration_format: "hms" };
let shownAs = friendly;

export function setTimeFormats(given: Partial<TimeFormats> | undefined): void {
  const all = { ...friendly, ...given };
  // PRF-12: without `exact` the two have no say.
  shownAs = all.date_format_mode === "exact" ? all : { ...friendly, duration_format: all.duration_format };
}

const two = (n: number) => String(n).padStart(2, "0");

/** Puts a moment of the office's wall into `YYYY-MM-DD HH:mm:ss` and the like. Pure. */
export function shaped(at: Date, pattern: string): string {
  const hour = at.getUTCHours();
  const parts: Record<string, string> = { YYYY: String(at.getUTCFullYear()), MM: two(at.getUTCMonth() + 1), DD: two(at.getUTCDate()), HH: two(hour), hh: two(hour % 12 || 12), mm: two(at.getUTCMinutes()), ss: two(at.getUTCSeconds()), A: hour < 12 ? "AM" : "PM" };
  return pattern.replace(/YYYY|MM|DD|HH|hh|mm|ss|A/g, (part) => parts[part]!);
}

function shown(at: string, pattern: string): string {
  const moment = Date.parse(at);
  return Number.isNaN(moment) ? "" : shaped(wall(moment), pattern);
}

/** The time of day of a moment. */
export function clock(at: string): string {
  return shown(at, shownAs.time_format);
}

/** A moment of any day, in one form everywhere (PRF-11, PRF-12). */
export function moment(at: string): string {
  return shown(at, `${shownAs.date_format} ${shownAs.time_format}`);
}

/** A day of the calendar, `2026-11-23`, as dates are shown. */
export function day(date: string): string {
  const [y = 0, m = 1, d = 1] = date.split("-").map(Number);
  return /^\d{4}-\d{2}-\d{2}$/.test(date) ? shaped(new Date(Date.UTC(y, m - 1, d)), shownAs.date_format) : date;
}

/** The whole moment with its day of the week. */
export function fully(at: string): string {
  const at0 = Date.parse(at);
  return Number.isNaN(at0) ? "" : `${moment(at)} ${weekdayName((wall(at0).getUTCDay() + 6) % 7, "short")}`;
}

/** A day of the week, 0 for Monday, in full or short. */
export function weekdayName(n: number, width: "long" | "short" = "long"): string {
  // 2024 began on a Monday.
  return format(`weekday ${width}`, { weekday: width, timeZone: "UTC" }).format(Date.UTC(2024, 0, 1 + n));
}

/** 0:07, 12:30, 1:02:03; or whole seconds where the preferences say so (PRF-13). */
export function length(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (shownAs.duration_format === "seconds") return String(whole);
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

const figures = new Map<string, Intl.NumberFormat>();

export function figure(n: number, digits = 0): string {
  // What has nothing to group is the same everywhere, and is written long before a browser has read its rules.
  if (!digits && Number.isInteger(n) && n >= 0 && n < 1000) return String(n);
  const key = `${tag()} ${digits}`;
  const known = figures.get(key) ?? new Intl.NumberFormat(tag(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
  figures.set(key, known);
  return known.format(n);
}

/** A size as people read it: 1.2 MB. */
export function bytes(n: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const at = Math.min(units.length - 1, n < 1024 ? 0 : Math.floor(Math.log2(n) / 10));
  return new Intl.NumberFormat(tag(), { style: "unit", unit: units[at]!, unitDisplay: at ? "short" : "narrow", maximumFractionDigits: at ? 1 : 0 }).format(n / 1024 ** at);
}

/** The moment at which a day of the office (`2026-11-23`) begins, `after` days later. */
export function dayStart(day: string, after = 0): string {
  const [y, m, d] = day.split("-").map(Number);
  const midnight = Date.UTC(y ?? 1970, (m ?? 1) - 1, (d ?? 1) + after);
  // Twice, because the clocks may change between the first guess and the day.
  let moment = midnight;
  for (let n = 0; n < 2; n++) moment = midnight - (wall(moment).getTime() - moment);
  return new Date(moment).toISOString();
}

/** The day of the office, `shift` days from now. */
export function today(shift = 0): string {
  const day = wall(Date.now());
  day.setUTCDate(day.getUTCDate() + shift);
  return day.toISOString().slice(0, 10);
}

/** A moment as the office's clocks show it, for the browser's own picker: `2026-11-23T14:05`. */
export function toWall(at: string): string {
  const moment = Date.parse(at);
  return Number.isNaN(moment) ? "" : wall(moment).toISOString().slice(0, 16);
}

/** The moment at which the office's clocks show `2026-11-23T14:05`. */
export function fromWall(shown: string): string {
  const meant = Date.parse(`${shown}Z`);
  if (Number.isNaN(meant)) return "";
  let moment = meant;
  for (let n = 0; n < 2; n++) moment = meant - (wall(moment).getTime() - moment);
  return new Date(moment).toISOString();
}

