// The panel in a real browser, as a person uses it: every page in each language, look and width, and what is done there.
//
//   node web/test/panel.mjs URL USERNAME PASSWORD [PART…]
//
// Walks the parts that are named, or all. Prints a line a check, ends with 1 if one failed. PICTURES names a folder to
// write pictures to, CHROMIUM another browser.
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";
import { batch } from "./panel/batch.mjs";
import { campaign } from "./panel/campaign.mjs";
import { Checks } from "./panel/checks.mjs";
import { columns } from "./panel/columns.mjs";
import { door, signedIn } from "./panel/door.mjs";
import { everywhere } from "./panel/everywhere.mjs";
import { fields } from "./panel/fields.mjs";
import { hostile } from "./panel/hostile.mjs";
import { limits } from "./panel/limits.mjs";
import { line } from "./panel/line.mjs";
import { lists } from "./panel/lists.mjs";
import { looks } from "./panel/looks.mjs";
import { nouns } from "./panel/nouns.mjs";
import { pages } from "./panel/pages.mjs";
import { places } from "./panel/places.mjs";
import { changed, paused } from "./panel/recordings.mjs";
import { media } from "./panel/sounds.mjs";
import { story } from "./panel/story.mjs";

const parts = { door, lists, looks, batch, columns, campaign, places, fields, limits, media, line, everywhere, nouns, hostile, story, pages, paused, changed };
const [url, username, password, ...asked] = process.argv.slice(2);
if (!password || asked.some((part) => !(part in parts))) {
  console.error(`usage: node panel.mjs URL USERNAME PASSWORD [PART…], a part being one of ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}
const folder = process.env.PICTURES;
if (folder) mkdirSync(folder, { recursive: true });

// Without the flags of the second line Chromium looks for its maker's hosts at every start.
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
args.push("--disable-background-networking", "--disable-component-update", "--disable-sync");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });

const checks = new Checks(new URL(url).origin, folder);
const office = { browser, checks, url: url.replace(/\/?$/, "/"), username, password };
try {
  office.state = await signedIn(office);
  for (const part of asked.length ? asked : Object.keys(parts)) {
    const began = Date.now();
    await parts[part](office);
    console.log(`      ${part} took ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }
} catch (fault) {
  checks.say(false, "the walk came to its end", fault.stack);
}
await browser.close();
process.exit(checks.sum());
