// Gives records to a piece of work, to those who do it, or back to nobody (CUS-10 to CUS-16).
import { useEffect, useId, useState } from "preact/hooks";
import { editor } from "../kind/kinds";
import type { Refused } from "../link/request";
import { alone, field, type Resource } from "../link/schema";
import { Button } from "../part/button";
import { Dialog } from "../part/dialog";
import { describedBy, Field } from "../part/field";
import { Icon } from "../part/icon";
import { say } from "../part/toast";
import { refusalSentence, whySentence } from "../word/refusal";
import { figure } from "../word/time";
import { t } from "../word/words";
import { narrowing } from "./fields";
import { count, inPortions, type Chosen, type RefusedRow } from "./delete";

type To = "nobody" | "work" | "person";

export function AssignTo({ resource, chosen, onClose, onDone }: { resource: Resource; chosen: Chosen; onClose: () => void; onDone: (refused: RefusedRow[]) => void }) {
  const { work, person } = resource.assign!;
  const id = useId();
  const people = `${person}s`;
  const [n, setN] = useState(chosen.total);
  const [to, setTo] = useState<To>("work");
  const [values, setValues] = useState<Record<string, unknown>>({});
  const [refused, setRefused] = useState<Refused | null>(null);
  const [far, setFar] = useState<number | null>(null);
  // CUS-10 reading: how many there are now is said before anything is done.
  useEffect(() => void count(resource, chosen).then(setN), []);
  const set = (name: string, value: unknown) => (setValues((was) => ({ ...was, [name]: value })), setRefused(null));
  const ready = to === "nobody" || (Boolean(values[work]) && (to === "work" || ((values[people] as string[] | undefined) ?? []).length > 0));
  const start = async () => {
    setFar(0);
    const more = { ...(to === "nobody" ? {} : { [work]: values[work] }), ...(to === "person" ? { [people]: values[people] } : {}) };
    const done = await inPortions(`${resource.path}/assign`, chosen, more, "assigned", setFar);
    setFar(null);
    if (done.why && !done.done) return setRefused(done.why);
    if (done.done) say(t(`assign.done.${to}`, { n: done.done }));
    if (done.why) say(refusalSentence(done.why), "bad");
    onDone(done.refused);
  };
  const slip = (name: string) => (refused?.fields[name] ? whySentence(resource.name, name === people ? person : name, refused.fields[name]!) : undefined);
  const asked = { ...field(resource, work), required: true, nullable: false };
  const several = alone(people, "list", { type: "array", items: { type: "string", "x-kind": "agent_number" } });
  const [Work, People] = [editor(asked.kind), editor(several.kind)];
  return (
    <Dialog
      title={t("assign.title", { n, many: t(`${resource.name}.many`) })}
      onClose={() => far === null && onClose()}
      foot={
        <>
          {far !== null && <progress class="progress" max={Math.max(1, n)} value={far} aria-label={t("assign.far", { n: figure(far), total: figure(n) })} />}
          <Button disabled={far !== null} onClick={onClose}>{t("do.cancel")}</Button>
          <Button look="primary" busy={far !== null} disabled={!ready || !n} onClick={() => void start()}>{t("assign.start", { n })}</Button>
        </>
      }
    >
      <div class="form-fields">
        <Field id={`${id}-to`} label={t("assign.to")} help={t(`assign.to.${to}_help`)} group>
          <div class="choice">
            {(["nobody", "work", "person"] as const).map((word) => (
              <label key={word}><input type="radio" name={`${id}-to`} value={word} checked={to === word} onChange={() => setTo(word)} />{t(`assign.to.${word}`)}</label>
            ))}
          </div>
        </Field>
        {to !== "nobody" && (
          <Field id={`${id}-work`} label={t(`${resource.name}.${work}`)} error={slip(work)}>
            <Work id={`${id}-work`} noun={resource.name} field={asked} value={values[work] ?? null} onChange={(value) => set(work, value)} wrong={Boolean(slip(work))} describedBy={describedBy(`${id}-work`, undefined, slip(work))} adding disabled={false} first={false} only={narrowing(resource.rules, work, chosen.filters ?? {})} />
          </Field>
        )}
        {to === "person" && (
          <Field id={`${id}-people`} label={t("assign.people")} help={t("assign.people_help")} error={slip(people)} group>
            <People id={`${id}-people`} noun={resource.name} field={several} value={values[people] ?? []} onChange={(value) => set(people, value)} wrong={Boolean(slip(people))} describedBy={describedBy(`${id}-people`, true, slip(people))} adding disabled={!values[work]} first={false} />
          </Field>
        )}
        {refused && !Object.keys(refused.fields).length && <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{refusalSentence(refused)}</span></p>}
      </div>
    </Dialog>
  );
}
