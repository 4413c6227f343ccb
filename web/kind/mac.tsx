// A phone's MAC address, in any of the ways in which labels print it.
import type { EditorProps } from "./editor";
import { LineInput } from "./line";

export function Mac(props: EditorProps) {
  return <LineInput props={props} placeholder="80:5e:c0:12:34:56" />;
}
