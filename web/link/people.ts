// The names that belong to agents' numbers, for pages whose live rows carry numbers only.
import { computed, effect, signal } from "@preact/signals";
import { agents } from "./live";
import { ask, query } from "./request";
import type { Page, Row } from "./rows";
import { allowed, fullName, session } from "./session";

const pageSize = 500;
const pagesMax = 20;

const people = signal<ReadonlyMap<string, Row>>(new Map());
let asking = false;
/** Somebody looks at names. */
const wanted = signal(false);

async function load(): Promise<void> {
  if (asking) return;
  asking = true;
  const found = new Map<string, Row>();
  let cursor: string | null = null;
  for (let n = 0; n < pagesMax; n++) {
    const answer: Awaited<ReturnType<typeof ask<Page<Row>>>> = await ask<Page<Row>>("GET", "agents" + query({ limit: pageSize, cursor }));
    if (!answer.ok) break;
    for (const row of answer.body.items) found.set(String(row.agent_number), row);
    cursor = answer.body.next;
    if (!cursor) break;
  }
  people.value = found;
  asking = false;
}

/** Which numbers are live; a new one among them is a reason to ask again. */
const numbers = computed(() => [...agents.value.keys()].sort().join(" "));

effect(() => {
  if (wanted.value && session.value && numbers.value && allowed("agent.view")) void load();
});

export function nameOf(number: string): string {
  if (!wanted.peek()) queueMicrotask(() => (wanted.value = true));
  const row = people.value.get(number);
  return row ? fullName(row) : "";
}

/** Asked anew after an agent was saved. */
export function renamed(): void {
  if (wanted.peek()) void load();
}
