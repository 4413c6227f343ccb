// The words with which the box refuses, as sentences.
import type { Refused, Why } from "../link/request";
import { span } from "./time";
import { has, t } from "./words";

/** Why a field was refused. A field's own sentence (`agent.agent_number.pattern`) goes before the common one. */
export function whySentence(noun: string, field: string, why: Why): string {
  const { why: word, ...values } = why;
  if (word === "in_use") values.users = named(why.users as unknown as User[]);
  for (const key of [`${noun}.${field}.${word}`, bounds(word, values), `why.${word}`]) if (key && has(key)) return t(key, values);
  return t("why.invalid");
}

/** Users that a sentence names. */
const usersNamed = 3;

type User = { noun: string; name: string };

function named(users: User[]): string {
  const first = users.slice(0, usersNamed).map(({ noun, name }) => `${t(`${noun}.one`)} ${name}`);
  return [...first, ...(users.length > usersNamed ? ["…"] : [])].join(", ");
}

function bounds(word: string, values: Record<string, unknown>): string | null {
  if (word !== "out_of_range") return null;
  const min = Number.isFinite(values.min);
  const max = Number.isFinite(values.max);
  return min && max ? "why.out_of_range" : min ? "why.too_small" : max ? "why.too_large" : null;
}

/** Why a whole request was refused. */
export function refusalSentence(refused: Refused): string {
  if (refused.error === "too_many_attempts") return t("error.too_many_attempts", { wait: span(refused.after || 900) });
  const key = `error.${refused.error}`;
  return has(key) ? t(key) : t("error.failed");
}
