// Words such as `agent.batch_add` put under their nouns, with the labels that people read.
import { resource, withheld } from "../link/schema";
import { begin, has, many, t } from "../word/words";

/** Before the noun, where it is set in the operator's place. */
const given = "given_";

export type Group = { noun: string; label: string; menu: string; words: { word: string; part: string }[] };

/** What the things are called that a word names; not all of them are nouns with a page of their own. */
export function nounWord(noun: string): string {
  const own = noun.startsWith(given) ? noun.slice(given.length) : noun;
  if (own !== noun && has(`${own}.many`)) return t("acting.list", { many: many(own) });
  return has(`${noun}.many`) ? many(noun) : has(`permission.${noun}`) ? t(`permission.${noun}`) : begin(noun.replaceAll("_", " "));
}

/** What one may do, of a noun: its own word before the common one. */
export function actionWord(noun: string, action: string): string {
  for (const key of [`permission.${noun}.${action}`, `action.${action}`]) if (has(key)) return t(key);
  return begin(action.replaceAll("_", " "));
}

export function grouped(words: string[]): Group[] {
  const groups = new Map<string, Group>();
  for (const word of words) {
    const at = word.indexOf(".");
    const noun = word.slice(0, at);
    if (withheld.value.includes(noun)) continue;
    const group = groups.get(noun) ?? { noun, label: nounWord(noun), menu: resource(noun)?.menu ?? "", words: [] };
    group.words.push({ word, part: word.slice(at + 1) });
    groups.set(noun, group);
  }
  return [...groups.values()];
}
