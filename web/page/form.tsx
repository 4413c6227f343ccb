// The form of any declared resource, in a drawer: tabs, editors by kind, refusals beside their fields.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { check } from "../kind/check";
import { editor, grouped, hidden } from "../kind/kinds";
import { ask, type Refused, type Why } from "../link/request";
import { holdBack } from "../link/route";
import type { Row } from "../link/rows";
import { fields, type Field as Declared, type Resource } from "../link/schema";
import { Button } from "../part/button";
import { confirm, Dialog } from "../part/dialog";
import { describedBy, Field } from "../part/field";
import { Icon } from "../part/icon";
import { Skeleton } from "../part/skeleton";
import { Tabs } from "../part/tabs";
import { say } from "../part/toast";
import { refusalSentence, whySentence } from "../word/refusal";
import { fully } from "../word/time";
import { has, language, t } from "../word/words";

export type Saved = Row & { generated?: Record<string, string> };

type Props = {
  resource: Resource;
  /** null adds. Of a resource that is one record it says nothing. */
  id: string | null;
  title: (row: Row | null) => ComponentChildren;
  under?: (row: Row) => ComponentChildren;
  /** A further tab for a row that exists, shown before the others. */
  aside?: { name: string; label: string; body: (row: Row) => ComponentChildren };
  onClose: () => void;
  onSaved: (row: Saved, added: boolean) => void;
  /** Without it the row stays. */
  onDelete?: (row: Row) => void;
};

type Values = Record<string, unknown>;

/** Lists are the same when their entries are, in their order. */
const same = (a: unknown, b: unknown) => (Array.isArray(a) && Array.isArray(b) ? a.join("\n") === b.join("\n") : (a ?? "") === (b ?? ""));

/** As it is sent: without the spaces at its ends, and without the empty lines of a list. */
function trimmed(value: unknown): unknown {
  if (typeof value === "string") return value.trim();
  return Array.isArray(value) ? value.map(trimmed).filter((entry) => entry !== "") : value;
}

/** What was changed, as the body of a PATCH; an untouched secret is no change. */
export function changesOf(declared: Declared[], before: Values, now: Values): Values {
  const changes: Values = {};
  for (const { name, kind } of declared) {
    if (hidden.has(kind) ? now[name] !== undefined && now[name] !== before[name] : !same(before[name], now[name])) changes[name] = trimmed(now[name]);
  }
  return changes;
}

/** The family name stands first where people write it first. */
export function familyFirst(listed: Declared[], code: string): Declared[] {
  const [first, last] = ["first_name", "last_name"].map((name) => listed.findIndex((f) => f.name === name)) as [number, number];
  if (code === "en" || first < 0 || last < first) return listed;
  const swapped = [...listed];
  [swapped[first], swapped[last]] = [listed[last]!, listed[first]!];
  return swapped;
}

function firstValues(declared: Declared[]): Values {
  return Object.fromEntries(declared.map((f) => [f.name, hidden.has(f.kind) ? undefined : (f.schema.default ?? (f.kind === "switch" ? false : f.nullable ? null : ""))]));
}

function storedValues(declared: Declared[], row: Row): Values {
  return Object.fromEntries(declared.map((f) => [f.name, hidden.has(f.kind) ? undefined : row[f.name]]));
}

export function Form({ resource, id, title, under, aside, onClose, onSaved, onDelete }: Props) {
  const declared = fields(resource);
  const self = useId();
  const form = useRef<HTMLFormElement>(null);
  const only = resource.held === "single";
  const adding = !only && id === null;
  const path = only ? resource.path : `${resource.path}/${id}`;
  const [row, setRow] = useState<Row | null>(null);
  const [before, setBefore] = useState<Values>(() => firstValues(declared));
  const [values, setValues] = useState<Values>(() => firstValues(declared));
  const [wrong, setWrong] = useState<Record<string, Why>>({});
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const [tab, setTab] = useState(aside && !adding ? aside.name : (resource.tabs[0]?.name ?? "general"));

  const load = async (keep: Values) => {
    const answer = await ask<Row>("GET", path);
    if (!answer.ok) return setRefused(answer.refused);
    const stored = storedValues(declared, answer.body);
    setRow(answer.body);
    setBefore(stored);
    setValues({ ...stored, ...keep });
  };
  useEffect(() => void (adding || load({})), [id]);

  const changes = changesOf(declared, before, values);
  const dirty = Object.keys(changes).length > 0;
  const latest = useRef({ dirty });
  latest.current.dirty = dirty;
  useEffect(() => {
    // Asked when one leaves, of what was typed last: a page drawn a moment later would let the last key slip.
    holdBack({
      dirty: () => latest.current.dirty,
      ask: () => confirm({ title: t("form.leave_title"), text: t("form.leave_text"), yes: t("form.leave_yes"), no: t("form.leave_no"), danger: true }),
    });
    return () => holdBack(null);
  }, []);

  const showWrong = (found: Record<string, Why>) => {
    setWrong(found);
    const first = declared.find((f) => found[f.name]);
    if (!first) return;
    const home = resource.tabs.find((one) => one.fields.includes(first.name));
    if (home) setTab(home.name);
    requestAnimationFrame(() => {
      const control = document.getElementById(`${self}-${first.name}`);
      (control?.matches("input, select, textarea") ? control : control?.querySelector("input"))?.focus();
    });
  };

  const save = async () => {
    if (busy) return;
    setRefused(null);
    const toCheck = adding ? declared : declared.filter((f) => f.name in changes);
    const slips: Record<string, Why> = {};
    for (const f of toCheck) {
      // Nothing typed into a secret is nothing given when adding, and no change when editing.
      const why = check(f, adding ? (values[f.name] ?? "") : values[f.name]);
      if (why) slips[f.name] = why;
    }
    if (Object.keys(slips).length) return showWrong(slips);
    if (!adding && !dirty) return onClose();
    setWrong({});
    setBusy(true);
    const body = adding ? Object.fromEntries(Object.entries(values).filter(([, v]) => v !== undefined && v !== "").map(([k, v]) => [k, trimmed(v)])) : changes;
    const answer = adding ? await ask<Saved>("POST", resource.path, body) : await ask<Saved>("PATCH", path, body, { "If-Match": `"${row?.rev}"` });
    setBusy(false);
    if (answer.ok) {
      holdBack(null);
      return onSaved(answer.body, adding);
    }
    setRefused(answer.refused);
    if (answer.refused.error === "changed_meanwhile") await load(changes);
    showWrong(answer.refused.fields);
  };

  const one = (f: Declared, n: number) => {
    const at = `${self}-${f.name}`;
    const key = `${resource.name}.${f.name}`;
    const why = wrong[f.name];
    const Editor = editor(f.kind);
    const fixed = !adding && f.fixed;
    const help = fixed ? t("form.fixed") : has(`${key}.help`) ? t(`${key}.help`) : undefined;
    return (
      <Field key={f.name} id={at} label={t(key)} help={help} error={why && whySentence(resource.name, f.name, why)} optional={adding && !f.required && !["choice", "switch"].includes(f.kind)} group={grouped(f)}>
        <Editor
          id={at}
          noun={resource.name}
          field={f}
          value={values[f.name]}
          onChange={(value) => {
            latest.current.dirty ||= !same(before[f.name], value);
            setValues((was) => ({ ...was, [f.name]: value }));
            setWrong(({ [f.name]: _, ...others }) => others);
          }}
          wrong={Boolean(why)}
          describedBy={describedBy(at, help, why)}
          adding={adding}
          disabled={busy || fixed}
          first={n === 0 && adding}
        />
      </Field>
    );
  };

  const tabs = resource.tabs.map((each) => {
    const listed = familyFirst(declared.filter((f) => each.fields.includes(f.name)), language.value);
    return { name: each.name, label: t(`tab.${each.name}`), wrong: listed.some((f) => wrong[f.name]), body: <div class="form-fields">{listed.map(one)}</div> };
  });
  if (aside && row) tabs.unshift({ name: aside.name, label: aside.label, wrong: false, body: <>{aside.body(row)}</> });
  const chosen = tabs.some((each) => each.name === tab) ? tab : (tabs[0]?.name ?? "");
  const editing = adding || chosen !== aside?.name;

  return (
    <Dialog
      drawer
      title={title(row)}
      under={row && under?.(row)}
      onClose={onClose}
      foot={
        (adding || row) && (
          <>
            {row && onDelete && <span class="push"><Button look="danger" icon="trash" disabled={busy} onClick={() => onDelete(row)}>{t("do.delete")}</Button></span>}
            <Button onClick={onClose}>{t(dirty || adding ? "do.cancel" : "do.close")}</Button>
            {(editing || dirty) && <Button look="primary" busy={busy} disabled={!adding && !dirty} onClick={() => void save()}>{t(adding ? "do.add" : "do.save")}</Button>}
          </>
        )
      }
    >
      <form
        ref={form}
        noValidate
        onSubmit={(e) => (e.preventDefault(), void save())}
        onKeyDown={(e) => {
          if (e.key === "s" && (e.ctrlKey || e.metaKey)) (e.preventDefault(), void save());
        }}
      >
        {refused && (
          <p class="notice tone-bad" role="alert">
            <Icon name="warning" size={18} /> <span>{Object.keys(refused.fields).length ? t("form.look_at_fields") : refusalSentence(refused)}</span>
          </p>
        )}
        {!adding && !row && !refused && <Skeleton lines={6} />}
        {(adding || row) && (tabs.length > 1 ? <Tabs id={self} label={t("form.parts")} tabs={tabs} chosen={chosen} onChoose={setTab} /> : tabs[0]?.body)}
        {row && editing && row.updated_at && (
          <dl class="form-made small soft">
            {!only && <div><dt>{t("row.id")}</dt><dd class="mono">{row.id}</dd></div>}
            <div><dt>{t("row.created_at")}</dt><dd>{fully(row.created_at)}</dd></div>
            <div><dt>{t("row.updated_at")}</dt><dd>{fully(row.updated_at)}</dd></div>
          </dl>
        )}
        <button type="submit" class="unseen" tabIndex={-1} aria-hidden="true" />
      </form>
    </Dialog>
  );
}

/** Says that a row was saved. */
export function saySaved(added: boolean, name: string): void {
  say(t(added ? "say.added" : "say.saved", { name }));
}
