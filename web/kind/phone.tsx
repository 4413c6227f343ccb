// A telephone number as people write it; the box takes separators and the leading + away.
import type { EditorProps } from "./editor";
import { LineInput } from "./line";

export function Phone(props: EditorProps) {
  return <LineInput props={props} inputMode="tel" strip={/^\s+/g} />;
}
