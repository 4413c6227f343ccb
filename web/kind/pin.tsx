// A password typed on a telephone: digits only (AGT-21).
import type { EditorProps } from "./editor";
import { SecretInput } from "./secret";

export function Pin(props: EditorProps) {
  return <SecretInput props={props} alphabet="0123456789" length={6} numeric />;
}
