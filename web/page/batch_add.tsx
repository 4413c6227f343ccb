// Several records in one go, numbered on from the first or from a list: looked at in a table before anything is
// written, then made, and told once with what the box made for each (AGT-42 to AGT-48).
import { useEffect, useId, useState } from "preact/hooks";
import { beginning, editor, grouped, hidden } from "../kind/kinds";
import { ask, type Refused, type Why } from "../link/request";
import type { Row } from "../link/rows";
import { field, type Field as Declared, type Resource } from "../link/schema";
import { Button } from "../part/button";
import { Dialog } from "../part/dialog";
import { describedBy, Field } from "../part/field";
import { Icon } from "../part/icon";
import { say } from "../part/toast";
import { csv, saveFile } from "../word/csv";
import { refusalSentence, whySentence } from "../word/refusal";
import { has, t } from "../word/words";
import { BatchTable, type Line } from "./batch_table";
import { useWrong } from "./form";
import { nameOfRow } from "./naming";
import { trimmed, type Saved, type Values } from "./record";

/** Records in one request: a password each takes the box a moment. */
const portion = 25;
const countMax = 500;

type Made = { rows: Saved[]; refused: { error: string; [field: string]: unknown }[] };

export function BatchAdd({ resource, onClose, onDone }: { resource: Resource; onClose: () => void; onDone: () => void }) {
  const series = resource.series!;
  const id = useId();
  const inner = series.same.map((name) => ({ ...field(resource, name), required: false, generated: field(resource, name).generated || series.made.includes(name) }));
  const [list, setList] = useState(false);
  const [values, setValues] = useState<Values>(() => ({ count: 10, ...Object.fromEntries(inner.map((f) => [f.name, hidden.has(f.kind) ? undefined : beginning(f)])) }));
  const [wrong, setWrong] = useState<Record<string, Why>>({});
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const [lines, setLines] = useState<Line[] | null>(null);
  const [made, setMade] = useState<Made | null>(null);
  const show = useWrong(resource, id, () => undefined);
  const [start, numbers] = [`start_${series.number}`, `${series.number}s`];
  const set = (name: string, value: unknown) => (setValues((was) => ({ ...was, [name]: value })), setWrong({}));

  /** The lines that would be made, with what stands against each. */
  const look = async (): Promise<Line[] | null> => {
    const { [start]: first, count, [numbers]: typed, ...same } = values;
    const which = list ? { [numbers]: typed ?? "" } : { [start]: first ?? "", count: count ?? null };
    setBusy(t("batch_add.looking"));
    const answer = await ask<{ rows: Line[] }>("POST", `${resource.path}/batch/preview`, trimmed({ ...which, ...same }));
    setBusy(null);
    if (!answer.ok) return (setRefused(answer.refused), setWrong(answer.refused.fields), show(answer.refused.fields), null);
    setRefused(null);
    const secrets = Object.fromEntries(inner.filter((f) => hidden.has(f.kind) && same[f.name] !== undefined).map((f) => [f.name, same[f.name]]));
    return answer.body.rows.map((line) => ({ ...line, value: { ...line.value, ...secrets } }));
  };
  const make = async (wanted: Line[]) => {
    const all: Made = { rows: [], refused: [] };
    for (let n = 0; n < wanted.length; n += portion) {
      setBusy(t("batch_add.making", { n, total: wanted.length }));
      const rows = wanted.slice(n, n + portion).map((line) => trimmed(Object.fromEntries(Object.entries(line.value).filter(([, value]) => value !== undefined))));
      const answer = await ask<Made>("POST", `${resource.path}/batch`, { rows });
      if (!answer.ok) {
        setRefused(answer.refused);
        break;
      }
      all.rows.push(...answer.body.rows);
      all.refused.push(...answer.body.refused);
    }
    setBusy(null);
    if (!all.rows.length && !all.refused.length) return;
    setMade(all);
    onDone();
  };
  const preview = async () => setLines((await look()) ?? null);
  const add = async () => {
    const found = await look();
    if (found) await make(found);
  };

  if (made) return <Done resource={resource} made={made} refused={refused} onClose={onClose} />;
  const free = lines?.filter((line) => !line.error).length ?? 0;
  return (
    <Dialog
      drawer
      wide
      title={t("batch_add.title", { many: t(`${resource.name}.many`) })}
      onClose={onClose}
      foot={
        lines ? (
          <>
            <span class="push"><Button icon="back" disabled={busy !== null} onClick={() => setLines(null)}>{t("do.back")}</Button></span>
            <Button onClick={onClose}>{t("do.cancel")}</Button>
            <Button look="primary" busy={busy !== null} disabled={!lines.length} onClick={() => void make(lines)}>{t("batch_add.make", { n: free })}</Button>
          </>
        ) : (
          <>
            <span class="push"><Button onClick={onClose}>{t("do.cancel")}</Button></span>
            <Button busy={busy !== null} onClick={() => void add()}>{t("batch_add.at_once")}</Button>
            <Button look="primary" icon="eye" busy={busy !== null} onClick={() => void preview()}>{t("batch_add.preview")}</Button>
          </>
        )
      }
    >
      {busy !== null && <p class="soft" role="status">{busy}</p>}
      {refused && <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{refusalSentence(refused)}</span></p>}
      {lines ? (
        <BatchTable resource={resource} fields={inner} lines={lines} onChange={setLines} disabled={busy !== null} />
      ) : (
        <form noValidate onSubmit={(e) => (e.preventDefault(), void preview())}>
          <fieldset class="batch-how">
            <legend class="unseen">{t("batch_add.how")}</legend>
            {[false, true].map((one) => <label key={String(one)} class="tick"><input type="radio" name={`${id}-how`} checked={list === one} onChange={() => setList(one)} /> <span>{t(one ? "batch_add.list" : "batch_add.range")}</span></label>)}
          </fieldset>
          <div class="form-fields">
            {list ? (
              <Field id={`${id}-${numbers}`} label={t(`${resource.name}.${series.number}`)} help={t("batch_add.list_help")} error={wrong[numbers] && whySentence(resource.name, series.number, wrong[numbers])}>
                <textarea class="input mono" id={`${id}-${numbers}`} name={numbers} rows={5} dir="ltr" data-first value={String(values[numbers] ?? "")} aria-invalid={Boolean(wrong[numbers]) || undefined} onInput={(e) => set(numbers, e.currentTarget.value)} />
              </Field>
            ) : (
              <>
                <Field half id={`${id}-${start}`} label={t("batch_add.start", { number: t(`${resource.name}.${series.number}`) })} error={wrong[start] && whySentence(resource.name, series.number, wrong[start])}>
                  <input class="input mono" id={`${id}-${start}`} name={start} inputMode="numeric" dir="ltr" autocomplete="off" data-first value={String(values[start] ?? "")} aria-invalid={Boolean(wrong[start]) || undefined} onInput={(e) => set(start, e.currentTarget.value)} />
                </Field>
                <Field half id={`${id}-count`} label={t("batch_add.count")} error={wrong.count && whySentence(resource.name, "count", wrong.count)}>
                  <input class="input" id={`${id}-count`} name="count" type="number" min={1} max={countMax} value={String(values.count ?? "")} aria-invalid={Boolean(wrong.count) || undefined} onInput={(e) => set("count", e.currentTarget.value === "" ? null : Number(e.currentTarget.value))} />
                </Field>
              </>
            )}
            {inner.map((f) => <Same key={f.name} resource={resource} f={f} id={`${id}-${f.name}`} value={values[f.name]} why={wrong[f.name]} made={series.made.includes(f.name)} disabled={busy !== null} onChange={(value) => set(f.name, value)} />)}
          </div>
          <button type="submit" class="unseen" tabIndex={-1} aria-hidden="true" />
        </form>
      )}
    </Dialog>
  );
}

type SameProps = { resource: Resource; f: Declared; id: string; value: unknown; why: Why | undefined; made: boolean; disabled: boolean; onChange: (value: unknown) => void };

/** A field that is set for all of them. */
function Same({ resource, f, id, value, why, made, disabled, onChange }: SameProps) {
  const key = `${resource.name}.${f.name}.help`;
  const help = made ? t("batch_add.made") : has(key) ? t(key) : undefined;
  const Editor = editor(f.kind);
  return (
    <Field id={id} label={t(`${resource.name}.${f.name}`)} help={help} error={why && whySentence(resource.name, f.name, why)} group={grouped(f)} inline={f.kind === "switch"}>
      <Editor id={id} noun={resource.name} field={f} value={value} onChange={onChange} wrong={Boolean(why)} describedBy={describedBy(id, help, why)} adding disabled={disabled} first={false} />
    </Field>
  );
}

/** What became of them. Secrets that the box made are in no later answer. */
function Done({ resource, made, refused, onClose }: { resource: Resource; made: Made; refused: Refused | null; onClose: () => void }) {
  const series = resource.series!;
  // Once the dialog stands, so that the notice is above it (AGT-47).
  useEffect(() => {
    if (made.refused.length) say(t("batch_add.skipped", { n: made.refused.length, numbers: made.refused.map((one) => String(one[series.number])).join(", ") }), "bad");
  }, []);
  const secrets = [...new Set(made.rows.flatMap((row) => Object.keys(row.generated ?? {})))];
  const head = [t(`${resource.name}.${series.number}`), t("batch_add.name"), ...secrets.map((name) => t(`${resource.name}.${name}`))];
  const line = (row: Saved) => [String(row[series.number]), nameOfRow(resource, row as Row).replace(`${String(row[series.number])} `, ""), ...secrets.map((name) => row.generated?.[name] ?? "")];
  const download = () => saveFile(`${resource.path}.csv`, csv([head, ...made.rows.map(line)]));
  return (
    <Dialog
      drawer
      wide
      title={t("batch_add.done", { n: made.rows.length })}
      onClose={onClose}
      foot={
        <>
          {made.rows.length > 0 && <span class="push"><Button icon="download" onClick={download}>{t("batch_add.download")}</Button></span>}
          <Button look="primary" onClick={onClose}>{t("do.done")}</Button>
        </>
      }
    >
      {refused && <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{refusalSentence(refused)}</span></p>}
      {secrets.length > 0 && <p class="notice tone-wait"><Icon name="info" size={18} /> <span>{t("batch_add.shown_once")}</span></p>}
      {made.refused.length > 0 && (
        <>
          <h3>{t("batch_add.not_made", { n: made.refused.length })}</h3>
          <ul class="refused">
            {made.refused.map((one) => <li key={String(one[series.number])}><strong class="mono">{String(one[series.number])}</strong> <span class="soft">{refusalSentence({ error: one.error, after: 0 } as Refused)}</span></li>)}
          </ul>
        </>
      )}
      {made.rows.length > 0 && (
        <div class="batch-table">
          <table>
            <thead><tr>{head.map((one) => <th key={one} scope="col">{one}</th>)}</tr></thead>
            <tbody>{made.rows.map((row) => <tr key={row.id}>{line(row).map((one, n) => <td key={n} class={n === 1 ? undefined : "mono"}><bdi>{one}</bdi></td>)}</tr>)}</tbody>
          </table>
        </div>
      )}
    </Dialog>
  );
}
