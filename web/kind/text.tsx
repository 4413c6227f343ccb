// Free text: one line, or several where there is room for more than a line.
import { inputProps, typed, type EditorProps } from "./editor";

const oneLine = 120;

export function Text(props: EditorProps) {
  const value = String(props.value ?? "");
  const change = (e: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => props.onChange(typed(e.currentTarget.value, props.field.nullable));
  if ((props.field.schema.maxLength ?? oneLine) > oneLine) return <textarea {...inputProps(props)} dir="auto" rows={4} value={value} onInput={change} />;
  return <input {...inputProps(props)} type="text" dir="auto" value={value} onInput={change} />;
}
