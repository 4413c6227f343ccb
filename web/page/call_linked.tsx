// What belongs to the record of a call: the calls it came from and led to, and what people wrote on it.
import { useEffect, useId, useState } from "preact/hooks";
import { ask, type Refused } from "../link/request";
import type { CallRecord } from "../link/rows";
import { allowed } from "../link/session";
import { Button } from "../part/button";
import { Field } from "../part/field";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { clock } from "../word/time";
import { t } from "../word/words";
import { called } from "./called";

const longest = 500;

export function Linked({ record }: { record: CallRecord }) {
  const [items, setItems] = useState<CallRecord[]>([]);
  useEffect(() => void ask<{ items: CallRecord[] }>("GET", `call_records/${encodeURIComponent(record.call_id)}/linked`).then((answer) => answer.ok && setItems(answer.body.items)), [record.call_id]);
  if (!items.length) return null;
  return (
    <section>
      <h3>{t("call_record.linked")}</h3>
      <ul class="linked">
        {items.map((one) => (
          <li key={one.call_id}>
            <a href={`/call_records?open=${encodeURIComponent(one.call_id)}`}>
              <span class="tabular soft">{clock(one.started_at)}</span> {t(one.call_id === record.parent_call_id ? "call_record.came_from" : one.transfer_type === "none" ? `call_type.${one.call_type}` : `step.transfer_${one.transfer_type}`)} · <bdi>{one.original_caller_number} → {called(one)}</bdi>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** CDR-57: the one thing of a record that people write. */
export function Remark({ record }: { record: CallRecord }) {
  const id = useId();
  const [text, setText] = useState(record.remark);
  const [kept, setKept] = useState(record.remark);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  if (!allowed("call_record.edit")) return record.remark ? <section><h3>{t("call_record.remark")}</h3><p class="breaks">{record.remark}</p></section> : null;
  const save = async () => {
    setBusy(true);
    const answer = await ask<CallRecord>("PATCH", `call_records/${encodeURIComponent(record.call_id)}`, { remark: text });
    setBusy(false);
    setRefused(answer.ok ? null : answer.refused);
    if (answer.ok) (setKept(answer.body.remark), setText(answer.body.remark), say(t("say.saved", { name: t("call_record.remark") })));
  };
  return (
    <section>
      <Field id={id} label={t("call_record.remark")} error={refused ? refusalSentence(refused) : undefined}>
        <textarea id={id} class="input" rows={2} maxLength={longest} value={text} onInput={(e) => setText(e.currentTarget.value)} />
      </Field>
      {text.trim() !== kept && <p><Button look="primary" small busy={busy} onClick={() => void save()}>{t("do.save")}</Button></p>}
    </section>
  );
}
