// A word in its colour, with a mark that says the same without colour.
import type { ComponentChildren } from "preact";

export type Tone = "good" | "busy" | "wait" | "pause" | "bad" | "off" | "plain";

const marks: Record<Tone, string> = { good: "M1 4a3 3 0 1 0 6 0 3 3 0 1 0-6 0", busy: "M1 1h6v6H1z", wait: "M4 .5L7.5 7h-7z", pause: "M1 1h2v6H1zM5 1h2v6H5z", bad: "M4 0l4 4-4 4-4-4z", off: "M1.7 4a2.3 2.3 0 1 0 4.6 0 2.3 2.3 0 1 0-4.6 0", plain: "M1 3h6v2H1z" };

export function Badge({ tone, children, bare = false }: { tone: Tone; children: ComponentChildren; bare?: boolean }) {
  return (
    <span class={`badge tone-${tone}${bare ? " badge-bare" : ""}`}>
      <svg class="badge-mark" width="8" height="8" viewBox="0 0 8 8" aria-hidden="true">
        <path d={marks[tone]} fill={tone === "off" ? "none" : "currentColor"} stroke="currentColor" stroke-width={tone === "off" ? 1.4 : 0} />
      </svg>
      <span>{children}</span>
    </span>
  );
}
