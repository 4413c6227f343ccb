// Several values of one kind in their order, one a line.
import { inputProps, type EditorProps } from "./editor";

export function List(props: EditorProps) {
  const entries = Array.isArray(props.value) ? (props.value as unknown[]).map(String) : [];
  return <textarea {...inputProps(props)} dir="auto" rows={Math.min(12, Math.max(3, entries.length + 1))} value={entries.join("\n")} onInput={(e) => props.onChange(e.currentTarget.value === "" ? [] : e.currentTarget.value.split("\n"))} />;
}
