// What is wrong in the office now, worst first, from the live rows alone.
import { computed } from "@preact/signals";
import { agents, box, calls } from "../link/live";
import type { SideRow } from "../link/rows";
import type { Values } from "../word/words";
import { quality } from "./quality";

export type Ill = { key: string; word: string; values: Values; tone: "bad" | "wait"; path: string };

/** A side whose sound is missing or poor, named with the device to look at (BOX-123, BOX-124). */
export function sideIll(side: SideRow): { word: string; values: Values } | null {
  const values = { number: side.number, remote: side.remote };
  if (side.trouble) return { word: `trouble.${side.trouble}`, values };
  return quality(side.mos) === "bad" ? { word: "trouble.bad_sound", values } : null;
}

export const troubles = computed<Ill[]>(() => {
  const found: Ill[] = [];
  const figures = box.value;
  if (figures?.refusing) found.push({ key: "refusing", word: "trouble.refusing", values: { n: figures.calls, max: figures.max_calls }, tone: "bad", path: "/calls" });
  for (const call of calls.value.values())
    call.sides.forEach((side, n) => {
      const ill = sideIll(side);
      if (ill) found.push({ key: `${call.call_id} ${n}`, ...ill, tone: "bad", path: "/calls" });
    });
  for (const agent of agents.value.values()) {
    const gone = agent.devices.filter((device) => !device.reachable);
    for (const device of gone) found.push({ key: `${agent.agent_number} ${device.address}`, word: "trouble.unreachable", values: { number: agent.agent_number, address: device.address }, tone: "wait", path: "/agents" });
  }
  if (figures?.recording_fails) found.push({ key: "recording_fails", word: "trouble.recording_fails", values: {}, tone: "bad", path: "/box" });
  if (figures?.bans) found.push({ key: "bans", word: "trouble.bans", values: { n: figures.bans }, tone: "wait", path: "/box" });
  return found;
});
