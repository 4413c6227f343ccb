// A number that phones of the box dial (AGT-8): digits, never a figure to count with.
import { inputProps, typed, type EditorProps } from "./editor";

export function InternalNumber(props: EditorProps) {
  return <input {...inputProps(props)} class="input input-short mono" type="text" inputMode="numeric" dir="ltr" value={String(props.value ?? "")} onInput={(e) => props.onChange(typed(e.currentTarget.value.replace(/\s/g, ""), props.field.nullable))} />;
}
