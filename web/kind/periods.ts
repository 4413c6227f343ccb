// How a period of a condition is kept: `mon 09:00-18:00`, `08:00:00-12:00:00`, `2026-10-01`, or a range of moments.
import { weekdays } from "./week";

export type PeriodForm = "weekly" | "time" | "date" | "date_range";
export type Read = { weekday: string; from: string; to: string };

const short = (weekday: string) => weekday.slice(0, 3);
const clock = /^\d{2}:\d{2}(?::\d{2})?$/;

export function formOf(line: string): PeriodForm {
  if (line.includes(" - ")) return "date_range";
  if (/^[a-z]{3} /.test(line)) return "weekly";
  return /^\d{4}-\d{2}-\d{2}$/.test(line) ? "date" : "time";
}

/** Its parts as the browser's pickers write them. */
export function readPeriod(line: string): Read {
  const form = formOf(line);
  if (form === "date") return { weekday: "", from: line, to: "" };
  const [from = "", to = ""] = form === "date_range" ? line.split(" - ").map((one) => one.replace(" ", "T")) : (line.split(" ").pop() ?? "").split("-");
  return { weekday: weekdays.find((day) => short(day) === line.slice(0, 3)) ?? "", from, to };
}

/** The browser leaves seconds out where they are none. */
const whole = (time: string) => (clock.test(time) && time.length === 5 ? `${time}:00` : time);

export function writtenPeriod(form: PeriodForm, { weekday, from, to }: Read): string {
  if (form === "weekly") return `${short(weekday)} ${from}-${to}`;
  if (form === "time") return `${whole(from)}-${whole(to)}`;
  return form === "date" ? from : `${from.replace("T", " ").slice(0, 16)} - ${to.replace("T", " ").slice(0, 16)}`;
}
