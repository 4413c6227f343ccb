// The SIP messages of a call as a ladder: a lane a leg, the box between the first and the others, an arrow a message.
import { session } from "../link/session";
import { figure } from "../word/time";
import { t } from "../word/words";
import { laneOf, nameOf, toneOf } from "./ladder_layout";

export type Message = { leg: string; after_ms: number; sent: boolean; peer: string; text: string };
/** `number`: what stands below the name, if anything does. */
type Lane = { leg: string; name: string; number: string };

export function Ladder({ messages, legs }: { messages: Message[]; legs: Lane[] }) {
  const heard = new Set(messages.map((message) => message.leg));
  const ids = [...legs.map((one) => one.leg).filter((leg) => heard.delete(leg)), ...heard];
  const box = session.value?.box?.name || "Callbox";
  const called = (leg: string) => legs.find((one) => one.leg === leg)?.name || t("word.unknown");
  const below = (leg: string) => [legs.find((one) => one.leg === leg)?.number, messages.find((message) => message.leg === leg)?.peer].filter(Boolean).join(" · ");
  const lanes = [...ids.map((leg) => ({ at: laneOf(ids, leg), name: called(leg), below: below(leg) })), { at: 1, name: box, below: "" }].sort((a, b) => a.at - b.at);
  return (
    <div class="ladder" style={{ "--lanes": String(lanes.length) }}>
      <div class="ladder-lanes" aria-hidden="true">
        {lanes.map((lane) => (
          <span key={lane.at}>
            <bdi class="ladder-name">{lane.name}</bdi>
            {lane.below && <bdi class="mono small soft">{lane.below}</bdi>}
          </span>
        ))}
      </div>
      <ol>
        {messages.map((message, n) => <Rung key={n} message={message} who={called(message.leg)} lane={laneOf(ids, message.leg)} />)}
      </ol>
    </div>
  );
}

/** A message with its arrow; opened, its text. */
function Rung({ message, who, lane }: { message: Message; who: string; lane: number }) {
  const { what, of } = nameOf(message.text);
  const right = lane > 1 === message.sent;
  return (
    <li>
      <details>
        <summary class="ladder-rung">
          <span class="ladder-time tabular soft">{t("why_call.after", { s: figure(message.after_ms / 1000, 2) })}</span>
          <span class="unseen">{t(message.sent ? "why_call.sent_to" : "why_call.got_from", { who })}</span>
          <span class={`ladder-way ${right ? "ladder-right" : "ladder-left"} tone-${toneOf(what)}`} style={{ "--from": String(Math.min(lane, 1)), "--span": String(Math.abs(lane - 1) + 1) }}>
            <span class="ladder-what"><bdi class="mono">{what}</bdi>{of && <bdi class="mono soft">{of}</bdi>}</span>
          </span>
        </summary>
        <pre class="ladder-text" tabIndex={0}>{message.text}</pre>
      </details>
    </li>
  );
}
