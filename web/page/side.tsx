// The menu at the left, or as a sheet on a phone: chapters that open and close and stay as one left them.
import { useEffect, useRef, useState } from "preact/hooks";
import { calls } from "../link/live";
import { resources } from "../link/schema";
import { self as account } from "../link/session";
import { Icon } from "../part/icon";
import { t } from "../word/words";
import { approvals } from "./approvals";
import { chapterOf, chapters, firstEntries, type Chapter, type Entry } from "./chapters";
import { useKept } from "./listing";
import { troubles } from "./trouble";

export function Count({ path }: { path: string }) {
  if (path === "/calls" && calls.value.size) return <span class="side-count">{calls.value.size}<span class="unseen"> {t("menu.calls_up")}</span></span>;
  if (path === "/" && troubles.value.length) return <span class="side-count side-count-bad">{troubles.value.length}<span class="unseen"> {t("menu.troubles")}</span></span>;
  const waits = resources.value?.find((one) => `/${one.path}` === path && !one.acting);
  const n = waits && approvals.value.get(waits.name);
  return n ? <span class="side-count">{n}<span class="unseen"> {t("views.approval")}</span></span> : null;
}

function Link({ entry, path }: { entry: Entry; path: string }) {
  return (
    <a title={entry.title} class={entry.icon ? "side-link" : "side-link side-noun"} href={entry.path} aria-current={path === entry.path ? "page" : undefined}>
      {entry.icon && <Icon name={entry.icon} size={18} />}
      <span>{entry.label}</span>
      <Count path={entry.path} />
    </a>
  );
}

export function SideMenu({ path }: { path: string }) {
  const [closed, setClosed] = useKept<string[]>(account(), "menu", "closed", []);
  const here = chapterOf(path);
  const [seen, setSeen] = useState(here);
  const self = useRef<HTMLElement>(null);
  useEffect(() => {
    // Coming to a page opens its chapter; closing it by hand holds until then.
    if (here && here !== seen) setClosed(closed.filter((one) => one !== here));
    setSeen(here);
  }, [here]);
  useEffect(() => within(self.current!, self.current!.querySelector("[aria-current]")), [path, closed, resources.value]);
  return (
    <nav ref={self} class="side-nav" aria-label={t("menu.title")}>
      {firstEntries().map((entry) => <Link key={entry.path} entry={entry} path={path} />)}
      {chapters().map((chapter) => (
        <Part key={chapter.name} chapter={chapter} path={path} open={!closed.includes(chapter.name)} onOpen={(open) => setClosed(open ? closed.filter((one) => one !== chapter.name) : [...closed, chapter.name])} />
      ))}
    </nav>
  );
}

/** Moves what stands in a frame into sight, and nothing around the frame. */
function within(frame: HTMLElement, line: Element | null): void {
  if (!line) return;
  const [outer, inner] = [frame.getBoundingClientRect(), line.getBoundingClientRect()];
  if (inner.top < outer.top) frame.scrollTop -= outer.top - inner.top;
  else if (inner.bottom > outer.bottom) frame.scrollTop += inner.bottom - outer.bottom;
}

function Part({ chapter, path, open, onOpen }: { chapter: Chapter; path: string; open: boolean; onOpen: (open: boolean) => void }) {
  const within = chapter.entries.some((entry) => entry.path === path);
  return (
    <section class="side-part">
      <button type="button" class={within && !open ? "side-chapter side-within" : "side-chapter"} aria-expanded={open} onClick={() => onOpen(!open)}>
        <Icon name={chapter.icon} size={18} />
        <span>{chapter.label}</span>
        <Icon name="down" size={14} />
      </button>
      {open && <div class="side-entries">{chapter.entries.map((entry) => <Link key={entry.path} entry={entry} path={path} />)}</div>}
    </section>
  );
}
