// Lengths of time kept as `10m` or `1d`: a figure and its unit, one a line.
import { Button } from "../part/button";
import { Ordered } from "../part/order";
import { t } from "../word/words";
import { text, type EditorProps } from "./editor";

export const quickUnits = ["m", "h"];
export const redialUnits = ["m", "h", "d", "w", "M"];

/** `10m` as its figure and unit; what is neither stands empty. */
export function readLength(written: string): { n: string; unit: string } {
  const [, n = "", unit = "m"] = /^(\d*)([mhdwM])$/.exec(written.trim()) ?? [];
  return { n, unit };
}

export function lengthWord(written: string): string {
  const { n, unit } = readLength(written);
  return n ? t(`length.${unit}`, { n: Number(n) }) : written;
}

function One({ id, value, units, label, disabled, wrong, onChange }: { id?: string; value: string; units: string[]; label: string; disabled: boolean; wrong: boolean; onChange: (value: string) => void }) {
  const { n, unit } = readLength(value);
  return (
    <span class="input-unit">
      <input id={id} class="input input-short" type="number" inputMode="numeric" min={1} step={1} aria-label={label} aria-invalid={wrong || undefined} disabled={disabled} value={n} onInput={(e) => onChange(`${e.currentTarget.value}${unit}`)} />
      <select class="input" aria-label={t("length.unit")} disabled={disabled} value={unit} onChange={(e) => onChange(`${n}${e.currentTarget.value}`)}>
        {units.map((one) => <option key={one} value={one}>{t(`unit.${one}`)}</option>)}
      </select>
    </span>
  );
}

export function WrittenTime({ props, units }: { props: EditorProps; units: string[] }) {
  return <One id={props.id} value={text(props.value)} units={units} label={props.label ?? t("length.figure")} disabled={props.disabled} wrong={props.wrong} onChange={props.onChange} />;
}

export function WrittenTimes({ props, units }: { props: EditorProps; units: string[] }) {
  const { id, disabled, onChange, field, wrong } = props;
  const lines = Array.isArray(props.value) ? props.value.map(String) : [];
  const change = (n: number, line: string) => onChange(lines.map((one, other) => (other === n ? line : one)));
  return (
    <div class="rows" id={id} role="group" aria-describedby={props.describedBy}>
      <Ordered id={`${id}-list`} items={lines} name={(line) => lengthWord(line)} disabled={disabled} onChange={onChange} line={(line, n) => <One value={line} units={units} label={t("length.nth", { n: n + 1 })} disabled={disabled} wrong={wrong} onChange={(value) => change(n, value)} />} />
      {!disabled && <Button small icon="plus" disabled={lines.length >= (field.schema.maxItems ?? Infinity)} onClick={() => onChange([...lines, "10m"])}>{t("rows.add")}</Button>}
    </div>
  );
}
