// An address of the web, beginning with http:// or https://.
import type { EditorProps } from "./editor";
import { LineInput } from "./line";

export function Link(props: EditorProps) {
  return <LineInput props={props} inputMode="url" placeholder="https://" />;
}
