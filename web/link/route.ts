// Where in the panel one is: the path and its query, kept in the browser's history.
import { signal } from "@preact/signals";

export type Place = { path: string; query: URLSearchParams };

/** What holds one back from leaving: whether something is unsaved, and the question then; false stays. */
export type Guard = { dirty: () => boolean; ask: () => Promise<boolean> };
/** The newest last: a form may stand over another. */
let guards: Guard[] = [];
let depth = 0;

const read = (): Place => ({ path: location.pathname.replace(/\/+$/, "") || "/", query: new URLSearchParams(location.search) });

export const place = signal<Place>(read());

/** Holds one back from leaving the page until what it gives is called. */
export function holdBack(by: Guard): () => void {
  guards.push(by);
  return () => void (guards = guards.filter((one) => one !== by));
}

const held = () => guards.findLast((guard) => guard.dirty());

export async function mayLeave(): Promise<boolean> {
  const guard = held();
  if (guard && !(await guard.ask())) return false;
  guards = [];
  return true;
}

/** Lets one leave without a question: whoever was signed in is not any more. */
export function letGo(): void {
  guards = [];
}

export async function go(to: string, replace = false): Promise<void> {
  if (to === location.pathname + location.search) return;
  if (!(await mayLeave())) return;
  if (replace) history.replaceState({ depth }, "", to);
  else history.pushState({ depth: ++depth }, "", to);
  const before = place.value.path;
  place.value = read();
  if (place.value.path !== before) scrollTo(0, 0);
}

/** Changes parts of the query; null takes a part away. */
export function look(changes: Record<string, string | null>, replace = false): Promise<void> {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) value === null || value === "" ? query.delete(name) : query.set(name, value);
  const text = query.toString();
  return go(location.pathname + (text ? `?${text}` : ""), replace);
}

/** Follows the click on a link of ours without loading the page anew; new tabs stay the browser's. */
export function follow(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest("a");
  if (!link || link.target || link.hasAttribute("download") || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.origin !== location.origin) return;
  if (link.pathname.includes(".")) return;
  event.preventDefault();
  void go(link.pathname + link.search);
}

window.addEventListener("popstate", async (event) => {
  const target = (event.state as { depth?: number } | null)?.depth ?? 0;
  const step = target - depth;
  const to = read();
  if (held()) {
    // The browser has already moved: put it back where it was, ask, and then go again.
    if (step !== 0) {
      window.history.go(-step);
      await new Promise<void>((done) => addEventListener("popstate", () => done(), { once: true, capture: true }));
    }
    if (!(await mayLeave())) return;
    if (step !== 0) window.history.go(step);
    return;
  }
  guards = [];
  depth = target;
  place.value = to;
});
window.addEventListener("beforeunload", (event) => held() && event.preventDefault());
