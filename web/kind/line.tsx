// One line that machines read: a user name, an address, a network, a realm. Left to right, without spelling marks.
import { inputProps, typed, type EditorProps } from "./editor";

export function Line(props: EditorProps) {
  return <input {...inputProps(props)} class="input mono" type="text" dir="ltr" spellcheck={false} autocapitalize="off" value={String(props.value ?? "")} onInput={(e) => props.onChange(typed(e.currentTarget.value.trim(), props.field.nullable))} />;
}
