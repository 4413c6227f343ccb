// One record in a form: what is stored, what was typed over it, what is wrong with it, and the way to save it.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { check, slips } from "../kind/check";
import { beginning, hidden } from "../kind/kinds";
import { forget } from "../link/choices";
import { ask, type Refused, type Why } from "../link/request";
import { onlyPlaced, useLayout, valueAt, withValue } from "../link/layout";
import { holdBack } from "../link/route";
import type { Row } from "../link/rows";
import { appears, fields, loadResources, may, needed, type Field, type Resource } from "../link/schema";
import { confirm } from "../part/dialog";
import { t } from "../word/words";

/** A saved record; of several that were typed at once how many, and which were there already. */
export type Saved = Row & { generated?: Record<string, string>; added?: number; skipped?: string[] };
export type Values = Record<string, unknown>;

/** The same to whoever reads it: nothing is nothing, whether it is null or an empty line. */
function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a ?? "") === JSON.stringify(b ?? "");
}

/** As it is sent: without the spaces at its ends, and without the empty lines of a list. */
export function trimmed(value: unknown): unknown {
  if (typeof value === "string") return value.trim();
  if (Array.isArray(value)) return value.map(trimmed).filter((entry) => entry !== "");
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, trimmed(one)]));
  return value;
}

/** What was changed, as the body of a PATCH; an untouched secret is no change. */
export function changesOf(declared: Field[], before: Values, now: Values): Values {
  const changes: Values = {};
  for (const { name, kind } of declared) {
    if (hidden.has(kind) ? now[name] !== undefined && now[name] !== before[name] : !same(before[name], now[name])) changes[name] = trimmed(now[name]);
  }
  return changes;
}

function firstValues(declared: Field[], preset: Values): Values {
  return { ...Object.fromEntries(declared.map((f) => [f.name, beginning(f)])), ...preset };
}

function storedValues(declared: Field[], row: Row): Values {
  return Object.fromEntries(declared.map((f) => [f.name, hidden.has(f.kind) ? undefined : row[f.name]]));
}

export type Kept = ReturnType<typeof useRecord>;

type Asked = { resource: Resource; id: string | null; preset?: Values; onWrong: (found: Record<string, Why>) => void };

export function useRecord({ resource, id, preset = {}, onWrong }: Asked) {
  const declared = fields(resource);
  const only = resource.held === "single";
  const adding = !only && id === null;
  const path = only ? resource.path : `${resource.path}/${id}`;
  const [row, setRow] = useState<Row | null>(null);
  const [before, setBefore] = useState<Values>(() => firstValues(declared, preset));
  const [values, setValues] = useState<Values>(() => firstValues(declared, preset));
  const [wrong, setWrong] = useState<Record<string, Why>>({});
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const placed = useLayout(resource, declared, values);
  // Another package has other fields: what was typed into those of before goes with them.
  useEffect(() => void (adding && placed && setValues((was) => onlyPlaced(was, placed))), [placed]);
  const changes = changesOf(declared, before, values);
  const dirty = Object.keys(changes).length > 0;
  // Asked when one leaves, of what was typed last: a page drawn a moment later would let the last key slip.
  const latest = useRef(dirty);
  latest.current = dirty;

  const load = async (keep: Values) => {
    const answer = await ask<Row>("GET", path);
    if (!answer.ok) return setRefused(answer.refused);
    const stored = storedValues(declared, answer.body);
    setRow(answer.body);
    setBefore(stored);
    setValues({ ...stored, ...keep });
  };
  useLayoutEffect(() => void (adding || load({})), [id]);
  const askToLeave = () => confirm({ title: t("form.leave_title"), text: t("form.leave_text"), yes: t("form.leave_yes"), no: t("form.leave_no"), danger: true });
  useLayoutEffect(() => holdBack({ dirty: () => latest.current, ask: askToLeave }), []);
  /** Whether this form may go away; then it holds nothing back any more, so that one is asked once. */
  const mayGo = async () => {
    if (latest.current) latest.current = !(await askToLeave());
    return !latest.current;
  };

  const set = (name: string, value: unknown) => {
    latest.current ||= !same(valueAt(before, name), value);
    setValues((was) => withValue(was, name, value));
    setWrong((was) => Object.fromEntries(Object.entries(was).filter(([place]) => place !== name && !place.startsWith(`${name}.`))));
  };
  const fail = (found: Record<string, Why>) => {
    setWrong(found);
    onWrong(found);
  };
  const shown = (f: Field) => appears(resource, f.name, values) && !(adding && (f.shown || f.later));

  /** What would be sent; null: something is missing or wrong, and the form says what. */
  const typed = (): Values | null => {
    // What stands as it was saved is as the box took it, also where less is allowed by now; only what is missing is asked for.
    const lacks = (f: Field) => needed(resource, f, values) && !hidden.has(f.kind) && check(f, values[f.name], true)?.why === "required";
    const asked = declared.filter((f) => shown(f) && !f.shown && !f.given && (adding || f.name in changes || lacks(f)));
    // Nothing typed into a secret is nothing given when adding, and no change when editing.
    const found = Object.assign({}, ...asked.filter((f) => !(adding && resource.many?.field === f.name)).map((f) => slips(f, adding ? (values[f.name] ?? "") : values[f.name], f.name, needed(resource, f, values, adding) && !f.generated)));
    if (Object.keys(found).length) return (fail(found), null);
    setWrong({});
    if (!adding) return changes;
    return Object.fromEntries(asked.filter((f) => values[f.name] !== undefined && values[f.name] !== "").map((f) => [f.name, trimmed(values[f.name])]));
  };

  /** Null: it was not saved, and the form says why. */
  const save = async (): Promise<Saved | null> => {
    if (busy) return null;
    setRefused(null);
    const given = typed();
    if (!given) return null;
    setBusy(true);
    const answer = adding ? await ask<Saved>("POST", resource.path, given) : await ask<Saved>("PATCH", path, given, { "If-Match": `"${row?.rev}"` });
    setBusy(false);
    if (answer.ok) {
      latest.current = false;
      setBefore(values);
      forget(resource.name, answer.body.id);
      // The next new one begins with what comes after this one.
      if (resource.rules.some((rule) => rule.rule === "in_turn" || rule.rule === "last")) void loadResources(true);
      return answer.body;
    }
    setRefused(answer.refused);
    if (answer.refused.error === "changed_meanwhile") await load(changes);
    fail(answer.refused.fields);
    return null;
  };

  /** After the box set a field by itself. */
  const readAgain = (name: string) => load(Object.fromEntries(Object.entries(changes).filter(([changed]) => changed !== name)));

  const locked = !may(resource, adding ? "add" : "edit");
  return { resource, declared, placed, adding, only, path, row, values, wrong, refused, busy, dirty, locked, shown, set, typed, fail, save, load, readAgain, mayGo };
}
