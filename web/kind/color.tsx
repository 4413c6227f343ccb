// A colour: one of twelve that can be told apart, or any other.
import { t } from "../word/words";
import { inputProps, text, type EditorProps } from "./editor";

export const palette = ["#2557a7", "#0d6b63", "#1f7a45", "#6d8b18", "#c79a00", "#d0661f", "#b3261e", "#c2417c", "#8444b4", "#5a55c9", "#6b5a4b", "#56636b"];

export function Color(props: EditorProps) {
  const value = text(props.value).toLowerCase();
  const { class: _, id, ...input } = inputProps(props);
  return (
    <span class="color" id={id} role="group" aria-label={props.label}>
      {palette.map((one) => (
        <label key={one} class="color-dot" style={{ background: one }}>
          <input type="radio" name={`${id}-dot`} disabled={props.disabled} checked={value === one} aria-label={one} onChange={() => props.onChange(one)} />
        </label>
      ))}
      <input {...input} class="color-any" type="color" aria-label={t("color.other")} title={t("color.other")} value={/^#[0-9a-f]{6}$/.test(value) ? value : "#808080"} onInput={(e) => props.onChange(e.currentTarget.value)} />
      <span class="mono small soft">{value}</span>
    </span>
  );
}
