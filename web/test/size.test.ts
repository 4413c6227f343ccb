// What the first page costs: everything that index.html pulls in, with the longest language, as it is sent.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, it } from "vitest";

const dist = join(import.meta.dirname, "../dist");
const max = 150_000;

/** A script and all that it imports before it runs; what it fetches later is not among them. */
function withImports(file: string, seen: Set<string>): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, name] of readFileSync(join(dist, "assets", file), "utf8").matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) withImports(name!, seen);
  return seen;
}

const packed = (path: string) => statSync(`${path}.br`).size;

it("costs at most 150 KB to open (README: the panel)", () => {
  const index = join(dist, "index.html");
  expect(existsSync(index), "run `npm run build` first").toBe(true);
  const named = [...readFileSync(index, "utf8").matchAll(/(?:src|href)="\/assets\/([\w.-]+\.(?:js|css))"/g)].map((found) => basename(found[1]!));
  const scripts = named.filter((file) => file.endsWith(".js")).reduce((seen, file) => withImports(file, seen), new Set<string>());
  const sizes = Object.fromEntries([...scripts, ...named.filter((file) => file.endsWith(".css"))].map((file) => [file, packed(join(dist, "assets", file))]));
  const languages = readdirSync(join(dist, "assets")).filter((file) => /^words_\w+-.*\.json$/.test(file)).map((file) => packed(join(dist, "assets", file)));
  expect(languages).toHaveLength(3);
  const sum = packed(index) + Object.values(sizes).reduce((a, b) => a + b, 0) + Math.max(...languages);
  console.log(`first load: ${sum} bytes, of them ${Math.max(...languages)} words`);
  expect(sum).toBeLessThanOrEqual(max);
});
