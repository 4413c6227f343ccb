// Forms over the page that one is on: a record that a field refers to, looked at or made without leaving.
import { signal } from "@preact/signals";
import type { Row } from "./rows";

export type Over = {
  noun: string;
  /** null adds. */
  id: string | null;
  /** Values that a new record begins with. */
  preset?: Record<string, unknown>;
  onSaved?: (row: Row) => void;
};

export const stack = signal<Over[]>([]);

export function openOver(over: Over): void {
  stack.value = [...stack.value, over];
}

export function closeOver(over: Over): void {
  stack.value = stack.value.filter((one) => one !== over);
}
