// Puts a panel beside what opened it, in the top layer, so that no scrolling frame or dialog cuts it off.

type Way = { align?: "start" | "end"; up?: boolean; stretch?: boolean; least?: number; most?: number };

const gap = 4;

/** Below its anchor, or above it where there is more room; never beyond the edges of the window. */
export function float(anchor: Element, panel: HTMLElement, { align = "start", up = false, stretch = false, least = 220, most = 340 }: Way = {}): void {
  const box = anchor.getBoundingClientRect();
  if (!panel.matches(":popover-open")) panel.showPopover();
  if (stretch) panel.style.width = `${Math.max(box.width, least)}px`;
  const [width, height] = [panel.offsetWidth, Math.min(most, panel.scrollHeight + 2)];
  const [above, below] = [box.top - gap * 2, innerHeight - box.bottom - gap * 2];
  const over = up ? above >= height || above > below : below < height && above > below;
  const left = align === "start" ? box.left : box.right - width;
  panel.style.left = `${Math.max(gap, Math.min(left, innerWidth - width - gap))}px`;
  panel.style.maxHeight = `${Math.max(80, Math.min(most, over ? above : below))}px`;
  panel.style.top = over ? "auto" : `${box.bottom + gap}px`;
  panel.style.bottom = over ? `${innerHeight - box.top + gap}px` : "auto";
}

/** Calls `place` now and whenever something scrolls or the window changes; gives the way to stop. */
export function follow(place: () => void): () => void {
  place();
  addEventListener("scroll", place, true);
  addEventListener("resize", place);
  return () => {
    removeEventListener("scroll", place, true);
    removeEventListener("resize", place);
  };
}
