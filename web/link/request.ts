// One request to the box: JSON there and back, refusals as values, an ended session leads to sign-in.
import { signal } from "@preact/signals";

export type Why = { why: string } & Record<string, string | number>;
export type Refused = { status: number; error: string; message: string; fields: Record<string, Why>; after: number; users?: { noun: string; id: string; name: string; field: string }[] };
export type Answer<T> = { ok: true; body: T; tag: string | null } | { ok: false; refused: Refused };

/** Counts up whenever the box says that nobody is signed in. */
export const sessionEnded = signal(0);

const patience = 20_000;

function refusal(status: number, body: unknown, after: number): Refused {
  const read = (typeof body === "object" && body !== null ? body : {}) as Partial<Refused>;
  return {
    status,
    error: typeof read.error === "string" ? read.error : status === 0 ? "unreachable" : "failed",
    message: typeof read.message === "string" ? read.message : "",
    fields: read.fields && typeof read.fields === "object" ? read.fields : {},
    after,
    users: Array.isArray(read.users) ? read.users : undefined,
  };
}

/** What was asked before the page that needs it is drawn, by its path. */
const early = new Map<string, Promise<Answer<unknown>>>();

/** Asks for what a page is about to ask for: the answer comes while the page is drawn. */
export function askEarly(path: string): void {
  early.set(path, answered("GET", path));
}

/** What no page has asked for by now is old. */
export function forgetEarly(): void {
  early.clear();
}

/** Asks the box for `path` below `/panel/`. Status 0 with `unreachable`: no answer at all. */
export function ask<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
  const asked = method === "GET" ? early.get(path) : undefined;
  if (asked) early.delete(path);
  return (asked as Promise<Answer<T>> | undefined) ?? answered<T>(method, path, body, headers);
}

async function answered<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
  let answer: Response;
  try {
    answer = await fetch(`/panel/${path}`, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(patience),
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(method === "GET" ? {} : { "X-Callbox": "1" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    return { ok: false, refused: refusal(0, null, 0) };
  }
  const read: unknown = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (answer.ok) return { ok: true, body: read as T, tag: answer.headers.get("ETag") };
  const refused = refusal(answer.status, read, Number(answer.headers.get("Retry-After") ?? 0));
  if (refused.error === "unauthorized") sessionEnded.value++;
  return { ok: false, refused };
}

/** Sends a file as it is, telling how much of it has gone, 0 to 1. */
export function send<T>(path: string, file: Blob, onPart: (part: number) => void): Promise<Answer<T>> {
  return new Promise((done) => {
    const sent = new XMLHttpRequest();
    sent.open("POST", `/panel/${path}`);
    sent.responseType = "json";
    sent.setRequestHeader("X-Callbox", "1");
    sent.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    sent.upload.onprogress = (event) => event.lengthComputable && onPart(event.loaded / event.total);
    sent.onload = () => {
      const ok = sent.status >= 200 && sent.status < 300;
      if (sent.status === 401) sessionEnded.value++;
      done(ok ? { ok, body: sent.response as T, tag: null } : { ok: false, refused: refusal(sent.status, sent.response, 0) });
    };
    sent.onerror = () => done({ ok: false, refused: refusal(0, null, 0) });
    sent.send(file);
  });
}

export function query(values: Record<string, string | number | null | undefined>): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== null && value !== undefined && value !== "") parts.set(name, String(value));
  const text = parts.toString();
  return text ? `?${text}` : "";
}
