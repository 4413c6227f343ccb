// A password that the box keeps as a hash only: written, never read back.
import type { EditorProps } from "./editor";
import { SecretInput } from "./secret";

export function Password(props: EditorProps) {
  return <SecretInput props={props} />;
}
