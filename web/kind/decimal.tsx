// An amount with its decimals, kept as text so that no digit is lost.
import type { EditorProps } from "./editor";
import { LineInput } from "./line";

export function Decimal(props: EditorProps) {
  return <LineInput props={props} short inputMode="decimal" />;
}
