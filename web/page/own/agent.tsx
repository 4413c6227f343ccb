// Agents: who has a phone here, with what it is doing now and what to type into it.
import type { Row } from "../../link/rows";
import { sinceSeconds } from "../../link/live";
import { fullName } from "../../link/session";
import { renamed } from "../../link/people";
import { Button } from "../../part/button";
import { Copy } from "../../part/copy";
import { Dialog } from "../../part/dialog";
import { Icon } from "../../part/icon";
import { span } from "../../word/time";
import { t } from "../../word/words";
import type { Saved } from "../form";
import type { Own } from "../list";
import { Configuration } from "../configuration";
import { Softphone } from "../softphone";
import { AgentBadge, liveAgent } from "../state";

const rowName = (row: Row) => `${row.agent_number} ${fullName(row)}`.trim();

function State({ row }: { row: Row }) {
  const live = liveAgent(row.agent_number);
  return (
    <span class="cell-line">
      <AgentBadge row={live} enabled={row.status !== "disabled"} />
      {live && live.state !== "phone_offline" && <span class="small soft tabular">{span(sinceSeconds(live.since))}</span>}
    </span>
  );
}

function phone(row: Row) {
  const devices = liveAgent(row.agent_number)?.devices ?? [];
  const [first] = devices;
  if (!first) return null;
  return (
    <span class="cell-two">
      <bdi class="cell-clip">{first.user_agent || t("devices.unnamed")}</bdi>
      <span>
        <bdi class="mono">{first.address}</bdi> · {first.transport.toUpperCase()}
        {!first.reachable && <> · {t("devices.unreachable")}</>}
        {devices.length > 1 && <> · {t("devices.more", { n: devices.length - 1 })}</>}
      </span>
    </span>
  );
}

function Added({ row, onClose }: { row: Saved; onClose: () => void }) {
  const generated = Object.entries(row.generated ?? {}).filter(([name]) => name !== "sip_password");
  return (
    <Dialog title={t("agent.added_title", { name: rowName(row) })} onClose={onClose} foot={<Button look="primary" onClick={onClose}>{t("do.done")}</Button>}>
      {row.generated && <p class="notice tone-wait"><Icon name="info" size={18} /> <span>{t("agent.shown_once")}</span></p>}
      {generated.length > 0 && (
        <dl class="softphone-lines">
          {generated.map(([name, secret]) => (
            <div key={name}>
              <dt>{t(`agent.${name}`)}</dt>
              <dd><bdi class="mono">{secret}</bdi><Copy text={secret} what={t(`agent.${name}`)} /></dd>
            </div>
          ))}
        </dl>
      )}
      <Softphone agent={row} password={row.generated?.sip_password} />
    </Dialog>
  );
}

export const agent = (): Own => ({
  changed: renamed,
  columns: [
    { name: "agent_number", label: t("agent.agent_number"), wideOnly: true, sort: "agent_number", cell: (row) => <bdi class="mono">{String(row.agent_number)}</bdi> },
    { name: "name", label: t("agent.name"), main: true, instead: ["first_name", "last_name"], sort: "first_name", cell: (row) => <><bdi class="mono only-phone">{String(row.agent_number)}</bdi> <bdi>{fullName(row)}</bdi></> },
    { name: "status", label: t("agent.state"), sort: "status", cell: (row) => <State row={row} /> },
    { name: "phone", label: t("agent.phone"), cell: (row) => phone(row) },
  ],
  under: (row) => <State row={row} />,
  aside: { name: "phone", label: t("tab.phone"), body: (row) => <><Softphone agent={row} />{row.phone_template && <Configuration key={`${row.id} ${row.rev}`} agent={row} />}</> },
  added: (row, close) => <Added row={row} onClose={close} />,
});
