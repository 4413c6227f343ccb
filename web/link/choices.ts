// What references may refer to, and the names of what they refer to: asked once, kept while the page stands.
import { signal } from "@preact/signals";
import { ask, query } from "./request";
import { pathOf } from "./schema";

export type Option = { id: string; name: string };
export type Found = { items: Option[]; next?: string | null };

/** Names by noun and id (`role 3`); null: there is no such record, or none that one may see. */
const known = signal<ReadonlyMap<string, string | null>>(new Map());
const wanted = new Map<string, Set<string>>();
const batchMax = 100;

const key = (noun: string, id: string) => `${noun} ${id}`;

/** The records of a noun whose name has the text in it. `only` narrows by values of their fields. */
export async function choicesOf(noun: string, search: string, only: Record<string, string> = {}, limit = 30): Promise<Found> {
  const answer = await ask<Found>("GET", `${pathOf(noun)}/choices${query({ search, limit, ...only })}`);
  if (!answer.ok) return { items: [] };
  remember({ [noun]: Object.fromEntries(answer.body.items.map((one) => [one.id, one.name])) });
  return answer.body;
}

/** Keeps names that came along with a list. */
export function remember(names: Record<string, Record<string, string | null>> | undefined): void {
  if (!names) return;
  const next = new Map(known.value);
  for (const [noun, all] of Object.entries(names)) for (const [id, name] of Object.entries(all)) next.set(key(noun, id), name);
  known.value = next;
}

/** The name of a record as far as it is known now; what is not known is asked for and comes by itself. */
export function nameOfRef(noun: string, id: string): string | null | undefined {
  const name = known.value.get(key(noun, id));
  if (name === undefined) want(noun, id);
  return name;
}

function want(noun: string, id: string): void {
  if (!wanted.size) queueMicrotask(() => void fetchWanted());
  wanted.set(noun, (wanted.get(noun) ?? new Set()).add(id));
}

async function fetchWanted(): Promise<void> {
  const asked = [...wanted];
  wanted.clear();
  for (const [noun, ids] of asked) {
    const all = [...ids];
    for (let n = 0; n < all.length; n += batchMax) {
      const some = all.slice(n, n + batchMax);
      const answer = await ask<Found>("GET", `${pathOf(noun)}/choices${query({ ids: some.join(","), limit: some.length })}`);
      const found = Object.fromEntries(answer.ok ? answer.body.items.map((one) => [one.id, one.name]) : []);
      remember({ [noun]: Object.fromEntries(some.map((id) => [id, found[id] ?? null])) });
    }
  }
}

/** What was read of a record that has just been saved is asked for anew. */
export function forget(noun: string, id: string): void {
  const next = new Map(known.value);
  if (next.delete(key(noun, id))) known.value = next;
}

export function forgetAll(): void {
  known.value = new Map();
}
