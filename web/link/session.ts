// Who is signed in, and the box they are signed in to.
import { batch, signal } from "@preact/signals";
import { ask, type Refused } from "./request";
import { setMoneyFormats, type MoneyFormats } from "../word/money";
import { setTimeFormats, setZone, type TimeFormats } from "../word/time";
import { t } from "../word/words";
import * as live from "./live";

export type Account = { kind?: "account" | "agent"; id: string; username: string; first_name: string; last_name: string; owner?: boolean; role: string | null };
/** What the panel draws by; the box asks its own. */
export type Rights = { whole: boolean; permissions: string[] };
export type SipAddress = { host: string; udp: number | null; tcp: number | null; tls: number | null };
export type NameFormat = "last_first" | "first_last" | "last_title";
export type Formats = TimeFormats & MoneyFormats & { name_format: NameFormat };
export type Box = { name: string; version: string; language: string; time_zone?: string; formats?: Formats; sip?: SipAddress };
export type Session = {
  account: Account;
  /** Who acts as that account, with a way back. */
  acted_by?: Account | null;
  rights?: Rights;
  box: Box;
};
export type Setup = { needed: boolean; open: boolean; box?: { name: string; language: string } };

/** `undefined` until the box has been asked. */
export const session = signal<Session | null | undefined>(undefined);
export const setup = signal<Setup | null>(null);
/** The box gave no answer when the page was opened. */
export const unreachable = signal(false);

export async function look(): Promise<void> {
  const answer = await ask<Session>("GET", "session");
  if (answer.ok) return began(answer.body);
  if (answer.refused.status === 0 || answer.refused.status >= 500) {
    unreachable.value = true;
    return;
  }
  await lookSetup();
  batch(() => {
    unreachable.value = false;
    session.value = null;
  });
}

export async function lookSetup(): Promise<void> {
  const answer = await ask<Setup>("GET", "setup");
  if (answer.ok) setup.value = answer.body;
}

export function began(body: Session): void {
  setZone(body.box.time_zone);
  setTimeFormats(body.box.formats);
  setMoneyFormats(body.box.formats);
  batch(() => {
    unreachable.value = false;
    session.value = body;
    if (setup.value) setup.value = { ...setup.value, needed: false };
  });
  live.start();
}

export function ended(): void {
  live.stop();
  session.value = null;
}

export async function signIn(username: string, password: string): Promise<Refused | null> {
  const answer = await ask<Session>("POST", "session", { username, password });
  if (!answer.ok) return answer.refused;
  began(answer.body);
  return null;
}

export async function signOut(): Promise<Refused | null> {
  const answer = await ask("DELETE", "session");
  if (!answer.ok && answer.refused.status !== 401) return answer.refused;
  ended();
  return null;
}

/** Whether the person signed in has a permission such as `box.view`. */
export function allowed(permission: string): boolean {
  const rights = session.value?.rights;
  return !rights || rights.whole || rights.permissions.includes(permission);
}

/** Who uses this browser: kept apart from others in what it remembers. */
export function self(): string {
  const account = session.value?.account;
  return account ? `${account.kind ?? "account"}${account.id}` : "";
}

/** Goes on as another, or back; everything that was known was known to the one before. */
async function become(path: string): Promise<Refused | null> {
  const answer = await ask<Session>("POST", path);
  if (!answer.ok) return answer.refused;
  location.assign("/");
  return null;
}

export function signInAs(path: string, id: string): Promise<Refused | null> {
  return become(`${path}/${id}/sign_in_as`);
}

export function goBack(): Promise<Refused | null> {
  return become("session/back");
}

const eastern = /[\u2e80-\u{3ffff}]/u;

/** As the office wants it (PRF-15); joined without a space where both parts are in Chinese or Japanese writing. */
export function fullName(row: { [field: string]: unknown }, format: NameFormat = session.value?.box.formats?.name_format ?? "last_first"): string {
  const [first, last] = [String(row.first_name ?? "").trim(), String(row.last_name ?? "").trim()];
  const east = eastern.test(first) && eastern.test(last);
  if (format === "last_title" && last) return t("name.titled", { last });
  if (format === "first_last") return [first, last].filter(Boolean).join(" ");
  return east ? last + first : [first, last].filter(Boolean).join(" ");
}

/** What a person types into a softphone; without the box's word, the name in the address bar. */
export function sipAddress(): SipAddress {
  return session.value?.box.sip ?? { host: location.hostname, udp: 5060, tcp: 5060, tls: 5061 };
}
