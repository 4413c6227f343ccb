// A number that phones of the box dial (AGT-8): digits, never a figure to count with.
import type { EditorProps } from "./editor";
import { LineInput } from "./line";

export function InternalNumber(props: EditorProps) {
  return <LineInput props={props} short inputMode="numeric" strip={/\s/g} />;
}
