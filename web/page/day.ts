// The calls of the office's day, counted by the box: asked for anew when a call has ended, and from time to time.
import { useEffect, useRef, useState } from "preact/hooks";
import { calls, second } from "../link/live";
import { ask, query } from "../link/request";
import { dayStart, today } from "../word/time";

export type CallHour = { hour: number; answered: number; missed: number };

/** How often it is asked for in any case, in milliseconds. */
const every = 30_000;
/** A record is stored within a second of the end of its call. */
const stored = 1500;
const [firstHour, lastHour] = [8, 18];

/** Every hour from the first busy one to the last, and those of an office beside. Pure. */
export function wholeDay(counted: CallHour[], nowHour: number): CallHour[] {
  const all = Array.from({ length: 24 }, (_, hour) => counted.find((one) => one.hour === hour) ?? { hour, answered: 0, missed: 0 });
  const busy = counted.map((one) => one.hour);
  return all.slice(Math.min(firstHour, nowHour, ...busy), Math.max(lastHour, nowHour + 1, ...busy.map((hour) => hour + 1)));
}

export function summed(counted: CallHour[]): { answered: number; missed: number } {
  return counted.reduce((sum, { answered, missed }) => ({ answered: sum.answered + answered, missed: sum.missed + missed }), { answered: 0, missed: 0 });
}

/** How often a call that was up has gone. */
function useEnded(): number {
  const before = useRef(calls.value);
  const count = useRef(0);
  if (before.current !== calls.value) {
    if ([...before.current.keys()].some((id) => !calls.value.has(id))) count.current++;
    before.current = calls.value;
  }
  return count.current;
}

/** Null until it has come; undefined: it is not for this person. */
export function useDay(wanted: boolean): CallHour[] | null | undefined {
  const [day, setDay] = useState<CallHour[] | null | undefined>(wanted ? null : undefined);
  const turn = Math.floor(second.value / every);
  const ended = useEnded();
  const load = async (gone: () => boolean) => {
    const answer = await ask<{ items: CallHour[] }>("GET", "call_records/hours" + query({ from: dayStart(today()) }));
    if (gone()) return;
    if (answer.ok) setDay(answer.body.items);
    else if (answer.refused.status === 403) setDay(undefined);
  };
  const later = (wait: number): (() => void) => {
    let late = false;
    const timer = setTimeout(() => void load(() => late), wait);
    return () => (clearTimeout(timer), void (late = true));
  };
  useEffect(() => {
    return wanted && (document.visibilityState === "visible" || !day) ? later(0) : undefined;
  }, [turn, wanted]);
  useEffect(() => {
    return wanted && ended ? later(stored) : undefined;
  }, [ended]);
  return day;
}
