// Puts a panel beside what opened it, in the top layer, so that no scrolling frame or dialog cuts it off.

type Way = { align?: "start" | "end"; up?: boolean; stretch?: boolean; least?: number; most?: number };

const gap = 4;

/** Below its anchor, or above it where there is more room; never beyond the edges of the window. */
function float(anchor: Element, panel: HTMLElement, { align = "start", up = false, stretch = false, least = 220, most = 340 }: Way): void {
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

/** Keeps a panel beside its anchor: looked at before each frame, for whatever scrolls, comes or goes elsewhere may move
 * either. Gives the way to stop. */
export function follow(anchor: Element, panel: HTMLElement, way: Way): () => void {
  let [before, frame] = ["", 0];
  const look = () => {
    const { x, y, width, height } = anchor.getBoundingClientRect();
    const now = [x, y, width, height, innerWidth, innerHeight, panel.offsetWidth, panel.scrollHeight].join();
    if (now !== before) float(anchor, panel, way);
    before = now;
    frame = requestAnimationFrame(look);
  };
  look();
  return () => cancelAnimationFrame(frame);
}
