// A short name of a person or thing, one line.
import { inputProps, typed, type EditorProps } from "./editor";

export function Name(props: EditorProps) {
  return <input {...inputProps(props)} type="text" dir="auto" value={String(props.value ?? "")} onInput={(e) => props.onChange(typed(e.currentTarget.value, props.field.nullable))} />;
}
