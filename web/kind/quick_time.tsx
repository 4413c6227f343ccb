// A length of time in minutes or hours, such as 30m.
import type { EditorProps } from "./editor";
import { quickUnits, WrittenTime, WrittenTimes } from "./written_time";

export function QuickTime(props: EditorProps) {
  return <WrittenTime props={props} units={quickUnits} />;
}

export function QuickTimes(props: EditorProps) {
  return <WrittenTimes props={props} units={quickUnits} />;
}
