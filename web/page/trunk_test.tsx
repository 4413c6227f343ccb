// What is typed into the form of a trunk is tried: each step with its address, time and answer, and what to change (TRK-19).
import { useEffect, useState } from "preact/hooks";
import { ask, type Refused } from "../link/request";
import { Badge } from "../part/badge";
import { Button } from "../part/button";
import { Dialog } from "../part/dialog";
import { Icon } from "../part/icon";
import { Skeleton } from "../part/skeleton";
import { refusalSentence } from "../word/refusal";
import { figure } from "../word/time";
import { has, t } from "../word/words";
import type { Kept, Values } from "./record";

type Step = { step: string; address: string | null; ms: number; code: number | null; reason: string | null; text: string };
type Tested = { advice: string; steps: Step[] };

function Came({ step }: { step: Step }) {
  const said = step.reason ? t(`trunk.reason.${step.reason}`) : step.code === null ? t(`trunk.test.ok.${step.step}`) : t("trunk.test.answered");
  return (
    <p>
      {said}
      {step.code !== null && <> <span class="mono">({step.code})</span></>}
      {step.text && <> <bdi class="small soft">{has(`trunk.certificate.${step.text}`) ? t(`trunk.certificate.${step.text}`) : step.text}</bdi></>}
    </p>
  );
}

function Steps({ steps }: { steps: Step[] }) {
  return (
    <ol class="history">
      {steps.map((step, at) => (
        <li key={at}>
          <header class="history-head">
            <strong>{t(`trunk.test.step.${step.step}`)}</strong>
            {step.address && <bdi class="mono small">{step.address}</bdi>}
            <span class="tabular small soft">{t("trunk.ms", { n: figure(step.ms) })}</span>
            <Badge tone={step.reason ? "bad" : "good"}>{t(step.reason ? "trunk.test.bad" : "trunk.test.good")}</Badge>
          </header>
          <Came step={step} />
        </li>
      ))}
    </ol>
  );
}

/** The sentence at the end, with what stands in the form. */
function Advice({ tested, values }: { tested: Tested; values: Values }) {
  const last = tested.steps.at(-1);
  const good = tested.advice === "works";
  const key = good && values.kind !== "register" ? "works_peer" : tested.advice;
  const said = { host: String(values.host ?? ""), address: last?.address ?? "", transport: String(values.transport ?? "udp").toUpperCase(), username: String(values.username ?? ""), code: last?.code ?? "", realms: last?.text ?? "" };
  return <p class={`notice tone-${good ? "good" : "bad"}`} role="status"><Icon name={good ? "check" : "warning"} size={18} /> <strong>{t(`trunk.test.advice.${key}`, said)}</strong></p>;
}

type Props = { path: string; body: Values; values: Values; onClose: () => void; onWrong: (refused: Refused) => void };

function Trial({ path, body, values, onClose, onWrong }: Props) {
  const [tested, setTested] = useState<Tested | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    setTested(null);
    setRefused(null);
    void ask<Tested>("POST", path, body).then((answer) => {
      if (answer.ok) return setTested(answer.body);
      // What is wrong stands beside its field.
      if (Object.keys(answer.refused.fields).length) return onWrong(answer.refused);
      setRefused(answer.refused);
    });
  }, [turn]);
  const busy = !tested && !refused;
  return (
    <Dialog
      title={t("trunk.test.title", { host: String(values.host ?? "") })}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("do.close")}</Button>
          <Button look="primary" icon="refresh" busy={busy} onClick={() => setTurn(turn + 1)}>{t("trunk.test.again")}</Button>
        </>
      }
    >
      <div aria-live="polite" aria-busy={busy}>
        {busy && <><p class="soft">{t("trunk.test.waits")}</p><Skeleton lines={4} /></>}
        {refused && <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{refusalSentence(refused)}</span></p>}
        {tested && <><Advice tested={tested} values={values} /><Steps steps={tested.steps} /></>}
      </div>
    </Dialog>
  );
}

export function TrunkTest({ kept }: { kept: Kept }) {
  const [body, setBody] = useState<Values | null>(null);
  const begin = () => {
    const typed = kept.typed();
    if (typed) setBody(typed);
  };
  return (
    <>
      <Button icon="search" onClick={begin}>{t("trunk.test.do")}</Button>
      {body && <Trial path={kept.adding ? "given_trunks/test" : `${kept.path}/test`} body={body} values={kept.values} onClose={() => setBody(null)} onWrong={(refused) => (setBody(null), kept.fail(refused.fields))} />}
    </>
  );
}
