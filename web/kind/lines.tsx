// Several lines of writing.
import { inputProps, text, typed, type EditorProps } from "./editor";

export function Lines(props: EditorProps) {
  return <textarea {...inputProps(props)} dir="auto" rows={4} value={text(props.value)} onInput={(e) => props.onChange(typed(e.currentTarget.value, props.field.nullable))} />;
}
