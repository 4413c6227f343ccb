// A value in levels, such as a province and a city of it: each level offers what stands under the one before (FLD-22).
import { t } from "../word/words";
import { inputProps, type EditorProps } from "./editor";
import type { Level } from "./outline";

/** What each level offers while this is chosen; the last one that offers anything is still open. */
export function offered(levels: Level[], chosen: string[]): Level[][] {
  const all: Level[][] = [];
  for (let below: Level[] | undefined = levels, n = 0; below?.length; n++) {
    all.push(below);
    below = below.find((one) => one.value === chosen[n])?.below;
  }
  return all;
}

export function Linked(props: EditorProps) {
  const { field, onChange } = props;
  const chosen = Array.isArray(props.value) ? props.value.map(String) : [];
  const levels = (field.schema["x-levels"] as Level[] | undefined) ?? [];
  const { id, ...input } = inputProps(props);
  return (
    <span class="input-row" id={id}>
      {offered(levels, chosen).map((below, n) => (
        <select key={n} {...input} id={n ? undefined : `${id}-0`} aria-label={t("linked.level", { n: n + 1 })} value={chosen[n] ?? ""} onChange={(e) => onChange(e.currentTarget.value ? [...chosen.slice(0, n), e.currentTarget.value] : chosen.slice(0, n))}>
          <option value="">{t(n === 0 && field.required ? "word.choose" : "word.none")}</option>
          {below.map((one) => <option key={one.value} value={one.value}>{one.value}</option>)}
        </select>
      ))}
    </span>
  );
}
