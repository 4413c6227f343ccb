// What to type into a softphone or desk phone of an agent, each line with its copy button.
import { useEffect, useState } from "preact/hooks";
import { ask } from "../link/request";
import { liveAgent } from "./state";
import { sinceSeconds } from "../link/live";
import type { Row } from "../link/rows";
import { sipAddress } from "../link/session";
import { Badge } from "../part/badge";
import { Button } from "../part/button";
import { Copy } from "../part/copy";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { span } from "../word/time";
import { t } from "../word/words";

const transports = ["tls", "tcp", "udp"] as const;

export function Softphone({ agent, password }: { agent: Row; password?: string }) {
  const sip = sipAddress();
  const open = transports.filter((one) => sip[one] !== null);
  const [transport, setTransport] = useState<(typeof transports)[number]>(open[0] ?? "tls");
  const [secret, setSecret] = useState<string | null>(password ?? null);
  const [busy, setBusy] = useState(false);
  useEffect(() => setSecret(password ?? null), [agent.id, agent.rev]);
  const number = String(agent.agent_number);
  const reveal = async () => {
    setBusy(true);
    const answer = await ask<{ sip_password: string }>("POST", `agents/${agent.id}/reveal`);
    setBusy(false);
    if (answer.ok) setSecret(answer.body.sip_password);
    else say(refusalSentence(answer.refused), "bad");
  };
  const line = (word: string, value: string) => (
    <div>
      <dt>{t(`softphone.${word}`)}</dt>
      <dd>
        <bdi class="mono">{value}</bdi>
        <Copy text={value} what={t(`softphone.${word}`)} />
      </dd>
    </div>
  );
  return (
    <section class="softphone">
      <p class="soft">{t("softphone.intro")}</p>
      <div class="choice" role="group" aria-label={t("softphone.transport")}>
        {open.map((one) => (
          <label key={one}>
            <input type="radio" name={`transport-${agent.id}`} checked={transport === one} onChange={() => setTransport(one)} />
            {one.toUpperCase()}
          </label>
        ))}
      </div>
      <p class="small soft">{t(`softphone.${transport}`)}</p>
      <dl class="softphone-lines">
        {line("server", sip.host)}
        {line("port", String(sip[transport] ?? ""))}
        {line("user", number)}
        <div>
          <dt>{t("softphone.password")}</dt>
          <dd>
            <bdi class="mono">{secret ?? "••••••••"}</bdi>
            {secret === null ? <Button small look="quiet" icon="eye" busy={busy} label={t("softphone.reveal")} onClick={() => void reveal()} /> : <Copy text={secret} what={t("softphone.password")} />}
          </dd>
        </div>
        {line("address", `sip:${number}@${sip.host}`)}
      </dl>
      {transport === "tls" && (
        <p class="small soft">
          {t("softphone.certificate")} <a href="/ca.crt" download="callbox-ca.crt">{t("certificate.download")}</a>
        </p>
      )}
      <Devices number={number} />
    </section>
  );
}

function Devices({ number }: { number: string }) {
  const devices = liveAgent(number)?.devices ?? [];
  return (
    <section class="devices" aria-live="polite">
      <h3>{t("devices.title")}</h3>
      {devices.length === 0 && <p class="soft">{t("devices.none")}</p>}
      {devices.map((device) => (
        <div class="device" key={device.address + device.registered_at}>
          <div class="cell-two">
            <bdi class="breaks">{device.user_agent || t("devices.unnamed")}</bdi>
            <span><bdi class="mono">{device.address}</bdi> · {device.transport.toUpperCase()}</span>
          </div>
          <div class="cell-two device-state">
            <Badge bare tone={device.reachable ? "good" : "bad"}>{t(device.reachable ? "devices.reachable" : "devices.unreachable")}</Badge>
            <span class="tabular">{span(sinceSeconds(device.registered_at))}</span>
          </div>
        </div>
      ))}
    </section>
  );
}
