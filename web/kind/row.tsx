// A row of a list, and the list as a table in the form: one line a row where they are short, else a card a row.
import type { Why } from "../link/request";
import type { Field } from "../link/schema";
import { Button } from "../part/button";
import { describedBy, Field as Labelled } from "../part/field";
import { Icon } from "../part/icon";
import { Ordered } from "../part/order";
import { whySentence } from "../word/refusal";
import { has, t } from "../word/words";
import type { EditorProps } from "./editor";
import { beginningRow, editor, grouped } from "./kinds";

type Value = Record<string, unknown>;

const columnsMax = 4;
const short: ReadonlySet<string> = new Set(["choice", "code", "color", "date", "decimal", "destination", "dialable", "digits", "internal_number", "line", "name", "number", "percent", "person", "phone", "pin", "ref", "seconds", "switch", "text", "time_of_day", "regex", "username"]);

/** Whether rows of these fields fit on a line each. */
export function fitsOnLine(inner: Field[]): boolean {
  return inner.length <= columnsMax && inner.every((f) => short.has(f.kind) && f.kind !== "code");
}

function inRow(props: EditorProps, n: number): Record<string, Why> {
  const found: Record<string, Why> = {};
  for (const [place, why] of Object.entries(props.inside ?? {})) if (place.startsWith(`${n}.`)) found[place.slice(`${n}.`.length)] = why;
  return found;
}

export function Rows(props: EditorProps) {
  const { field, noun, id, onChange, disabled } = props;
  const inner = field.item!.inner;
  const rows = Array.isArray(props.value) ? (props.value as Value[]) : [];
  const { maxItems = Infinity, minItems = 0 } = field.schema;
  const change = (n: number, name: string, value: unknown) => onChange(rows.map((row, other) => (other === n ? { ...row, [name]: value } : row)));
  const add = () => onChange([...rows, beginningRow(inner)]);
  const line = fitsOnLine(inner);
  const called = (n: number) => t("row.nth", { n: n + 1 });

  const cell = (f: Field, row: Value, n: number, wrongs: Record<string, Why>, labelled: boolean) => {
    const Editor = editor(f.kind);
    const at = `${id}-${n}-${f.name}`;
    const why = wrongs[f.name];
    const label = t(`${noun}.${f.path}`);
    const help = labelled && has(`${noun}.${f.path}.help`) ? t(`${noun}.${f.path}.help`) : undefined;
    const inside = Object.fromEntries(Object.entries(wrongs).filter(([place]) => place.startsWith(`${f.name}.`)).map(([place, one]) => [place.slice(f.name.length + 1), one]));
    const control = <Editor id={at} noun={noun} field={f} value={row[f.name]} onChange={(value) => change(n, f.name, value)} wrong={Boolean(why)} inside={inside} describedBy={describedBy(at, help, why)} label={labelled ? undefined : label} form={row} adding={true} disabled={disabled} first={false} />;
    if (labelled) return <Labelled key={f.name} id={at} label={label} help={help} error={why && whySentence(noun, f.path, why)} optional={!f.required && f.kind !== "switch" && f.kind !== "choice"} group={grouped(f)}>{control}</Labelled>;
    return (
      <div key={f.name} class={why ? `rows-cell rows-${f.kind} field-wrong` : `rows-cell rows-${f.kind}`}>
        <span class="rows-name" aria-hidden="true">{label}</span>
        {control}
        {why && <p class="field-error" id={`${at}-error`}><Icon name="warning" size={16} /> <span>{whySentence(noun, f.path, why)}</span></p>}
      </div>
    );
  };

  return (
    <div class={line ? "rows rows-lines" : "rows rows-cards"}>
      {line && rows.length > 0 && (
        <div class={rows.length > 1 && !disabled ? "rows-head rows-moved" : "rows-head"} aria-hidden="true">
          {inner.map((f) => <span key={f.name} class={`rows-${f.kind}`}>{t(`${noun}.${f.path}`)}</span>)}
        </div>
      )}
      <Ordered
        id={id}
        items={rows}
        least={minItems}
        name={(_, n) => called(n)}
        disabled={disabled}
        onChange={onChange}
        line={(row, n) => {
          const wrongs = inRow(props, n);
          return line ? <div class="rows-line" role="group" aria-label={called(n)}>{inner.map((f) => cell(f, row, n, wrongs, false))}</div> : <div class="rows-card" role="group" aria-label={called(n)}>{inner.map((f) => cell(f, row, n, wrongs, true))}</div>;
        }}
      />
      {!disabled && <Button small icon="plus" disabled={rows.length >= maxItems} onClick={add}>{has(`${noun}.${field.path}.one`) ? t("do.add_one", { one: t(`${noun}.${field.path}.one`) }) : t("rows.add")}</Button>}
      {disabled && !rows.length && <span class="soft">{t("word.none")}</span>}
    </div>
  );
}

/** A single row that stands by itself. */
export function Row(props: EditorProps) {
  const { value, onChange } = props;
  const single = { ...props.field, item: { ...props.field }, schema: { minItems: 1, maxItems: 1 } };
  const inside = Object.fromEntries(Object.entries(props.inside ?? {}).map(([place, why]) => [`0.${place}`, why]));
  return <Rows {...props} field={single} inside={inside} value={[value ?? {}]} onChange={(rows) => onChange((rows as Value[])[0] ?? null)} />;
}
