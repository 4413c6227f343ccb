// An email address.
import type { EditorProps } from "./editor";
import { LineInput } from "./line";

export function Email(props: EditorProps) {
  return <LineInput props={props} inputMode="email" placeholder="name@example.com" />;
}
