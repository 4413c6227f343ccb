// A length of time in whole seconds.
import { t } from "../word/words";
import type { EditorProps } from "./editor";
import { NumberInput } from "./number";

export function Seconds(props: EditorProps) {
  return (
    <span class="input-unit">
      <NumberInput {...props} />
      <span class="soft">{t("unit.seconds")}</span>
    </span>
  );
}
