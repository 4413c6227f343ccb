// A copy of a record under a name that its maker gives it (CMP-13).
import { useId, useState } from "preact/hooks";
import { ask, type Refused } from "../link/request";
import type { Row } from "../link/rows";
import { field, type Resource } from "../link/schema";
import { Button } from "../part/button";
import { Dialog } from "../part/dialog";
import { describedBy, Field } from "../part/field";
import { say } from "../part/toast";
import { refusalSentence, whySentence } from "../word/refusal";
import { t } from "../word/words";

export function NameCopy({ declared, row, name, onClose, onDone }: { declared: Resource; row: Row; name: string; onClose: () => void; onDone: (copy: Row) => void }) {
  const id = useId();
  const [typed, setTyped] = useState(t("clone.beginning", { name }));
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const why = refused && (refused.fields.name ? whySentence(declared.name, "name", refused.fields.name) : refusalSentence(refused));
  const copy = async () => {
    setBusy(true);
    const answer = await ask<Row>("POST", `${declared.path}/${row.id}/clone`, { name: typed });
    setBusy(false);
    if (!answer.ok) return setRefused(answer.refused);
    say(t("clone.done", { name }));
    onDone(answer.body);
  };
  return (
    <Dialog
      title={t("clone.title", { name })}
      onClose={() => !busy && onClose()}
      foot={
        <>
          <Button disabled={busy} onClick={onClose}>{t("do.cancel")}</Button>
          <Button look="primary" busy={busy} disabled={!typed.trim()} onClick={() => void copy()}>{t("action.clone")}</Button>
        </>
      }
    >
      <form onSubmit={(event) => (event.preventDefault(), typed.trim() && !busy && void copy())}>
        <Field id={id} label={t(`${declared.name}.name`)} error={why || undefined}>
          <input id={id} class="input" data-first maxLength={field(declared, "name").schema.maxLength} value={typed} aria-invalid={Boolean(why) || undefined} aria-describedby={describedBy(id, undefined, why)} onInput={(event) => (setTyped(event.currentTarget.value), setRefused(null))} onFocus={(event) => event.currentTarget.select()} />
        </Field>
      </form>
    </Dialog>
  );
}
