// The columns of an uploaded file: what stands in them, and which field each becomes (CUS-49 to CUS-52).
import { may, resource, type Importing } from "../link/schema";
import { Icon } from "../part/icon";
import { t } from "../word/words";
import { chosenFields } from "./import";
import { Once, type Chosen } from "./import_choices";

export type Told = {
  upload: string;
  name: string;
  bytes: number;
  /** Those in which the file is text, the likeliest first; `encoding` is the one in which it is read. */
  encodings: string[];
  encoding: string | null;
  columns: { column: number; heading: string; field: string | null; samples: string[] }[];
  fields: { field: string; title: string | null; required: boolean }[];
};

/** `field` is a path, `new` with its label, or nothing: the column is left out. */
export type Column = { column: number; field: string; label: string };

export function fieldWord(importing: Importing, told: Told, path: string): string {
  return told.fields.find((field) => field.field === path)?.title ?? t(`${importing.noun}.${path}`);
}

/** What is not UTF-8 is shown as what it seems to be, and taken only when the person says that it reads right. */
export function Encodings({ told, confirmed, onConfirm, onEncoding }: { told: Told; confirmed: boolean; onConfirm: (yes: boolean) => void; onEncoding: (encoding: string) => void }) {
  if (told.encoding === "utf-8") return null;
  if (!told.encoding) return <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{t("import.no_text")}</span></p>;
  const lines = [told.columns.map((column) => column.heading), ...[0, 1, 2].map((n) => told.columns.map((column) => column.samples[n] ?? ""))];
  return (
    <div class="notice tone-wait" role="alert">
      <Icon name="warning" size={18} />
      <div class="import-garbled">
        <p>{t("import.not_utf8")}</p>
        {told.encodings.length > 1 && (
          <label class="input-row">{t("import.encoding")}
            <select class="input" value={told.encoding} onChange={(e) => (onConfirm(false), onEncoding(e.currentTarget.value))}>
              {told.encodings.map((encoding) => <option key={encoding} value={encoding}>{encoding.toUpperCase()}</option>)}
            </select>
          </label>
        )}
        <pre class="small">{lines.filter((line) => line.some(Boolean)).map((line) => line.join(" | ")).join("\n")}</pre>
        <label class="tick"><input type="checkbox" checked={confirmed} onChange={(e) => onConfirm(e.currentTarget.checked)} /><span>{t("import.reads_right")}</span></label>
      </div>
    </div>
  );
}

type Props = { importing: Importing; told: Told; columns: Column[]; onColumns: (columns: Column[]) => void; chosen: Chosen; onChosen: (chosen: Chosen) => void };

export function ColumnsOf({ importing, told, columns, onColumns, chosen, onChosen }: Props) {
  const adds = importing.new_field ? resource(importing.new_field.noun) : null;
  const mayAdd = adds !== null && may(adds, "add");
  const set = (column: number, change: Partial<Column>) => onColumns(columns.map((one) => (one.column === column ? { ...one, ...change } : one)));
  const taken = new Set(columns.map((one) => one.field));
  const missing = told.fields.filter((field) => field.required && !field.field.includes(".") && !taken.has(field.field));
  const into = chosenFields(importing).find((field) => field.name === importing.within);
  const where = into && <Once noun={importing.noun} field={into} chosen={chosen} onChosen={onChosen} />;
  if (!importing.columns.fields) return <div class="form-fields">{where}<Headings told={told} chosen={chosen} onChosen={onChosen} /></div>;
  return (
    <>
      {where}
      <p class="soft">{t("import.columns_text")}</p>
      <label class="tick"><input type="checkbox" checked={chosen.first_row} onChange={(e) => onChosen({ ...chosen, first_row: e.currentTarget.checked })} /><span>{t("import.first_row")}</span></label>
      <div class="import-columns" role="table" aria-label={t("import.columns")}>
        {told.columns.map(({ column, heading, samples }) => {
          const one = columns.find((each) => each.column === column) ?? { column, field: "", label: "" };
          return (
            <div class={one.field ? "import-column import-taken" : "import-column"} role="row" key={column}>
              <span class="cell-two" role="cell"><strong><bdi>{heading || t("import.no_heading", { n: column + 1 })}</bdi></strong><span class="import-samples"><bdi>{samples.filter(Boolean).join(" · ") || "–"}</bdi></span></span>
              <Icon name="arrow" size={16} />
              <span role="cell" class="import-target">
                <select class="input" aria-label={t("import.target_of", { heading: heading || String(column + 1) })} value={one.field} onChange={(e) => set(column, { field: e.currentTarget.value, label: e.currentTarget.value === "new" ? heading : "" })}>
                  <option value="">{t("import.leave_out")}</option>
                  {told.fields.map((field) => <option key={field.field} value={field.field} disabled={taken.has(field.field) && one.field !== field.field}>{fieldWord(importing, told, field.field)}</option>)}
                  {mayAdd && <option value="new">{t("import.new_field")}</option>}
                </select>
                {one.field === "new" && <input class="input" type="text" maxLength={80} aria-label={t("import.new_label")} placeholder={t("import.new_label")} value={one.label} onInput={(e) => set(column, { label: e.currentTarget.value })} />}
              </span>
            </div>
          );
        })}
      </div>
      {missing.length > 0 && <p class="notice tone-wait"><Icon name="info" size={18} /> <span>{t("import.missing", { fields: missing.map((field) => fieldWord(importing, told, field.field)).join(", ") })}</span></p>}
    </>
  );
}

/** A file whose headings say what its columns are: only the key is chosen (DIC-10, DIC-11). */
function Headings({ told, chosen, onChosen }: { told: Told; chosen: Chosen; onChosen: (chosen: Chosen) => void }) {
  return (
    <label class="field">
      <span class="field-label">{t("import.key")}</span>
      <select class="input" value={chosen.key} onChange={(e) => onChosen({ ...chosen, key: e.currentTarget.value })}>
        {told.columns.map(({ column, heading }) => <option key={column} value={column === 0 ? "" : heading}>{heading}</option>)}
      </select>
      <span class="field-help">{t("import.key_help")}</span>
    </label>
  );
}
