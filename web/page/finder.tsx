// Finds everything from one line: pages, fields of the settings, records, and what can be added (Ctrl+K).
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ask, query } from "../link/request";
import { go } from "../link/route";
import { fields, may, resource, resources } from "../link/schema";
import { useModal } from "../part/dialog";
import { Icon, type IconName } from "../part/icon";
import { useSettled } from "./listing";
import { many, one, t } from "../word/words";
import { chapters, firstEntries } from "./chapters";
import { iconOf } from "./menu_icon";

type Target = { key: string; to: string; label: string; note: string; icon: IconName };
/** A record that the box found; `field` says where in it. */
type Found = { noun: string; id: string; name: string; field?: string };

const each = 6;
const everyPage = 80;

function pages(): Target[] {
  const all = [...firstEntries().map((entry) => ({ entry, note: "" })), ...chapters().flatMap((chapter) => chapter.entries.map((entry) => ({ entry, note: chapter.label })))];
  return all.map(({ entry, note }) => ({ key: entry.path, to: entry.path, label: entry.title ?? entry.label, note, icon: entry.icon ?? "file" }));
}

function additions(): Target[] {
  const all = (resources.value ?? []).filter((noun) => noun.held !== "single" && may(noun, "add"));
  return all.map((noun) => ({ key: `add ${noun.name}`, to: `/${noun.path}?open=new`, label: t("do.add_one", { one: t(`${noun.name}.one`) }), note: many(noun.name), icon: "plus" }));
}

function settings(): Target[] {
  return (resources.value ?? []).filter((noun) => noun.held === "single").flatMap((noun) => fields(noun).map((f) => ({ key: `${noun.name} ${f.name}`, to: `/${noun.path}?field=${f.name}`, label: t(`${noun.name}.${f.name}`), note: many(noun.name), icon: "system" as const })));
}

/** How well it is what was typed: the name itself, its beginning, a part of it, where it stands; 0: not at all. */
export function fit(label: string, note: string, text: string): number {
  const name = label.toLowerCase();
  if (name === text) return 4;
  if (name.startsWith(text)) return 3;
  if (name.includes(text)) return 2;
  return `${name} ${note.toLowerCase()}`.includes(text) ? 1 : 0;
}

/** Those that meet the text, the best first. */
function found(targets: Target[], text: string, max: number): Target[] {
  const ranked = targets.map((target) => ({ target, how: fit(target.label, target.note, text) })).filter(({ how }) => how > 0);
  return ranked.sort((a, b) => b.how - a.how).slice(0, max).map(({ target }) => target);
}

function record(found: Found): Target | null {
  const noun = resource(found.noun);
  return noun && { key: `${found.noun} ${found.id}`, to: `/${noun.path}?open=${found.id}`, label: found.name, note: one(found.noun), icon: iconOf(noun.menu) };
}

export function Finder({ begins, onClose }: { begins: string; onClose: () => void }) {
  const id = useId();
  const self = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState(begins);
  const [at, setAt] = useState(0);
  const [records, setRecords] = useState<Target[]>([]);
  const text = typed.trim().toLowerCase();
  const settled = useSettled(typed.trim(), 180);
  useModal(self);
  useEffect(() => {
    let late = false;
    if (settled) void ask<{ items: Found[] }>("GET", `search${query({ text: settled })}`).then((answer) => !late && setRecords(answer.ok ? answer.body.items.map(record).filter((target) => target !== null) : []));
    else setRecords([]);
    return () => void (late = true);
  }, [settled]);
  useEffect(() => setAt(0), [typed]);
  const groups: [string, Target[]][] = [
    ["find.pages", found(pages(), text, text ? each : everyPage)],
    ["find.records", text ? records : []],
    ["find.settings", text ? found(settings(), text, each) : []],
    ["find.add", text ? found(additions(), text, 4) : []],
  ];
  const all = groups.flatMap(([, targets]) => targets);
  const take = (target: Target | undefined) => {
    if (!target) return;
    onClose();
    void go(target.to);
  };
  const keys = (event: KeyboardEvent) => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to !== undefined) (event.preventDefault(), setAt((to + all.length) % Math.max(1, all.length)));
    else if (event.key === "Enter") (event.preventDefault(), take(all[at]));
    else if (event.key === "Escape") (event.preventDefault(), event.stopPropagation(), onClose());
  };
  useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [at]);
  let n = -1;
  return (
    <dialog ref={self} class="dialog finder" aria-label={t("find.title")} onCancel={(event) => (event.preventDefault(), onClose())} onMouseDown={(event) => event.target === self.current && onClose()}>
      <div class="finder-box">
        <div class="finder-line">
          <Icon name="search" />
          <input autofocus class="finder-input" type="text" role="combobox" aria-label={t("find.title")} aria-expanded="true" aria-controls={`${id}-list`} aria-activedescendant={all.length ? `${id}-${at}` : undefined} autocomplete="off" spellcheck={false} dir="auto" placeholder={t("find.hint")} value={typed} onInput={(e) => setTyped(e.currentTarget.value)} onKeyDown={keys} />
          <kbd aria-hidden="true">Esc</kbd>
        </div>
        <div ref={list} id={`${id}-list`} class="finder-list" role="listbox" aria-label={t("find.title")}>
          {groups.filter(([, targets]) => targets.length > 0).map(([word, targets]) => (
            <div key={word} role="group" aria-label={t(word)}>
              <p class="menu-title">{t(word)}</p>
              {targets.map((target) => {
                const mine = ++n;
                return (
                  <div key={target.key} id={`${id}-${mine}`} class={mine === at ? "combo-line combo-at" : "combo-line"} role="option" aria-selected={mine === at} onMouseMove={() => mine !== at && setAt(mine)} onClick={() => take(target)}>
                    <Icon name={target.icon} size={16} />
                    <bdi>{target.label}</bdi>
                    <span class="soft small">{target.note}</span>
                  </div>
                );
              })}
            </div>
          ))}
          {text && !all.length && <p class="combo-none soft">{t("combo.none")}</p>}
        </div>
      </div>
    </dialog>
  );
}
