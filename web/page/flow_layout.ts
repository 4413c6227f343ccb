// How the picture of a call's ways is laid out: a tree from left to right, or where that has no room a list whose lines
// stand further in; a place that stands elsewhere is named again.

export type Named = { noun: string; id: string; name: string };
export type Node = { place: string; row: Named | null; number: string; rings: string[] };
export type Edge = { from: number; to: number; by: string; text: string };
export type Flow = { nodes: Node[]; edges: Edge[]; cut: boolean };

/** A place as it is drawn; `again` where it is drawn with its own ways somewhere else. */
export type Box = { key: string; node: number; by: Edge | null; again: boolean; above: Box | null; below: Box[]; level: number; x: number; y: number; width: number };
/** All boxes, those above before those below; `wide`: from left to right. */
export type Layout = { boxes: Box[]; wide: boolean; width: number; height: number };

export const width = 184;
export const height = 52;
const across = 118;
const gap = 14;
/** So far a line stands further in than the one above it, and so wide it is at least. */
const further = 16;
const least = 150;

/** The boxes of a flow, not placed yet. Nearest first, so that a place is drawn with its ways where it is reached soonest. */
function grown(flow: Flow): Box[] {
  const drawn = new Set<number>([0]);
  const root: Box = { key: "0", node: 0, by: null, again: false, above: null, below: [], level: 0, x: 0, y: 0, width };
  const boxes = [root];
  for (let at = 0; at < boxes.length; at++) {
    const box = boxes[at]!;
    if (box.again) continue;
    flow.edges.forEach((edge, n) => {
      if (edge.from !== box.node) return;
      const leads = flow.edges.some((one) => one.from === edge.to);
      const again = leads && drawn.has(edge.to);
      drawn.add(edge.to);
      const next: Box = { key: `${box.key}.${n}`, node: edge.to, by: edge, again, above: box, below: [], level: box.level + 1, x: 0, y: 0, width };
      box.below.push(next);
      boxes.push(next);
    });
  }
  return boxes;
}

/** Lays a flow out for a page that has so much room. */
export function layOut(flow: Flow, room = Infinity): Layout {
  const boxes = grown(flow);
  const deepest = Math.max(...boxes.map((box) => box.level));
  return room < 2 * width + across ? inLines(boxes, deepest, room) : fromTheLeft(boxes, deepest);
}

function fromTheLeft(boxes: Box[], deepest: number): Layout {
  let bottom = 0;
  const place = (box: Box) => {
    box.x = box.level * (width + across);
    box.below.forEach(place);
    if (box.below.length) box.y = (box.below[0]!.y + box.below.at(-1)!.y) / 2;
    else [box.y, bottom] = [bottom, bottom + height + gap];
  };
  place(boxes[0]!);
  return { boxes, wide: true, width: (deepest + 1) * width + deepest * across, height: Math.max(height, bottom - gap) };
}

function inLines(boxes: Box[], deepest: number, room: number): Layout {
  const whole = Math.max(room, deepest * further + least);
  let bottom = 0;
  const place = (box: Box) => {
    [box.x, box.y, box.width] = [box.level * further, bottom, whole - box.level * further];
    bottom += height + gap / 2;
    box.below.forEach(place);
  };
  place(boxes[0]!);
  return { boxes, wide: false, width: whole, height: bottom - gap / 2 };
}

/** Where a key leads from a box: to what it comes from and leads to, and up and down its column, whatever stands there. */
export function beside({ boxes, wide }: Layout, box: Box, key: string): Box | undefined {
  if (key === "ArrowLeft") return box.above ?? undefined;
  if (key === "ArrowRight") return box.below[0];
  if (key === "Home") return boxes[0];
  const column = boxes.filter((one) => !wide || one.level === box.level).sort((a, b) => a.y - b.y);
  const to = { ArrowUp: column.indexOf(box) - 1, ArrowDown: column.indexOf(box) + 1, End: column.length - 1 }[key];
  return to === undefined ? undefined : column[to];
}
