// Pages of a list as the box gives them: asked for anew when the question changes, late answers dropped.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { remember } from "../link/choices";
import { ask, query, type Refused } from "../link/request";
import type { Page } from "../link/rows";

export type Listing<T> = {
  rows: T[] | null;
  total: number;
  from: number;
  busy: boolean;
  /** Another with every page that came. */
  turn: unknown;
  refused: Refused | null;
  hasNext: boolean;
  hasBefore: boolean;
  next: () => void;
  before: () => void;
  /** Back to the first page. */
  first: () => void;
  again: () => void;
};

type Seen<T> = { key: string; page: Page<T> | null; busy: boolean; refused: Refused | null; cursors: (string | null)[] };

export function useListing<T>(path: string, question: Record<string, string | number | null | undefined>): Listing<T> {
  const key = JSON.stringify([path, question]);
  const [seen, setSeen] = useState<Seen<T>>({ key, page: null, busy: true, refused: null, cursors: [null] });
  const turn = useRef(0);

  const load = useCallback(
    async (cursors: (string | null)[]) => {
      const mine = ++turn.current;
      setSeen((was) => ({ ...was, busy: true }));
      const answer = await ask<Page<T>>("GET", path + query({ ...question, cursor: cursors[cursors.length - 1] ?? null }));
      if (mine !== turn.current) return;
      if (answer.ok) remember(answer.body.names);
      setSeen((was) => (answer.ok ? { key, page: answer.body, busy: false, refused: null, cursors } : { ...was, key, busy: false, refused: answer.refused }));
    },
    [key],
  );
  // Asked before the page is painted, which takes longer than the answer.
  useLayoutEffect(() => void load([null]), [load]);

  const { page, cursors } = seen;
  const limit = Number(question.limit ?? 20);
  return {
    rows: page?.items ?? null,
    total: page?.total ?? 0,
    from: (cursors.length - 1) * limit,
    busy: seen.busy,
    turn: page,
    refused: seen.refused,
    hasNext: Boolean(page?.next),
    hasBefore: cursors.length > 1,
    next: () => page?.next && void load([...cursors, page.next]),
    before: () => cursors.length > 1 && void load(cursors.slice(0, -1)),
    first: () => void load([null]),
    again: () => void load(cursors),
  };
}

/** A choice kept in this browser for one person and one page (LST-9). */
export function useKept<T>(account: string, page: string, what: string, first: T): [T, (value: T) => void] {
  const name = nameOf(account, page, what);
  const [value, setValue] = useState<T>(() => kept(account, page, what, first));
  return [
    value,
    (next) => {
      localStorage.setItem(name, JSON.stringify(next));
      setValue(next);
    },
  ];
}

const nameOf = (account: string, page: string, what: string) => `callbox.${account}.${page}.${what}`;

export function kept<T>(account: string, page: string, what: string, first: T): T {
  try {
    const text = localStorage.getItem(nameOf(account, page, what));
    return text === null ? first : (JSON.parse(text) as T);
  } catch {
    return first;
  }
}

/** `value` once it has stood still for a moment: a search is not sent for every key. */
export function useSettled<T>(value: T, ms = 250): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
