// The badges of what an agent, a call or an outcome is.
import { agents } from "../link/live";
import type { AgentRow, AgentState, CallRecord, CallRow, CallState } from "../link/rows";
import { Badge, type Tone } from "../part/badge";
import { t } from "../word/words";

export const agentTones: Record<AgentState, Tone> = { idle: "good", paused: "pause", ringing: "wait", talking: "busy", phone_offline: "off" };
const callTones: Record<CallState, Tone> = { ringing: "wait", talking: "good", held: "plain", parked: "plain", announcing: "busy", echo_test: "busy" };
const outcomeTones: Record<CallRecord["call_outcome"], Tone> = { answered: "good", not_answered: "wait", failed: "bad" };

export function liveAgent(number: unknown): AgentRow | undefined {
  return agents.value.get(String(number));
}

/** A paused agent is shown with the reason. */
export function agentWord(row: AgentRow): string {
  const reason = row.state === "paused" && row.pause?.reason;
  return reason ? t("agent_state.paused_why", { why: reason === "phone" ? t("agent_state.by_phone") : reason }) : t(`agent_state.${row.state}`);
}

export function AgentBadge({ row, enabled = true }: { row: AgentRow | undefined; enabled?: boolean }) {
  if (!enabled) return <Badge tone="off">{t("agent.status.disabled")}</Badge>;
  const state = row?.state ?? "phone_offline";
  return (
    <span class="cell-line">
      <Badge tone={agentTones[state]}>{row ? agentWord(row) : t(`agent_state.${state}`)}</Badge>
      {row?.dnd && <Badge tone="bad">{t("agent_state.dnd")}</Badge>}
    </span>
  );
}

export function CallBadge({ call }: { call: CallRow }) {
  return <Badge tone={callTones[call.state]}>{t(`call_state.${call.state}`)}</Badge>;
}

export function OutcomeBadge({ outcome }: { outcome: CallRecord["call_outcome"] }) {
  return <Badge tone={outcomeTones[outcome]}>{t(`call_outcome.${outcome}`)}</Badge>;
}

/** A number with the name that belongs to it; both are other people's words and are shown as text only. */
export function Who({ number, name }: { number: string; name?: string }) {
  return (
    <span class="cell-two">
      <bdi>{name || number || t("word.unknown")}</bdi>
      {name && number && <bdi class="mono">{number}</bdi>}
    </span>
  );
}
