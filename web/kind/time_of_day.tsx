// An hour and minute of any day; where a span ends, 24:00 is the end of the day.
import { inputProps, text, type EditorProps } from "./editor";

export function TimeOfDay(props: EditorProps) {
  const value = text(props.value);
  // The browser's own clock knows no 24:00.
  if (props.field.schema["x-end"]) return <input {...inputProps(props)} class="input input-time mono" type="text" inputMode="numeric" placeholder="24:00" maxLength={5} value={value} onInput={(e) => props.onChange(e.currentTarget.value)} onBlur={(e) => props.onChange(clockTime(e.currentTarget.value) || null)} />;
  return <input {...inputProps(props)} class="input input-time" type="time" value={value} onInput={(e) => props.onChange(e.currentTarget.value || null)} />;
}

/** `9` is 09:00 and `930` is 09:30; what is no time stays as it was typed. */
export function clockTime(typed: string): string {
  const digits = typed.trim().replace("：", ":");
  const [, hour, minute] = /^(\d{1,2}):?(\d{2})?$/.exec(digits) ?? [];
  return hour === undefined ? digits : `${hour.padStart(2, "0")}:${minute ?? "00"}`;
}
