// Where a message stands on a ladder, and what it is called. Pure.

/** The lane of a leg: the first one stands left of the box, which has lane 1, all others right of it. */
export function laneOf(legs: string[], leg: string): number {
  const at = legs.indexOf(leg);
  return at === 0 ? 0 : at + 1;
}

/** What a message is, by its first line; of an answer also the request that it answers. */
export function nameOf(text: string): { what: string; of: string } {
  const first = text.split(/\r?\n/, 1)[0] ?? "";
  const answer = /^SIP\/2\.0 (.*)$/.exec(first);
  if (!answer) return { what: first.split(" ", 1)[0] ?? "", of: "" };
  return { what: answer[1]!.trim(), of: /^CSeq:\s*\d+\s+(\w+)/im.exec(text)?.[1] ?? "" };
}

/** A request, an answer on the way, one that ends well, one that asks for a proof, and one that does not end well. */
export function toneOf(what: string): "busy" | "off" | "good" | "wait" | "bad" {
  const code = Number(/^\d{3}/.exec(what)?.[0] ?? 0);
  if (!code) return "busy";
  if (code < 200) return "off";
  if (code < 300) return "good";
  return code === 401 || code === 407 || code < 400 ? "wait" : "bad";
}
