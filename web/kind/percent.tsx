// Parts of a hundred, whole.
import type { EditorProps } from "./editor";
import { NumberInput } from "./number";

export function Percent(props: EditorProps) {
  return (
    <span class="input-unit">
      <NumberInput {...props} />
      <span class="soft">%</span>
    </span>
  );
}
