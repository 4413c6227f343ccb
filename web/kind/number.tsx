// A whole number to count with.
import { inputProps, type EditorProps } from "./editor";

export function NumberInput(props: EditorProps) {
  const { minimum, maximum } = props.field.schema;
  return <input {...inputProps(props)} class="input input-short" type="number" inputMode="numeric" step={1} min={minimum} max={maximum} value={typeof props.value === "number" ? props.value : ""} onInput={(e) => props.onChange(e.currentTarget.value === "" ? null : e.currentTarget.valueAsNumber)} />;
}
