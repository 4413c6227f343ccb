// A call over one trunk alone that says a sentence: how it goes while it goes, and then whether the line carries (TRK-20).
import { useEffect, useId, useState } from "preact/hooks";
import { calls } from "../link/live";
import { ask, type Refused } from "../link/request";
import type { Row } from "../link/rows";
import { Badge, type Tone } from "../part/badge";
import { Button } from "../part/button";
import { Dialog } from "../part/dialog";
import { describedBy, Field } from "../part/field";
import { Icon } from "../part/icon";
import { barredSentence } from "../word/barred";
import { refusalSentence, whySentence } from "../word/refusal";
import { figure } from "../word/time";
import { has, t } from "../word/words";

type Goes = { over: false; state: string };
type Went = { over: true; answered: boolean; code: number; record_code: string; milliseconds: number; ringing_ms: number | null; packets_in: number; packets_out: number; silent: boolean };
type Told = Goes | Went;

const again = 500;
/** So often nothing may be known between the end of a call and its record. */
const lostMax = 20;

/** Asks how the call is until it is over. */
function useCall(trunk: string, call: string | null): Told | null {
  const [told, setTold] = useState<Told | null>(null);
  useEffect(() => {
    if (!call) return setTold(null);
    let timer = 0;
    let lost = 0;
    const look = async () => {
      const answer = await ask<Told>("GET", `trunks/${trunk}/test_call/${call}`);
      if (answer.ok) setTold(answer.body);
      lost = answer.ok ? 0 : lost + 1;
      if (lost < lostMax && !(answer.ok && answer.body.over)) timer = window.setTimeout(() => void look(), again);
    };
    void look();
    return () => clearTimeout(timer);
  }, [call]);
  return told;
}

function verdict(went: Went): { tone: Tone; key: string } {
  if (!went.answered) return { tone: "bad", key: went.code === 0 ? "silent" : went.ringing_ms === null ? "refused" : "not_answered" };
  if (went.packets_in === 0) return { tone: "bad", key: went.packets_out === 0 ? "no_sound" : "no_sound_in" };
  if (went.packets_out === 0) return { tone: "bad", key: "no_sound_out" };
  return went.silent ? { tone: "wait", key: "quiet" } : { tone: "good", key: "works" };
}

const Sound = ({ packets }: { packets: number }) => <dd>{packets > 0 ? t("trunk.call.packets", { n: figure(packets) }) : t("trunk.call.none")}</dd>;

function Result({ went }: { went: Went }) {
  const { tone, key } = verdict(went);
  return (
    <>
      <p class={`notice tone-${tone}`}><Icon name={tone === "good" ? "check" : "warning"} size={18} /> <span>{t(`trunk.call.${key}`, { code: went.code || went.record_code })}</span></p>
      <dl class="facts facts-told">
        <div><dt>{t("trunk.call.code")}</dt><dd class="mono">{went.code || t("trunk.call.no_code")}</dd></div>
        <div><dt>{t("trunk.call.ringing")}</dt><dd class="tabular">{went.ringing_ms === null ? t("trunk.call.never") : t("trunk.ms", { n: figure(went.ringing_ms) })}</dd></div>
        <div><dt>{t("trunk.call.in")}</dt><Sound packets={went.packets_in} /></div>
        <div><dt>{t("trunk.call.out")}</dt><Sound packets={went.packets_out} /></div>
      </dl>
    </>
  );
}

export function TrunkCall({ trunk, onClose }: { trunk: Row; onClose: () => void }) {
  const id = useId();
  const [number, setNumber] = useState("");
  const [call, setCall] = useState<string | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const told = useCall(trunk.id, call);
  const goes = call !== null && !told?.over;
  const start = async () => {
    setBusy(true);
    setCall(null);
    const answer = await ask<{ call_id: string }>("POST", `trunks/${trunk.id}/test_call`, { number: number.trim() });
    setBusy(false);
    setRefused(answer.ok ? null : answer.refused);
    if (answer.ok) setCall(answer.body.call_id);
  };
  const stop = () => void ask("DELETE", `calls/${call}`);
  const why = refused?.fields.number;
  const slip = why && (has(`trunk.call.why.${why.why}`) ? t(`trunk.call.why.${why.why}`) : has(`ways.why.${why.why}`) ? barredSentence(why) : whySentence("trunk", "number", why));
  const mine = calls.value.get(call ?? "");
  return (
    <Dialog
      title={t("trunk.call.title", { name: String(trunk.name) })}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("do.close")}</Button>
          {goes && mine && <Button icon="hangup" onClick={stop}>{t("trunk.call.stop")}</Button>}
          <Button look="primary" icon="phone" busy={busy || goes} disabled={!number.trim()} onClick={() => void start()}>{t("trunk.call.start")}</Button>
        </>
      }
    >
      <div class="story">
        <form class="story" noValidate onSubmit={(e) => (e.preventDefault(), goes || void start())}>
          <p class="soft">{t("trunk.call.text")}</p>
          {refused && !slip && <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{refusalSentence(refused)}</span></p>}
          <Field id={id} label={t("trunk.call.number")} help={t("trunk.call.number_help")} error={slip}>
            <input id={id} class="input mono" dir="ltr" inputMode="tel" autocomplete="off" maxLength={32} aria-invalid={slip ? true : undefined} aria-describedby={describedBy(id, true, slip)} value={number} onInput={(e) => setNumber(e.currentTarget.value)} />
          </Field>
        </form>
        <div class="story" aria-live="polite">
          {goes && <p class="cell-line"><Badge tone="wait">{t(`trunk.call.state.${told && !told.over && told.state === "announcing" ? "says" : told ? "rings" : "begins"}`)}</Badge></p>}
          {told?.over && <Result went={told} />}
        </div>
      </div>
    </Dialog>
  );
}
