// A record of another noun: found by typing, looked at or made without leaving the form.
import { choicesOf, nameOfRef } from "../link/choices";
import { may, resource } from "../link/schema";
import { openOver } from "../link/stack";
import { Button } from "../part/button";
import { Combo, type Option } from "../part/combo";
import { t } from "../word/words";
import { inputProps, text, type EditorProps } from "./editor";
import { Picked } from "./picked";

/** What narrows the choices, as a query: only records with these values in that field. */
function narrowed({ only = [] }: EditorProps): Record<string, string> {
  return Object.fromEntries(only.map((one) => [one.of, one.is.join(",")]));
}

/** Makes a record of the noun with the typed text as its name, where one may. */
function maker(props: EditorProps, noun: string, take: (id: string) => void) {
  const there = resource(noun);
  if (!there || !may(there, "add") || props.disabled) return undefined;
  const preset = Object.fromEntries((props.only ?? []).map((one) => [one.of, one.is[0]]));
  return {
    label: t("ref.make", { one: t(`${noun}.one`) }),
    onClick: (typed: string) => openOver({ noun, id: null, preset: { ...preset, ...(typed && there.schema.properties?.name ? { name: typed } : {}) }, onSaved: (row) => take(row.id) }),
  };
}

async function find(noun: string, typed: string, props: EditorProps): Promise<{ items: Option[]; more: boolean }> {
  const found = await choicesOf(noun, typed, narrowed(props));
  return { items: found.items, more: Boolean(found.next) };
}

/** What stands for a record in a field: its name, or what is wrong with it. */
export function shownName(noun: string, id: string): string {
  const name = id && nameOfRef(noun, id);
  return name === null ? t("ref.gone", { id }) : (name ?? "…");
}

export function RefTo({ props, noun }: { props: EditorProps; noun: string }) {
  const { field, onChange, disabled } = props;
  const id = text(props.value);
  return (
    <span class="input-row">
      <Combo
        input={{ ...inputProps(props), placeholder: t(field.nullable ? "word.none" : "word.choose") }}
        shown={id && shownName(noun, id)}
        find={(typed) => find(noun, typed, props)}
        chosen={new Set([id])}
        onChoose={(option) => onChange(option.id)}
        more={maker(props, noun, onChange)}
      >
        {field.nullable && id && !disabled && <Button small look="quiet" icon="cross" label={t("ref.clear")} onClick={() => onChange(null)} />}
      </Combo>
      {id && resource(noun) && !props.label && <Button look="quiet" icon="open" label={t("ref.open", { name: shownName(noun, id) })} onClick={() => openOver({ noun, id })} />}
    </span>
  );
}

export function Ref(props: EditorProps) {
  return <RefTo props={props} noun={props.field.to ?? ""} />;
}

/** Several records in their order. */
export function Refs(props: EditorProps) {
  const noun = props.field.item?.to ?? "";
  return <Picked props={props} name={(id) => shownName(noun, id)} line={(id) => <Named noun={noun} id={id} />} placeholder={t("ref.add", { one: t(`${noun}.one`) })} find={(typed) => find(noun, typed, props)} more={(choose) => maker(props, noun, choose)} />;
}

/** A record's name that opens it, where its page is open to this person. */
export function Named({ noun, id }: { noun: string; id: string }) {
  const name = shownName(noun, id);
  if (!resource(noun)) return <bdi>{name}</bdi>;
  return <button type="button" class="as-link" onClick={() => openOver({ noun, id })}><bdi>{name}</bdi></button>;
}
