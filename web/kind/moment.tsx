// A day and time on the clocks of the office, kept as a moment in UTC.
import { fromWall, toWall } from "../word/time";
import { inputProps, type EditorProps } from "./editor";

export function Moment(props: EditorProps) {
  const value = typeof props.value === "string" && props.value ? toWall(props.value) : "";
  return <input {...inputProps(props)} class="input input-moment" type="datetime-local" max="9999-12-31T23:59" value={value} onInput={(e) => props.onChange(e.currentTarget.value ? fromWall(e.currentTarget.value) : null)} />;
}
