// Yes or no.
import { t } from "../word/words";
import { inputProps, type EditorProps } from "./editor";

export function Switch(props: EditorProps) {
  const { class: _, ...input } = inputProps(props);
  return (
    <span class="switch">
      <input {...input} type="checkbox" role="switch" checked={props.value === true} onChange={(e) => props.onChange(e.currentTarget.checked)} />
      <span class="soft" aria-hidden="true">{t(props.value === true ? "word.on" : "word.off")}</span>
    </span>
  );
}
