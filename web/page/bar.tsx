// Keeps records from being called, or lets them be called again: whole, or by one number (CUS-21 to CUS-31).
import { useEffect, useId, useState } from "preact/hooks";
import type { Resource } from "../link/schema";
import { Button } from "../part/button";
import { Dialog } from "../part/dialog";
import { Field } from "../part/field";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { t } from "../word/words";
import { count, inPortions, type Chosen, type RefusedRow } from "./delete";

type Props = { resource: Resource; chosen: Chosen; barred: boolean; onClose: () => void; onDone: (refused: RefusedRow[]) => void };

export function Bar({ resource, chosen, barred, onClose, onDone }: Props) {
  const id = useId();
  const [n, setN] = useState(chosen.total);
  const [highlight, setHighlight] = useState(true);
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => void count(resource, chosen).then(setN), []);
  const words = barred ? "bar.add" : "bar.remove";
  const start = async () => {
    setBusy(true);
    const more = { barred, highlight, ...(barred && !highlight && reason.trim() ? { reason: reason.trim() } : {}) };
    const done = await inPortions(`${resource.path}/bar`, chosen, more, "changed");
    setBusy(false);
    if (done.done) say(t(`${words}_done`, { n: done.done }));
    if (done.why) say(refusalSentence(done.why), "bad");
    if (done.why && !done.done) return;
    onDone(done.refused);
  };
  return (
    <Dialog
      title={t(`${words}_title`, { n, many: t(`${resource.name}.many`) })}
      onClose={() => !busy && onClose()}
      foot={
        <>
          <Button disabled={busy} onClick={onClose}>{t("do.cancel")}</Button>
          <Button look="primary" busy={busy} disabled={!n} onClick={() => void start()}>{t(words)}</Button>
        </>
      }
    >
      <div class="form-fields">
        <Field id={`${id}-what`} label={t("bar.what")} help={t(highlight ? "bar.whole_help" : "bar.number_help")} group>
          <div class="choice">
            {[true, false].map((whole) => (
              <label key={String(whole)}><input type="radio" name={`${id}-what`} checked={highlight === whole} onChange={() => setHighlight(whole)} />{t(whole ? "bar.whole" : "bar.number")}</label>
            ))}
          </div>
        </Field>
        {barred && !highlight && (
          <Field id={`${id}-reason`} label={t("dnc.reason")} optional>
            <input id={`${id}-reason`} class="input" value={reason} maxLength={200} onInput={(e) => setReason(e.currentTarget.value)} />
          </Field>
        )}
      </div>
    </Dialog>
  );
}
