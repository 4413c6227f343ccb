// Several of what can be found, in their order: the chosen stand above the field in which one finds the next.
import type { ComponentChildren } from "preact";
import { Combo, type Option } from "../part/combo";
import { Ordered } from "../part/order";
import { t } from "../word/words";
import { inputProps, type EditorProps } from "./editor";

type Props = {
  props: EditorProps;
  name: (id: string) => string;
  line?: (id: string) => ComponentChildren;
  placeholder: string;
  find: (typed: string) => Promise<{ items: Option[]; more?: boolean }>;
  /** A last line that makes a new one, given the way to choose it. */
  more?: (choose: (id: string) => void) => { label: string; onClick: (typed: string) => void } | undefined;
};

export function Picked({ props, name, line = (id) => <bdi>{name(id)}</bdi>, placeholder, find, more }: Props) {
  const ids = Array.isArray(props.value) ? props.value.map(String) : [];
  const max = props.field.schema.maxItems ?? Infinity;
  const toggle = (id: string) => props.onChange(ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id]);
  const full = ids.length >= max;
  return (
    <div class="refs">
      {ids.length > 0 && <Ordered id={`${props.id}-list`} class="order-boxed" items={ids} name={name} disabled={props.disabled} onChange={props.onChange} line={line} />}
      {!props.disabled && (
        <Combo
          input={{ ...inputProps(props), disabled: props.disabled || full, placeholder: full ? t("why.too_many", { max }) : placeholder }}
          shown=""
          several
          find={find}
          chosen={new Set(ids)}
          onChoose={(option) => toggle(option.id)}
          more={more?.((id) => props.onChange([...ids, id]))}
        />
      )}
      {!ids.length && props.disabled && <span class="soft">{t("word.none")}</span>}
    </div>
  );
}
