// The form of any declared resource, in a drawer: its tabs, its history, who uses it; refusals beside their fields.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ask, type Why } from "../link/request";
import type { Row } from "../link/rows";
import { may, type Resource } from "../link/schema";
import { Button } from "../part/button";
import { Dialog } from "../part/dialog";
import { Icon } from "../part/icon";
import { Skeleton } from "../part/skeleton";
import { Tabs, type Tab } from "../part/tabs";
import { refusalSentence } from "../word/refusal";
import { fully } from "../word/time";
import { t } from "../word/words";
import { isWide, tabsOf } from "./fields";
import { History } from "./history";
import { useRecord, type Kept, type Saved, type Values } from "./record";
import { UsedBy } from "./used_by";

export type { Saved } from "./record";

type Props = {
  resource: Resource;
  /** null adds. Of a resource that is one record it says nothing. */
  id: string | null;
  preset?: Values;
  title: (row: Row | null) => ComponentChildren;
  under?: (row: Row) => ComponentChildren;
  /** A further tab for a row that exists, shown before the others. */
  aside?: { name: string; label: string; body: (row: Row) => ComponentChildren };
  /** Stands beside the buttons of the foot while a record is edited. */
  tool?: (kept: Kept) => ComponentChildren;
  /** Begins on this tab. */
  tab?: string;
  onClose: () => void;
  onSaved: (row: Saved, added: boolean) => void;
  /** The same where another is to be added next. */
  onAnother?: (row: Saved) => void;
  /** Without it the row stays. */
  onDelete?: (row: Row) => void;
  onClone?: (row: Row) => void;
};

/** Shows the tab and gives the focus to the first field that something is wrong with. */
export function useWrong(resource: Resource, id: string, setTab: (name: string) => void): (found: Record<string, Why>) => void {
  return (found) => {
    const order = resource.tabs.flatMap((tab) => tab.fields);
    const at = (place: string) => order.indexOf(place.split(".")[0]!);
    const [first] = Object.keys(found).sort((a, b) => at(a) - at(b));
    if (!first) return;
    const name = first.split(".")[0]!;
    const home = resource.tabs.find((tab) => tab.fields.includes(name));
    if (home) setTab(home.name);
    const exact = `${id}-${first.split(".").join("-")}`;
    requestAnimationFrame(() => {
      const control = document.getElementById(exact) ?? document.getElementById(`${id}-${name}`);
      (control?.matches("input, select, textarea, [contenteditable]") ? control : control?.querySelector<HTMLElement>("input, select, textarea, button"))?.focus();
    });
  };
}

export function Refusal({ kept }: { kept: Kept }) {
  const { refused, wrong, declared } = kept;
  if (!refused) return null;
  const known = Object.keys(refused.fields).some((place) => declared.some((f) => f.name === place.split(".")[0]));
  return (
    <p class="notice tone-bad" role="alert">
      <Icon name="warning" size={18} /> <span>{known && Object.keys(wrong).length ? t("form.look_at_fields") : refusalSentence(refused)}</span>
    </p>
  );
}

export function Made({ row, only }: { row: Row; only: boolean }) {
  if (!row.updated_at) return null;
  return (
    <dl class="form-made small soft">
      {!only && <div><dt>{t("row.id")}</dt><dd class="mono">{row.id}</dd></div>}
      <div><dt>{t("row.created_at")}</dt><dd>{fully(row.created_at)}</dd></div>
      <div><dt>{t("row.updated_at")}</dt><dd>{fully(row.updated_at)}</dd></div>
    </dl>
  );
}

/** What whoever opens a record is told first: the alerts on a customer's numbers (POP-2). */
function Warnings({ path }: { path: string }) {
  const [told, setTold] = useState<string[]>([]);
  useEffect(() => void ask<{ items: string[] }>("GET", `${path}/warnings`).then((answer) => answer.ok && setTold(answer.body.items)), []);
  return <>{told.map((text) => <p key={text} class="notice tone-bad warned" role="alert"><Icon name="warning" size={18} /> <bdi>{text}</bdi></p>)}</>;
}

export function Form({ resource, id, preset, title, under, aside, tool, tab: begins, onClose, onSaved, onAnother, onDelete, onClone }: Props) {
  const self = useId();
  const [tab, setTab] = useState(begins ?? (aside && id !== null ? aside.name : ""));
  const form = useRef<HTMLFormElement>(null);
  const kept = useRecord({ resource, id, preset, onWrong: useWrong(resource, self, setTab) });
  const { adding, only, path, row, busy, dirty, locked, refused } = kept;

  const own = tabsOf(kept, self);
  const tabs: Tab[] = [...own];
  if (aside && row) tabs.unshift({ name: aside.name, label: aside.label, wrong: false, body: <>{aside.body(row)}</> });
  const chosen = tabs.some((each) => each.name === tab) || tab === "history" || tab === "users" ? tab : (tabs[0]?.name ?? "");
  if (row && resource.held !== "packed") {
    if (!only) tabs.push({ name: "users", label: t("tab.users"), body: chosen === "users" ? <UsedBy resource={resource} path={path} /> : null });
    tabs.push({ name: "history", label: t("tab.history"), body: chosen === "history" ? <History resource={resource} path={path} row={row} onUndone={() => void kept.load({})} /> : null });
  }
  const editing = own.some((each) => each.name === chosen);

  const save = async (done = onSaved) => {
    if (!adding && !dirty) return onClose();
    const saved = await kept.save();
    if (saved) done(saved, adding);
  };
  const close = async () => {
    if (await kept.mayGo()) onClose();
  };
  return (
    <Dialog
      drawer
      wide={isWide(resource, kept.declared)}
      title={title(row)}
      under={row && under?.(row)}
      onClose={() => void close()}
      foot={
        (adding || row) && (
          <>
            <span class="push">
              {row && onDelete && may(resource, "delete") && <Button look="danger" icon="trash" disabled={busy} onClick={() => onDelete(row)}>{t("do.delete")}</Button>}
              {row && onClone && may(resource, "clone") && <Button icon="clone" disabled={busy} onClick={() => onClone(row)}>{t("action.clone")}</Button>}
            </span>
            {!locked && tool?.(kept)}
            <Button onClick={() => void close()}>{t(dirty || adding ? "do.cancel" : "do.close")}</Button>
            {!locked && adding && onAnother && <Button disabled={busy} onClick={() => void save(onAnother)}>{t("do.add_another")}</Button>}
            {!locked && (editing || dirty) && <Button look="primary" busy={busy} disabled={!adding && !dirty} onClick={() => void save()}>{t(adding ? "do.add" : "do.save")}</Button>}
          </>
        )
      }
    >
      <form
        ref={form}
        noValidate
        onSubmit={(e) => (e.preventDefault(), locked || void save())}
        onKeyDown={(e) => {
          if (e.key === "s" && (e.ctrlKey || e.metaKey)) (e.preventDefault(), locked || void save());
        }}
      >
        <Refusal kept={kept} />
        {row && resource.warns && <Warnings key={`${row.id} ${row.rev}`} path={path} />}
        {!adding && !row && !refused && <Skeleton lines={6} />}
        {(adding || row) && (tabs.length > 1 ? <Tabs id={`${self}-part`} label={t("form.parts")} tabs={tabs} chosen={chosen} onChoose={setTab} /> : tabs[0]?.body)}
        {row && editing && resource.held !== "packed" && <Made row={row} only={only} />}
        <button type="submit" class="unseen" tabIndex={-1} aria-hidden="true" />
      </form>
    </Dialog>
  );
}
