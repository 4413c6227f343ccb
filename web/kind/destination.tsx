// Where a call goes next: what kind of place, and which of them (DST rows).
import { t } from "../word/words";
import { inputProps, text, typed, type EditorProps } from "./editor";
import { RefTo } from "./ref";

export type Value = { type: string; target?: string | null };

/** The noun whose record is the target of a type; null: a number, or nothing. */
export function targetNoun(type: string): string | null {
  if (type === "voice" || type === "hold_music") return "media";
  return ["outside_number", "hang_up", "ring_tone", ""].includes(type) ? null : type;
}

export function Destination(props: EditorProps) {
  const { field, onChange } = props;
  const value = (props.value ?? { type: "" }) as Value;
  const types = Array.isArray(field.schema["x-types"]) ? field.schema["x-types"].map(String) : [];
  const noun = targetNoun(value.type);
  const input = inputProps(props);
  const choose = (type: string) => onChange(type === "" ? (field.nullable ? null : { type: "" }) : targetNoun(type) || type === "outside_number" ? { type, target: null } : { type });
  const aim = (target: unknown) => onChange({ type: value.type, target });
  const media = noun === "media" ? [{ of: "type", is: [value.type] }] : [];
  const inner = { ...field, nullable: false, required: true };
  return (
    <div class="destination">
      <select {...input} value={value.type} onChange={(e) => choose(e.currentTarget.value)}>
        {(field.nullable || !value.type) && <option value="">{t(field.nullable ? "destination.none" : "word.choose")}</option>}
        {types.map((type) => <option key={type} value={type}>{t(`destination.${type}`)}</option>)}
      </select>
      {noun && <RefTo key={noun} noun={noun} props={{ ...props, id: `${props.id}-target`, field: inner, value: value.target, only: media, label: t(`destination.${value.type}`), first: false, onChange: aim }} />}
      {value.type === "outside_number" && <input {...input} id={`${props.id}-target`} class="input mono" dir="ltr" inputMode="tel" aria-label={t("destination.outside_number")} value={text(value.target)} onInput={(e) => aim(typed(e.currentTarget.value.trimStart(), true))} />}
    </div>
  );
}
