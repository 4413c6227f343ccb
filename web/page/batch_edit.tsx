// Changes chosen fields of several records in one save; what is not ticked stays as it is (AGT-49).
import { useId, useState } from "preact/hooks";
import { slips } from "../kind/check";
import { beginning, editor, grouped, hidden } from "../kind/kinds";
import { ask, type Refused, type Why } from "../link/request";
import { fields, type Resource } from "../link/schema";
import { Button } from "../part/button";
import { Dialog } from "../part/dialog";
import { describedBy, Field } from "../part/field";
import { Icon } from "../part/icon";
import { say } from "../part/toast";
import { refusalSentence, whySentence } from "../word/refusal";
import { t } from "../word/words";
import { conditionOf, type Chosen, type RefusedRow } from "./delete";
import { useWrong } from "./form";
import { trimmed, type Values } from "./record";

export function BatchEdit({ resource, chosen, onClose, onDone }: { resource: Resource; chosen: Chosen; onClose: () => void; onDone: (refused: RefusedRow[]) => void }) {
  const id = useId();
  const listed = fields(resource).filter((f) => resource.batch?.includes(f.name));
  const [values, setValues] = useState<Values>({});
  const [wrong, setWrong] = useState<Record<string, Why>>({});
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const show = useWrong(resource, id, () => undefined);
  const fail = (found: Record<string, Why>) => (setWrong(found), show(found));
  const picked = listed.filter((f) => f.name in values);
  const save = async () => {
    setRefused(null);
    const found = Object.assign({}, ...picked.map((f) => slips(f, values[f.name] ?? "")));
    if (Object.keys(found).length) return fail(found);
    setBusy(true);
    const value = Object.fromEntries(picked.map((f) => [f.name, trimmed(values[f.name] ?? null)]));
    const answer = await ask<{ changed: number; refused: RefusedRow[] }>("PATCH", resource.path, { ...conditionOf(chosen), value });
    setBusy(false);
    if (!answer.ok) return (setRefused(answer.refused), fail(answer.refused.fields));
    if (answer.body.changed) say(t("batch.done", { n: answer.body.changed }));
    onDone(answer.body.refused);
  };
  const pick = (name: string, on: boolean) => {
    const f = listed.find((one) => one.name === name)!;
    setValues((was) => (on ? { ...was, [name]: hidden.has(f.kind) ? "" : (beginning(f) ?? null) } : Object.fromEntries(Object.entries(was).filter(([each]) => each !== name))));
  };
  return (
    <Dialog
      drawer
      title={t("batch.title", { n: chosen.total, many: t(`${resource.name}.many`) })}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("do.cancel")}</Button>
          <Button look="primary" busy={busy} disabled={!picked.length} onClick={() => void save()}>{t("batch.save", { n: chosen.total })}</Button>
        </>
      }
    >
      <form noValidate onSubmit={(e) => (e.preventDefault(), void save())}>
        <p class="soft batch-text">{t("batch.text")}</p>
        {refused && <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{refusalSentence(refused)}</span></p>}
        {listed.map((f) => {
          const at = `${id}-${f.name}`;
          const label = t(`${resource.name}.${f.name}`);
          const on = f.name in values;
          const why = wrong[f.name];
          const Editor = editor(f.kind);
          return (
            <div class={on ? "batch-line batch-on" : "batch-line"} key={f.name}>
              <label class="tick"><input type="checkbox" checked={on} onChange={(e) => pick(f.name, e.currentTarget.checked)} /><span class={on ? "unseen" : undefined}>{label}</span></label>
              {on && (
                <Field id={at} label={label} error={why && whySentence(resource.name, f.name, why)} group={grouped(f)} inline={f.kind === "switch"}>
                  <Editor id={at} noun={resource.name} field={f} value={values[f.name]} onChange={(value) => (setValues((was) => ({ ...was, [f.name]: value ?? (f.nullable ? null : "") })), setWrong({}))} wrong={Boolean(why)} describedBy={describedBy(at, undefined, why)} adding disabled={busy} first={false} />
                </Field>
              )}
            </div>
          );
        })}
      </form>
    </Dialog>
  );
}
