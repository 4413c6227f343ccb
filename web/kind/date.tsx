// A day of the calendar.
import { inputProps, text, type EditorProps } from "./editor";

export function DateInput(props: EditorProps) {
  return <input {...inputProps(props)} class="input input-date" type="date" max="9999-12-31" value={text(props.value)} onInput={(e) => props.onChange(e.currentTarget.value || null)} />;
}
