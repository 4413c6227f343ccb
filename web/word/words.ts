// The panel's sentences and the labels of every noun: a file a language, fetched when it is chosen, read through `t`.
import { signal } from "@preact/signals";
import en from "locale:en";
import ja from "locale:ja";
import zh from "locale:zh";

export type Language = "zh" | "ja" | "en";
export type Values = Record<string, string | number>;
type Words = Record<string, string>;

export const languages: { code: Language; name: string; tag: string }[] = [
  { code: "zh", name: "中文", tag: "zh-CN" },
  { code: "ja", name: "日本語", tag: "ja-JP" },
  { code: "en", name: "English", tag: "en" },
];

/** A cookie, so that the box knows which words to send along with the page. */
const kept = "callbox_language";
const keptSeconds = 400 * 86_400;
const files: Record<Language, string> = { zh, ja, en };

export const language = signal<Language>("en");
const words = signal<Words>({});

/** The first language of ours that the browser's owner reads. */
export function preferred(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const code = tag.toLowerCase().split("-")[0];
    if (code === "zh" || code === "ja" || code === "en") return code;
  }
  return "en";
}

export async function speak(code: Language, keep = false): Promise<void> {
  const answer = await fetch(files[code], { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${files[code]}: ${answer.status}`);
  words.value = (await answer.json()) as Words;
  language.value = code;
  document.documentElement.lang = tag();
  if (keep) document.cookie = `${kept}=${code}; Path=/; SameSite=Lax; Max-Age=${keptSeconds}`;
}

export async function speakFirst(): Promise<void> {
  const [, chosen] = document.cookie.match(/(?:^|; )callbox_language=(zh|ja|en)(?:;|$)/) ?? [];
  await speak((chosen as Language | undefined) ?? preferred(navigator.languages));
}

export function tag(): string {
  return languages.find((l) => l.code === language.value)?.tag ?? "en";
}

const eastern = /[\u3040-\u30ff\u3400-\u9fff]/;
const latin = /[A-Za-z]/;

/** Whether a space stands between these two letters: where one writing meets the other. */
const apart = (one = "", other = "") => (eastern.test(one) && latin.test(other)) || (latin.test(one) && eastern.test(other));

/** Puts values into `{name}` places. */
export function fill(sentence: string, values: Values = {}): string {
  return sentence.replace(/(.?)\{(\w+)\}(?=(.?))/g, (place, before: string, name: string, after: string) => {
    if (!(name in values)) return place;
    const text = String(values[name]);
    return `${before}${apart(before, text[0]) ? " " : ""}${text}${apart(text.at(-1), after) ? " " : ""}`;
  });
}

export function has(key: string): boolean {
  return key in words.value;
}

/** The sentence of a key; `key.one` is taken for a single `n`. A missing key is shown as it is and reported. */
export function t(key: string, values?: Values): string {
  const single = values?.n === 1 ? words.value[`${key}.one`] : undefined;
  const sentence = single ?? words.value[key];
  if (sentence === undefined) {
    console.error(`missing label: ${key} (${language.value})`);
    return key;
  }
  return fill(sentence, values);
}

/** The first letter as it stands at the beginning of a line: labels of nouns are written as within a sentence. */
export function begin(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What one record of a noun is called, at the beginning of a line. */
export function one(noun: string): string {
  return begin(t(`${noun}.one`));
}

/** What its records are called, at the beginning of a line. */
export function many(noun: string): string {
  return begin(t(`${noun}.many`));
}
