// What is happening now, as the box tells it over a WebSocket that comes back by itself.
import { batch, signal } from "@preact/signals";
import { ask, sessionEnded } from "./request";
import type { AgentRow, AlarmRow, BoxRow, CallRow, JobRow, TrunkRow } from "./rows";

type All = { kind: "all"; calls: CallRow[]; agents: AgentRow[]; trunks?: TrunkRow[]; alarms?: AlarmRow[]; box?: BoxRow | null; now: string };
type Jobs = { kind: "jobs"; jobs: JobRow[]; now: string };
type Change = {
  kind: "change";
  calls?: { call_id: string; row: CallRow | null }[];
  agents?: { agent_number: string; row: AgentRow | null }[];
  trunks?: { trunk: string; row: TrunkRow | null }[];
  alarms?: { alarm: string; row: AlarmRow | null }[];
  box?: BoxRow | null;
  now: string;
};

export const calls = signal<ReadonlyMap<string, CallRow>>(new Map());
export const agents = signal<ReadonlyMap<string, AgentRow>>(new Map());
/** By the id of the row; nothing for who may not see trunks. */
export const trunks = signal<ReadonlyMap<string, TrunkRow>>(new Map());
/** What is wrong now, of what whoever is signed in is told. */
export const alarms = signal<ReadonlyMap<string, AlarmRow>>(new Map());
export const box = signal<BoxRow | null>(null);
/** The jobs that whoever is signed in started: those that wait or run, and those that ended lately. */
export const jobs = signal<readonly JobRow[]>([]);
/** `lost` only after it was up or a first try failed, so that a page being opened does not cry. */
export const line = signal<"off" | "opening" | "up" | "lost">("off");
/** When the next try begins, on this browser's clock in milliseconds. */
export const retryAt = signal(0);
/** Ticks once a second: running times are computed here, a passing second sends nothing. */
export const second = signal(Date.now());
/** The office was told once; without the right to see the box, of the box nothing. */
export const known = signal(false);

const waitFirst = 500;
const waitMax = 15_000;
const silenceMax = 45_000;
const samplesMax = 90;

let socket: WebSocket | null = null;
let timer = 0;
let tries = 0;
let heard = 0;
let ahead = 0;
let wanted = false;

/** Seconds since a moment of the box's clock, whatever this browser's clock says. */
export function sinceSeconds(at: string, now = second.value): number {
  return Math.max(0, (now + ahead - Date.parse(at)) / 1000);
}

/** How long to wait before try `n`, from 0: doubling, bounded, spread so that many browsers do not come at once. */
export function backoff(n: number, chance: number): number {
  return Math.min(waitMax, waitFirst * 2 ** Math.min(n, 10)) * (0.75 + chance / 2);
}

/** What a map of rows is after some came, changed or went. */
export function changed<T>(rows: ReadonlyMap<string, T>, news: readonly [string, T | null][]): ReadonlyMap<string, T> {
  const next = new Map(rows);
  for (const [key, row] of news) row === null ? next.delete(key) : next.set(key, row);
  return next;
}

/** Columns that a role hides do not come; what is drawn from them is then empty. */
const whole = (row: CallRow): CallRow => ({ ...row, sides: row.sides ?? [], caller_name: row.caller_name ?? "", caller_number: row.caller_number ?? "", called_name: row.called_name ?? "", called_number: row.called_number ?? "", started_at: row.started_at ?? row.since ?? "" });
const present = (row: AgentRow): AgentRow => ({ ...row, devices: row.devices ?? [], since: row.since ?? "" });

function take(message: All | Change | Jobs): void {
  heard = Date.now();
  ahead = Date.parse(message.now) - heard;
  batch(() => {
    if (message.kind === "jobs") {
      jobs.value = message.jobs;
    } else if (message.kind === "all") {
      calls.value = new Map(message.calls.map((row) => [row.call_id, whole(row)]));
      agents.value = new Map(message.agents.map((row) => [row.agent_number, present(row)]));
      trunks.value = new Map((message.trunks ?? []).map((row) => [row.trunk, row]));
      alarms.value = new Map((message.alarms ?? []).map((row) => [row.alarm, row]));
      box.value = message.box ?? null;
      known.value = true;
    } else {
      if (message.calls?.length) calls.value = changed(calls.value, message.calls.map((c) => [c.call_id, c.row && whole(c.row)]));
      if (message.agents?.length) agents.value = changed(agents.value, message.agents.map((a) => [a.agent_number, a.row && present(a.row)]));
      if (message.trunks?.length) trunks.value = changed(trunks.value, message.trunks.map((one) => [one.trunk, one.row]));
      if (message.alarms?.length) alarms.value = changed(alarms.value, message.alarms.map((one) => [one.alarm, one.row]));
      if (message.box) box.value = message.box;
    }
  });
}

function open(): void {
  clearTimeout(timer);
  if (line.value === "off") line.value = "opening";
  const opened = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/panel/live`);
  socket = opened;
  opened.onmessage = (event) => {
    if (socket !== opened) return;
    take(JSON.parse(String(event.data)) as All | Change | Jobs);
    tries = 0;
    line.value = "up";
  };
  opened.onclose = (event) => {
    if (socket !== opened) return;
    socket = null;
    if (event.code === 4401) {
      stop();
      sessionEnded.value++;
    } else if (wanted) again();
  };
}

function again(): void {
  const wait = backoff(tries++, Math.random());
  line.value = "lost";
  retryAt.value = Date.now() + wait;
  timer = window.setTimeout(retry, wait);
}

/** Before a new try the session is looked at: a socket that is refused does not say why. */
async function retry(): Promise<void> {
  if (tries > 1) {
    const session = await ask("GET", "session");
    if (!wanted || socket) return;
    if (!session.ok && session.refused.status === 401) return stop();
    if (!session.ok && session.refused.status === 0) return again();
  }
  open();
}

/** Tries now instead of waiting. */
export function hurry(): void {
  if (!wanted || socket) return;
  clearTimeout(timer);
  void retry();
}

/** A connection can die without a word: after a long silence the box is asked, and the socket made anew if need be. */
async function listen(): Promise<void> {
  if (!socket || line.value !== "up" || Date.now() - heard < silenceMax) return;
  heard = Date.now();
  const asked = socket;
  const session = await ask("GET", "session");
  if (socket === asked && !session.ok && session.refused.status === 0) {
    socket = null;
    asked.close();
    again();
  }
}

export function start(): void {
  if (wanted) return;
  wanted = true;
  tries = 0;
  open();
}

export function stop(): void {
  wanted = false;
  clearTimeout(timer);
  socket?.close();
  socket = null;
  batch(() => {
    line.value = "off";
    calls.value = new Map();
    agents.value = new Map();
    box.value = null;
    jobs.value = [];
    known.value = false;
  });
  samples.clear();
}

/** The last minute and a half of each side of each call, one sample a second, kept in the page only. */
export type Sample = { mos: number | null; level: number };
const samples = new Map<string, Sample[]>();

export function history(call_id: string, side: number): Sample[] {
  return samples.get(`${call_id} ${side}`) ?? [];
}

function sample(): void {
  for (const key of samples.keys()) if (!calls.value.has(key.slice(0, key.lastIndexOf(" ")))) samples.delete(key);
  for (const call of calls.value.values()) {
    if (!call.answered_at) continue;
    call.sides.forEach((side, n) => {
      const key = `${call.call_id} ${n}`;
      const kept = samples.get(key) ?? [];
      samples.set(key, [...kept.slice(1 - samplesMax), { mos: side.mos, level: side.level_dbfs }]);
    });
  }
}

window.setInterval(() => {
  if (line.value !== "up" && line.value !== "lost") return;
  sample();
  second.value = Date.now();
  void listen();
}, 1000);
window.addEventListener("online", hurry);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && hurry());
