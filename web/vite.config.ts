// How the panel is built: hashed names, nothing inlined, and each file beside its .br and .gz.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";
import { locales } from "./locales.ts";

const box = process.env.CALLBOX_PANEL ?? "http://127.0.0.1:8100";
const compressed = /\.(html|js|css|svg|json|webmanifest)$/;

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

/** Writes `x.br` and `x.gz` beside each text file, at the highest level, so that the box never compresses. */
function compress(): Plugin {
  let out = "dist";
  return {
    name: "compress",
    apply: "build",
    configResolved: (config) => void (out = config.build.outDir),
    closeBundle() {
      for (const path of files(out).filter((path) => compressed.test(path))) {
        const bytes = readFileSync(path);
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [locales(), compress()],
  build: {
    target: "es2022",
    // A data: address would need `img-src data:` in the Content-Security-Policy (BOX-156).
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What every page needs comes as one file: thirty small ones cost more in asking than in bytes.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "panel", tags: ["$initial"] }] } } },
  },
  server: {
    port: 5173,
    proxy: { "/panel": { target: box, ws: true }, "/ca.crt": box },
  },
});
