// Somebody of the office: an account or an agent.
import { begin, t } from "../word/words";
import { inputProps, type EditorProps } from "./editor";
import type { Value } from "./destination";
import { RefTo } from "./ref";

export function Person(props: EditorProps) {
  const { field, onChange } = props;
  const value = (props.value ?? { type: "" }) as Value;
  const types = Array.isArray(field.schema["x-types"]) ? field.schema["x-types"].map(String) : [];
  const none = field.nullable ? null : { type: "" };
  const inner = { ...field, nullable: false, required: true };
  return (
    <div class="destination">
      <select {...inputProps(props)} value={value.type} onChange={(e) => onChange(e.currentTarget.value ? { type: e.currentTarget.value, target: null } : none)}>
        {(field.nullable || !value.type) && <option value="">{t(field.nullable ? "word.none" : "word.choose")}</option>}
        {types.map((type) => <option key={type} value={type}>{begin(t(`${type}.one`))}</option>)}
      </select>
      {value.type && <RefTo key={value.type} noun={value.type} props={{ ...props, id: `${props.id}-target`, field: inner, value: value.target, only: [], label: t(`${value.type}.one`), first: false, onChange: (target) => onChange({ type: value.type, target }) }} />}
    </div>
  );
}
