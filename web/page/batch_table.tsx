// The records that are about to be made, a line each: every setting can be changed before it is saved (AGT-48).
import { useId, useState } from "preact/hooks";
import { editor, hidden } from "../kind/kinds";
import type { Refused, Why } from "../link/request";
import { field, type Field, type Resource } from "../link/schema";
import { Badge } from "../part/badge";
import { Button } from "../part/button";
import { refusalSentence, whySentence } from "../word/refusal";
import { t } from "../word/words";
import type { Values } from "./record";

/** What would be made, and what stands against it. */
export type Line = { value: Values; error: string | null; fields: Record<string, Why> };

/** Lines that are drawn at a time. */
const page = 20;

export function BatchTable({ resource, fields, lines, onChange, disabled }: { resource: Resource; fields: Field[]; lines: Line[]; onChange: (lines: Line[]) => void; disabled: boolean }) {
  const series = resource.series!;
  const id = useId();
  const [from, setFrom] = useState(0);
  const names = (resource.named ?? []).filter((name) => name !== series.number);
  const shown = [...new Set([series.named, ...names])].map((name) => field(resource, name)).concat(fields);
  const wrong = lines.filter((line) => line.error).length;
  const change = (n: number, name: string, value: unknown) => onChange(lines.map((line, at) => (at === n ? { value: { ...line.value, [name]: value }, error: null, fields: {} } : line)));
  return (
    <>
      <p role="status">{t("batch_add.lines", { n: lines.length })}{wrong > 0 && <> <Badge tone="bad">{t("batch_add.wrong", { n: wrong })}</Badge></>}</p>
      <div class="batch-table">
        <table>
          <thead>
            <tr>
              <th scope="col">{t(`${resource.name}.${series.number}`)}</th>
              {shown.map((f) => <th key={f.name} scope="col">{t(`${resource.name}.${f.name}`)}</th>)}
              <th scope="col"><span class="unseen">{t("batch_add.leave_out")}</span></th>
            </tr>
          </thead>
          <tbody>
            {lines.slice(from, from + page).map((line, at) => {
              const n = from + at;
              const number = String(line.value[series.number] ?? "");
              return (
                <tr key={number} class={line.error ? "batch-wrong" : undefined}>
                  <th scope="row">
                    <bdi class="mono">{number}</bdi>
                    {line.error && <span class="field-error">{reason(resource, line)}</span>}
                  </th>
                  {shown.map((f) => {
                    const Editor = editor(f.kind);
                    return <td key={f.name}><Editor id={`${id}-${n}-${f.name}`} noun={resource.name} field={f} value={line.value[f.name] ?? (hidden.has(f.kind) ? undefined : (f.schema.default ?? null))} onChange={(value) => change(n, f.name, value)} wrong={f.name in line.fields} describedBy={undefined} label={`${number}: ${t(`${resource.name}.${f.name}`)}`} adding disabled={disabled} first={false} /></td>;
                  })}
                  <td><Button small look="quiet" icon="cross" label={t("batch_add.leave_out_one", { number })} disabled={disabled} onClick={() => onChange(lines.filter((_, one) => one !== n))} /></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {lines.length > page && (
        <p class="batch-pages">
          <Button small disabled={!from} onClick={() => setFrom(Math.max(0, from - page))}>{t("list.before")}</Button>
          <span class="tabular">{from + 1}–{Math.min(lines.length, from + page)} / {lines.length}</span>
          <Button small disabled={from + page >= lines.length} onClick={() => setFrom(from + page)}>{t("list.next")}</Button>
        </p>
      )}
    </>
  );
}

/** Why a line cannot be made: beside its first field at fault, else as a whole. */
function reason(resource: Resource, line: Line): string {
  const [first] = Object.entries(line.fields);
  return first ? whySentence(resource.name, first[0], first[1]) : refusalSentence({ error: line.error ?? "", after: 0 } as Refused);
}
