// What an agent's desk phone will be given, looked at beforehand: its template with the agent's values (AGT-40).
import { useState } from "preact/hooks";
import { ask, type Refused } from "../link/request";
import type { Row } from "../link/rows";
import { Button } from "../part/button";
import { refusalSentence } from "../word/refusal";
import { t } from "../word/words";

type Told = { path: string; content: string };

export function Configuration({ agent }: { agent: Row }) {
  const [told, setTold] = useState<Told | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const look = async () => {
    const answer = await ask<Told>("GET", `agents/${agent.id}/configuration`);
    if (answer.ok) setTold(answer.body);
    setRefused(answer.ok ? null : answer.refused);
  };
  return (
    <section class="configuration">
      <h3>{t("configuration.title")}</h3>
      <p class="soft small">{t("configuration.text")}</p>
      {told ? (
        <>
          <p class="small"><span class="soft">{t("phone_template.path")}:</span> <bdi class="mono">{told.path}</bdi></p>
          <pre class="mono" tabIndex={0} aria-label={t("configuration.title")}>{told.content}</pre>
        </>
      ) : (
        <Button icon="eye" onClick={() => void look()}>{t("configuration.look")}</Button>
      )}
      {refused && <p class="field-error" role="alert">{refusalSentence(refused)}</p>}
    </section>
  );
}
