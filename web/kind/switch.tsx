// Yes or no.
import { inputProps, type EditorProps } from "./editor";

export function Switch(props: EditorProps) {
  const { class: _, "aria-required": __, ...input } = inputProps(props);
  return (
    <span class="switch">
      <input {...input} type="checkbox" role="switch" checked={props.value === true} onChange={(e) => props.onChange(e.currentTarget.checked)} />
    </span>
  );
}
