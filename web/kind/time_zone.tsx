// A time zone by its name, from the list that the browser knows.
import { inputProps, type EditorProps } from "./editor";

export function TimeZone(props: EditorProps) {
  const value = String(props.value ?? "");
  const zones = Intl.supportedValuesOf("timeZone");
  return (
    <select {...inputProps(props)} value={value} onChange={(e) => props.onChange(e.currentTarget.value)}>
      {!zones.includes(value) && <option value={value}>{value}</option>}
      {zones.map((zone) => <option key={zone} value={zone}>{zone}</option>)}
    </select>
  );
}
