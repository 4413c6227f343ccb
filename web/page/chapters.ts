// The menu: pages that are more than a list, and every declared noun in the chapter that it names.
import { resources, type Resource } from "../link/schema";
import { allowed, session } from "../link/session";
import type { IconName } from "../part/icon";
import { many, t } from "../word/words";
import { titleOf } from "./naming";
import { iconOf } from "./menu_icon";

/** `title`: what the page is called where its chapter is not seen, if that says more. */
export type Entry = { path: string; label: string; title?: string; icon?: IconName };
/** A page of its own is for those who may see what it shows. */
const page = (right: string | null, entry: Entry): Entry[] => (right === null || allowed(right) ? [entry] : []);
export type Chapter = { name: string; label: string; icon: IconName; entries: Entry[] };

const order = ["people", "customers", "campaigns", "routing", "numbers", "lines", "system", "box"];

/** What stands above the chapters. */
export function firstEntries(): Entry[] {
  return [
    ...page(null, { path: "/", label: t("menu.now"), icon: "now" }),
    ...page(null, { path: "/calls", label: t("menu.calls"), icon: "calls" }),
    ...page("call_record.view", { path: "/call_records", label: t("menu.call_records"), icon: "records" }),
  ];
}

/** Pages of their own, after the nouns of their chapter. */
function further(chapter: string): Entry[] {
  // No agent, whatever the role (AUD-23).
  const audit = session.value?.account.kind === "agent" ? [] : page("audit.view", { path: "/audit", label: t("menu.audit") });
  if (chapter === "system") return [...page("api_access.view", { path: "/api_reference", label: t("menu.api") }), ...page(null, { path: "/jobs", label: t("menu.jobs") }), ...audit];
  if (chapter === "routing") return page(allowed("did.view") ? "did.view" : "outbound_profile.view", { path: "/ways", label: t("menu.ways") });
  if (chapter === "box") return page("box.view", { path: "/box", label: t("menu.box") });
  return [];
}

export function chapters(): Chapter[] {
  const all = resources.value ?? [];
  // Two pages of one noun, the office's and the operator's, are told apart.
  const twice = (one: Resource) => one.acting && all.some((other) => other.name === one.name && !other.acting);
  const label = (one: Resource) => (twice(one) ? t("acting.entry", { many: many(one.name) }) : many(one.name));
  const told = (name: string) => all.filter((one) => one.menu === name).map((one) => ({ path: `/${one.path}`, label: label(one), title: titleOf(one) }));
  return order.map((name) => ({ name, icon: iconOf(name), label: t(`menu.${name}`), entries: [...told(name), ...further(name)] })).filter((chapter) => chapter.entries.length > 0);
}

/** Pages that stand in no menu: where one comes from, and what they are called. */
const beside: Record<string, { home: string; title: () => string }> = { "/why": { home: "/call_records", title: () => t("why_call.title") } };

/** The entry under which a page stands, with the page's own title where it has one. */
export function entryOf(path: string): Entry | undefined {
  const own = beside[path];
  const home = own?.home ?? path.replace(/\/import$/, "");
  const entry = [...firstEntries(), ...chapters().flatMap((chapter) => chapter.entries)].find((entry) => entry.path === home);
  return own ? { label: own.title(), ...entry, path: home, title: own.title() } : entry;
}

export function chapterOf(path: string): string | undefined {
  return chapters().find((chapter) => chapter.entries.some((entry) => entry.path === path))?.name;
}
