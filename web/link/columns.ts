// Which columns a person wants to see on a list, kept by the box for that person (LST-11).
import { signal } from "@preact/signals";
import { ask } from "./request";
import { self } from "./session";

type Kept = { columns: string[] | null };

/** By person and path; null: never chosen, so all are shown (LST-12). */
const kept = signal<ReadonlyMap<string, string[] | null>>(new Map());
const asked = new Set<string>();

export const columnsPath = (path: string) => `me/columns/${path}`;

const key = (path: string) => `${self()} ${path}`;

function keep(path: string, columns: string[] | null): void {
  kept.value = new Map(kept.value).set(key(path), columns);
}

/** `undefined` while the box is being asked. */
export function columnsOf(path: string): string[] | null | undefined {
  const known = kept.value.get(key(path));
  if (known === undefined && !asked.has(key(path))) {
    asked.add(key(path));
    void ask<Kept>("GET", columnsPath(path)).then((answer) => keep(path, answer.ok ? (answer.body.columns ?? null) : null));
  }
  return known;
}

export function showColumns(path: string, columns: string[]): void {
  keep(path, columns);
  void ask("PUT", columnsPath(path), { columns });
}
