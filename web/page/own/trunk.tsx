// Trunks: how each line stands now, what became of it, and what its row menu does (TRK-4, 28, 42, 46, 47, 49).
import { signal } from "@preact/signals";
import { sinceSeconds, trunks } from "../../link/live";
import { ask } from "../../link/request";
import type { Row, TrunkRow, TrunkState } from "../../link/rows";
import { allowed } from "../../link/session";
import { Badge, type Tone } from "../../part/badge";
import { Icon } from "../../part/icon";
import { later } from "../../part/later";
import { Item } from "../../part/menu";
import { say } from "../../part/toast";
import { refusalSentence } from "../../word/refusal";
import { figure, fully, span } from "../../word/time";
import { has, t } from "../../word/words";
import type { Own } from "../list";
import type { Kept } from "../record";

const calling = signal<Row | null>(null);

const Call = later(() => import("../trunk_call").then((made) => made.TrunkCall), () => <></>);
const Test = later(() => import("../trunk_test").then((made) => made.TrunkTest), () => <></>);
const Past = later(() => import("../trunk_past").then((made) => made.TrunkPast));

export const trunkTones: Record<TrunkState, Tone> = { up: "good", connecting: "wait", refused: "bad", unreachable: "bad", certificate: "bad", disabled: "off" };

const live = (row: Row): TrunkRow | undefined => trunks.value.get(String(row.id));

function State({ row }: { row: Row }) {
  const now = live(row);
  const state = now?.state ?? (row.status === "disabled" ? "disabled" : "connecting");
  const unchecked = row.transport === "tls" && row.tls_verify === false;
  return (
    <span class="cell-line">
      <Badge tone={trunkTones[state]}>{t(`trunk.state.${state}`)}</Badge>
      {now?.reason === "not_watched" && <span class="small soft">{t("trunk.reason.not_watched")}</span>}
      {now && state !== "disabled" && <span class="small soft tabular" title={fully(now.state_since)}>{span(sinceSeconds(now.state_since))}</span>}
      {now?.changed && <Badge tone="bad">{t("trunk.changed")}</Badge>}
      {unchecked && <Badge tone="bad">{t("trunk.unchecked")}</Badge>}
    </span>
  );
}

/** Somebody on the way changes what the box sends, and what to do against it (BOX-49). */
export function Changed({ row }: { row: Row }) {
  const changed = live(row)?.changed;
  if (!changed) return null;
  return (
    <div class="notice tone-bad" role="alert">
      <Icon name="warning" size={18} /> <span><strong>{t("trunk.changed")}</strong> {t("trunk.changed.how", { ...changed, router: changed.router ?? changed.came })}</span>
    </div>
  );
}

/** A cause in words; what is written there by others is shown as text only. */
export function Cause({ reason, code, text }: { reason: string; code: number | null; text: string }) {
  return (
    <span>
      {t(`trunk.reason.${reason}`)}
      {code !== null && <> <span class="mono">({code})</span></>}
      {text && <> <bdi class="small soft">{has(`trunk.certificate.${text}`) ? t(`trunk.certificate.${text}`) : text}</bdi></>}
    </span>
  );
}

/** Of a day that is over nothing counts today. */
function minutesToday(row: TrunkRow | undefined): number {
  return row && Date.parse(row.day_ends) > Date.now() ? row.minutes_today : 0;
}

function lastError(row: Row) {
  const error = live(row)?.last_error;
  return error ? <Cause {...error} /> : null;
}

async function act(row: Row, deed: "register" | "accept_realm", again: () => void): Promise<void> {
  const answer = await ask("POST", `trunks/${row.id}/${deed}`, {});
  say(answer.ok ? t(`trunk.done.${deed}`, { name: String(row.name) }) : refusalSentence(answer.refused), answer.ok ? "good" : "bad");
  again();
}

function Deeds({ row, close, again }: { row: Row; close: () => void; again: () => void }) {
  const other = live(row)?.other_realm;
  return (
    <>
      {row.status !== "disabled" && <Item icon="refresh" label={t(row.kind === "register" ? "trunk.do.register" : "trunk.do.ask")} onClick={() => (close(), void act(row, "register", again))} />}
      {row.status !== "disabled" && <Item icon="phone" label={t("trunk.do.call")} onClick={() => (close(), void (calling.value = row))} />}
      {other && <Item icon="lock" label={t("trunk.do.accept_realm", { realm: other })} onClick={() => (close(), void act(row, "accept_realm", again))} />}
    </>
  );
}

export const trunk = (): Own => ({
  columns: [
    { name: "status", label: t("trunk.state"), sort: "status", cell: (row) => <State row={row} /> },
    { name: "calls_now", label: t("trunk.calls_now"), figure: true, cell: (row) => figure(live(row)?.calls_now ?? 0) },
    { name: "state_since", wideOnly: true, label: t("trunk.state_since"), cell: (row) => { const now = live(row); return now ? fully(now.state_since) : null; } },
    { name: "minutes_today", label: t("trunk.minutes_today"), figure: true, wideOnly: true, cell: (row) => figure(minutesToday(live(row))) },
    { name: "last_error", label: t("trunk.last_error"), cell: lastError },
  ],
  under: (row) => <State row={row} />,
  aside: { name: "past", label: t("trunk.past"), body: (row) => <Past row={row} /> },
  above: () => (calling.value ? <Call key={calling.value.id} trunk={calling.value} onClose={() => (calling.value = null)} /> : null),
  ...(allowed("operator.act") ? { tool: (kept: Kept) => <Test kept={kept} />, rowMore: (row: Row, close: () => void, again: () => void) => <Deeds row={row} close={close} again={again} /> } : {}),
});
