// An agent, by number.
import type { EditorProps } from "./editor";
import { LineInput } from "./line";

export function AgentNumber(props: EditorProps) {
  return <LineInput props={props} short inputMode="numeric" />;
}
