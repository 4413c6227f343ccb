// A number that phones of the box dial (AGT-8): digits, never a figure to count with.
import type { EditorProps } from "./editor";
import { LineInput } from "./line";

/** What fits into a short field. */
const few = 8;

export function InternalNumber(props: EditorProps) {
  return <LineInput props={props} short={(props.field.schema.maxLength ?? few) <= few} inputMode="numeric" strip={/\s/g} />;
}
