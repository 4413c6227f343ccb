// Number locations: where a number belongs, looked up by hand (LOC-13).
import { useId, useState } from "preact/hooks";
import { ask, query, type Refused } from "../../link/request";
import { Button } from "../../part/button";
import { Icon } from "../../part/icon";
import { named } from "../../word/named";
import { refusalSentence, whySentence } from "../../word/refusal";
import { t } from "../../word/words";
import type { Own } from "../list";

type Place = { international: string | null; code: string | null; name: string | null; country: string | null };

function LookUp() {
  const id = useId();
  const [number, setNumber] = useState("");
  const [found, setFound] = useState<Place | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const start = async () => {
    const answer = await ask<Place>("GET", `regions/look_up${query({ number: number.trim() })}`);
    setFound(answer.ok ? answer.body : null);
    setRefused(answer.ok ? null : answer.refused);
  };
  const why = refused?.fields.number;
  return (
    <form class="look-up" onSubmit={(e) => (e.preventDefault(), void start())}>
      <label for={id}>{t("region.look_up.number")}</label>
      <input id={id} class="input mono" type="text" inputMode="tel" dir="ltr" autocomplete="off" maxLength={32} value={number} aria-invalid={why ? true : undefined} aria-describedby={`${id}-said`} onInput={(e) => setNumber(e.currentTarget.value)} />
      <Button icon="search" disabled={!number.trim()} onClick={() => void start()}>{t("region.look_up.start")}</Button>
      <p id={`${id}-said`} role="status">
        {found && (
          <>
            {found.international && <bdi class="mono">+{found.international}</bdi>}
            {found.code === null ? <span class="soft"> · {t("region.look_up.nowhere")}</span> : <> · <bdi class="mono">{found.code}</bdi> · <bdi>{found.name}</bdi>{found.country && <span class="soft"> · {named("region", found.country)}</span>}</>}
          </>
        )}
        {refused && <span class="field-error"><Icon name="warning" size={16} /> {why ? whySentence("region", "number", why) : refusalSentence(refused)}</span>}
      </p>
    </form>
  );
}

export const region = (): Own => ({ above: () => <LookUp /> });
