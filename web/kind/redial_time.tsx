// A length of time from minutes to months, such as 10m or 1M.
import type { EditorProps } from "./editor";
import { redialUnits, WrittenTime, WrittenTimes } from "./written_time";

export function RedialTime(props: EditorProps) {
  return <WrittenTime props={props} units={redialUnits} />;
}

export function RedialTimes(props: EditorProps) {
  return <WrittenTimes props={props} units={redialUnits} />;
}
