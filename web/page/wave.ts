// How a recording is drawn and moved through. Pure.

const loudest = 127;

/** One bar for each column: up from the middle for the left side, down for the right. */
export function pathOfPeaks(left: number[], right: number[]): string {
  const tall = (peak: number | undefined) => Math.round(((peak ?? 0) / loudest) * 48 * 10) / 10;
  return left.map((peak, x) => `M${x + 0.5} ${50 - tall(peak)}V${50 + tall(right[x])}`).join("");
}

/** Where a key leads, in seconds; null: the key is not ours. */
export function seekBy(key: string, at: number, long: number): number | "toggle" | null {
  const to = { ArrowRight: at + 5, ArrowLeft: at - 5, ArrowUp: at + 30, ArrowDown: at - 30, PageUp: at + 30, PageDown: at - 30, Home: 0, End: long }[key];
  if (to !== undefined) return Math.max(0, Math.min(to, long));
  if (/^[0-9]$/.test(key)) return (Number(key) / 10) * long;
  return key === " " || key === "Enter" || key === "k" ? "toggle" : null;
}
