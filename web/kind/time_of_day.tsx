// An hour and minute of any day, in 24 hours everywhere; where a span ends, 24:00 is the end of the day.
import { inputProps, text, type EditorProps } from "./editor";

export function TimeOfDay(props: EditorProps) {
  const tidy = (typed: string) => props.onChange(clockTime(typed) || (props.field.nullable ? null : ""));
  // Not the browser's own: it shows 12 or 24 hours as its language does, and knows no 24:00.
  return <input {...inputProps(props)} class="input input-time mono" type="text" inputMode="numeric" placeholder="09:00" maxLength={5} value={text(props.value)} onInput={(e) => props.onChange(e.currentTarget.value)} onBlur={(e) => tidy(e.currentTarget.value)} />;
}

/** `9` is 09:00 and `930` is 09:30; what is no time stays as it was typed. */
export function clockTime(typed: string): string {
  const digits = typed.trim().replace("：", ":");
  const [, hour, minute] = /^(\d{1,2}):?(\d{2})?$/.exec(digits) ?? [];
  return hour === undefined ? digits : `${hour.padStart(2, "0")}:${minute ?? "00"}`;
}
