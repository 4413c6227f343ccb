// How the picture of a call's ways is laid out: a tree from left to right; a place that stands elsewhere is named again.

export type Named = { noun: string; id: string; name: string };
export type Node = { place: string; row: Named | null; number: string; rings: string[] };
export type Edge = { from: number; to: number; by: string; text: string };
export type Flow = { nodes: Node[]; edges: Edge[]; cut: boolean };

/** A place as it is drawn; `again` where it is drawn with its own ways somewhere else. */
export type Box = { key: string; node: number; by: Edge | null; again: boolean; above: Box | null; below: Box[]; level: number; x: number; y: number };

export const width = 200;
export const height = 52;
const across = 128;
const gap = 14;

/** All boxes, those above before those below, and how large the picture is. */
export function layOut(flow: Flow): { boxes: Box[]; width: number; height: number } {
  const drawn = new Set<number>([0]);
  const root: Box = { key: "0", node: 0, by: null, again: false, above: null, below: [], level: 0, x: 0, y: 0 };
  const boxes = [root];
  // Nearest first, so that a place is drawn with its ways where it is reached soonest.
  for (let at = 0; at < boxes.length; at++) {
    const box = boxes[at]!;
    if (box.again) continue;
    flow.edges.forEach((edge, n) => {
      if (edge.from !== box.node) return;
      const leads = flow.edges.some((one) => one.from === edge.to);
      const again = leads && drawn.has(edge.to);
      drawn.add(edge.to);
      const next: Box = { key: `${box.key}.${n}`, node: edge.to, by: edge, again, above: box, below: [], level: box.level + 1, x: 0, y: 0 };
      box.below.push(next);
      boxes.push(next);
    });
  }
  let bottom = 0;
  const place = (box: Box) => {
    box.x = box.level * (width + across);
    box.below.forEach(place);
    if (box.below.length) box.y = (box.below[0]!.y + box.below.at(-1)!.y) / 2;
    else [box.y, bottom] = [bottom, bottom + height + gap];
  };
  place(root);
  const deepest = Math.max(...boxes.map((box) => box.level));
  return { boxes, width: (deepest + 1) * width + deepest * across, height: Math.max(height, bottom - gap) };
}

/** Where an arrow key leads from a box. */
export function beside(box: Box, key: string): Box | undefined {
  const siblings = box.above?.below ?? [box];
  const at = siblings.indexOf(box);
  if (key === "ArrowLeft") return box.above ?? undefined;
  if (key === "ArrowRight") return box.below[0];
  if (key === "ArrowUp") return siblings[at - 1];
  if (key === "ArrowDown") return siblings[at + 1];
  return undefined;
}
