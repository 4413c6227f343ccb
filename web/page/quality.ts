// How a call sounds, in a word: figures alone tell an office nothing.
import type { Tone } from "../part/badge";

export type Quality = "good" | "fair" | "poor" | "bad" | "unknown";

/** The usual reading of a mean opinion score (ITU-T G.107 annex B, rounded). */
export function quality(mos: number | null): Quality {
  if (mos === null) return "unknown";
  if (mos >= 4.0) return "good";
  if (mos >= 3.6) return "fair";
  if (mos >= 3.1) return "poor";
  return "bad";
}

export const qualityTones: Record<Quality, Tone> = { good: "good", fair: "busy", poor: "wait", bad: "bad", unknown: "off" };
