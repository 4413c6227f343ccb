// How many records wait to be approved by whoever is signed in, by noun: asked for again and again, and what came is said
// (POP-19).
import { signal } from "@preact/signals";
import { ask, query } from "../link/request";
import { go } from "../link/route";
import { may, resources, type Resource } from "../link/schema";
import { session } from "../link/session";
import { say } from "../part/toast";
import { many, t } from "../word/words";
import { waiting } from "./views";

/** In milliseconds. */
const every = 10_000;

export const approvals = signal<ReadonlyMap<string, number>>(new Map());

export const approvalsPath = (one: Resource) => `/${one.path}?view=${waiting}`;
export const approvalsWord = (one: Resource, n: number) => t("to_do.approve", { n, many: many(one.name) });

export async function countOf(resource: Resource, filters: Record<string, string> = {}): Promise<number | null> {
  const answer = await ask<{ total: number }>("GET", resource.path + query({ ...filters, limit: 1 }));
  return answer.ok ? answer.body.total : null;
}

/** What came since it was asked for last is said, with the way to it. */
function told(one: Resource, before: number | undefined, n: number): void {
  if (before === undefined || n <= before) return;
  say(approvalsWord(one, n), "good", { label: t("do.look"), icon: "eye", run: () => void go(approvalsPath(one)) });
}

export async function countApprovals(): Promise<void> {
  const who = session.value;
  if (!who) return void (approvals.value = new Map());
  const asked = (resources.value ?? []).filter((one) => one.approval && may(one, "approve"));
  const counts = await Promise.all(asked.map((one) => countOf(one, { [one.approval!]: waiting })));
  if (session.value !== who) return;
  const before = approvals.value;
  asked.forEach((one, at) => told(one, before.get(one.name), counts[at] ?? 0));
  approvals.value = new Map(asked.map((one, at) => [one.name, counts[at] ?? before.get(one.name) ?? 0]));
}

window.setInterval(() => document.visibilityState === "visible" && void countApprovals(), every);
