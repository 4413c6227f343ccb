// What is chosen once for all rows of a file: where they go, whose they are, and what becomes of those that are there
// already (CUS-53 to CUS-65).
import { editor, grouped } from "../kind/kinds";
import { alone, type Field as Declared, type Importing } from "../link/schema";
import { Field } from "../part/field";
import { has, t } from "../word/words";
import { chosenFields } from "./import";
import { fieldWord, type Column, type Told } from "./import_columns";

export type Chosen = {
  values: Record<string, unknown>;
  dealt: string[];
  duplicates: "skip" | "overwrite";
  remove_zero: boolean;
  first_row: boolean;
  required: string[];
  fill: string | null;
  key: string;
};

/** A field that is chosen once for all rows. */
export function Once({ noun, field, chosen, onChosen }: { noun: string; field: Declared; chosen: Chosen; onChosen: (chosen: Chosen) => void }) {
  const Editor = editor(field.kind);
  const id = `import-${field.name}`;
  const help = has(`import.help.${field.name}`) ? t(`import.help.${field.name}`) : undefined;
  const set = (value: unknown) => onChosen({ ...chosen, values: { ...chosen.values, [field.name]: value } });
  return (
    <Field id={id} label={t(`${noun}.${field.name}`)} help={help} optional={!field.required} half={field.kind === "ref"} group={grouped(field)}>
      <Editor id={id} noun={noun} field={field} value={chosen.values[field.name]} onChange={set} wrong={false} describedBy={help && `${id}-help`} adding disabled={false} first={false} />
    </Field>
  );
}

type Props = { importing: Importing; told: Told; columns: Column[]; chosen: Chosen; onChosen: (chosen: Chosen) => void };

export function Choices({ importing, told, columns, chosen, onChosen }: Props) {
  const set = (change: Partial<Chosen>) => onChosen({ ...chosen, ...change });
  const noun = importing.noun;
  const taken = columns.filter((column) => column.field && column.field !== "new");
  const dealt = importing.dealt && { ...alone(importing.dealt.field, "list", { type: "array", items: { type: "string", "x-kind": "agent_number" } }), required: false };
  const fill = importing.fills && { ...alone("fill", "ref", { type: ["string", "null"], "x-kind": "ref", "x-to": importing.fills }), required: false };
  const phone = told.fields.some((field) => taken.some((column) => column.field === field.field) && /phone/.test(field.field));
  return (
    <div class="form-fields">
      {chosenFields(importing).filter((field) => field.name !== importing.within).map((field) => <Once key={field.name} noun={noun} field={field} chosen={chosen} onChosen={onChosen} />)}
      {dealt && (
        <Field id="import-dealt" label={t(`${noun}.${importing.dealt!.field}`)} help={t("import.dealt_help", { heading: importing.dealt!.heading })} optional group={grouped(dealt)}>
          {(() => {
            const Editor = editor(dealt.kind);
            return <Editor id="import-dealt" noun={noun} field={dealt} value={chosen.dealt} onChange={(value) => set({ dealt: (value as string[] | null) ?? [] })} wrong={false} describedBy="import-dealt-help" adding disabled={false} first={false} />;
          })()}
        </Field>
      )}
      {fill && (
        <Field id="import-fill" label={t("import.fill")} help={t("import.fill_help")} optional half>
          {(() => {
            const Editor = editor("ref");
            return <Editor id="import-fill" noun={noun} field={fill} value={chosen.fill} onChange={(value) => set({ fill: (value as string | null) ?? null })} wrong={false} describedBy="import-fill-help" adding disabled={false} first={false} />;
          })()}
        </Field>
      )}
      {importing.again === "chosen" && (
        <Field id="import-duplicates" label={t("import.duplicates")} help={t(`import.duplicates.${chosen.duplicates}_help`)} group>
          <div class="choice">
            {(["skip", "overwrite"] as const).map((word) => <label key={word}><input type="radio" name="duplicates" value={word} checked={chosen.duplicates === word} onChange={() => set({ duplicates: word })} />{t(`import.duplicates.${word}`)}</label>)}
          </div>
        </Field>
      )}
      {phone && <label class="tick"><input type="checkbox" checked={chosen.remove_zero} onChange={(e) => set({ remove_zero: e.currentTarget.checked })} /><span>{t("import.remove_zero")}</span></label>}
      {taken.length > 0 && (
        <Field id="import-required" label={t("import.required")} help={t("import.required_help")} optional group>
          <div class="choices">
            {taken.map(({ field }) => (
              <label key={field} class="tick">
                <input type="checkbox" checked={chosen.required.includes(field)} onChange={(e) => set({ required: e.currentTarget.checked ? [...chosen.required, field] : chosen.required.filter((one) => one !== field) })} />
                <span>{fieldWord(importing, told, field)}</span>
              </label>
            ))}
          </div>
        </Field>
      )}
    </div>
  );
}
