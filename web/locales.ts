// One set of words a language: the panel's own sentences, with the labels of every noun behind the noun's name.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

export type Words = Record<string, string>;

const folder = join(import.meta.dirname, "locale");
const nouns = join(folder, "noun");
const read = (path: string) => JSON.parse(readFileSync(path, "utf8"));

/** The names of the nouns that have labels. */
export function labelled(): string[] {
  return readdirSync(nouns).filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -".json".length));
}

/** `locale/noun/agent.json` gives its `status` as `agent.status`. */
export function words(code: string): Words {
  const all: Words = read(join(folder, `${code}.json`));
  for (const noun of labelled()) for (const [key, text] of Object.entries<string>(read(join(nouns, `${noun}.json`))[code] ?? {})) all[`${noun}.${key}`] = text;
  return all;
}

/** Gives `locale:zh` and its sisters as the addresses of files, one a language: text is parsed sooner than a script is compiled. */
export function locales(): Plugin {
  const mark = "\0locale:";
  const served = "/words/";
  let building = false;
  return {
    name: "locales",
    configResolved: (config) => void (building = config.command === "build"),
    configureServer: (server) =>
      void server.middlewares.use((request, answer, next) => {
        if (!request.url?.startsWith(served)) return next();
        answer.setHeader("Content-Type", "application/json").end(JSON.stringify(words(request.url.slice(served.length))));
      }),
    resolveId: (id) => (id.startsWith("locale:") ? `\0${id}` : null),
    load(id) {
      if (!id.startsWith(mark)) return null;
      const code = id.slice(mark.length);
      if (!building) return `export default ${JSON.stringify(served + code)};`;
      for (const file of [`${code}.json`, ...labelled().map((noun) => `noun/${noun}.json`)]) this.addWatchFile(join(folder, file));
      const file = this.emitFile({ type: "asset", name: `words_${code}.json`, source: JSON.stringify(words(code)) });
      return `export default import.meta.ROLLUP_FILE_URL_${file};`;
    },
  };
}
