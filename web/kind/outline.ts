// A tree of values as an outline, a value a line, deeper ones further in; read and written without loss.

export type Level = { value: string; below?: Level[] };

const inward = "  ";

/** How far in a line stands: two spaces, a tab, or a hyphen a level. */
function depthOf(line: string): { depth: number; value: string } {
  const lead = /^(?:\t| {2}|-\s?)*/.exec(line)?.[0] ?? "";
  const depth = [...lead.matchAll(/\t| {2}|-/g)].length;
  return { depth, value: line.slice(lead.length).trim() };
}

/** The tree of an outline. A line more than one level in below the line before stands just below it. */
export function tree(outline: string, depthMax = 5): Level[] {
  const top: Level[] = [];
  const above: Level[][] = [top];
  for (const line of outline.split("\n")) {
    const { depth, value } = depthOf(line);
    if (!value) continue;
    const at = Math.min(depth, above.length - 1, depthMax - 1);
    const one: Level = { value };
    above[at]!.push(one);
    if (at > 0) {
      const parents = above[at - 1]!;
      parents[parents.length - 1]!.below = above[at]!;
    }
    above.length = at + 1;
    above.push([]);
  }
  return top;
}

export function outline(levels: unknown, depth = 0): string {
  if (!Array.isArray(levels)) return "";
  return (levels as Level[]).map(({ value, below }) => [inward.repeat(depth) + value, below?.length ? outline(below, depth + 1) : ""].filter(Boolean).join("\n")).join("\n");
}

export function count(levels: Level[]): number {
  return levels.reduce((sum, one) => sum + 1 + count(one.below ?? []), 0);
}
