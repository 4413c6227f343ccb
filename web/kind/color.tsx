// A colour: one of those that the box offers, or any other.
import { has, t } from "../word/words";
import { inputProps, text, type EditorProps } from "./editor";

const nameOf = (color: string) => (has(`color.${color.slice(1)}`) ? t(`color.${color.slice(1)}`) : color);

export function Color(props: EditorProps) {
  const value = text(props.value).toLowerCase();
  const { class: _, id, ...input } = inputProps(props);
  const offered = (props.field.schema["x-offered"] as string[] | undefined) ?? [];
  return (
    <span class="color" id={id} role="group" aria-label={props.label}>
      {offered.map((one) => (
        <label key={one} class="color-dot" title={nameOf(one)} style={{ background: one }}>
          <input type="radio" name={`${id}-dot`} disabled={props.disabled} checked={value === one} aria-label={nameOf(one)} onChange={() => props.onChange(one)} />
        </label>
      ))}
      <input {...input} class="color-any" type="color" aria-label={t("color.other")} title={t("color.other")} value={/^#[0-9a-f]{6}$/.test(value) ? value : "#808080"} onInput={(e) => props.onChange(e.currentTarget.value)} />
      <span class="mono small soft">{value}</span>
    </span>
  );
}
