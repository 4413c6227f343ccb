// The panel in a real browser, as a person uses it: every page in each language, look and width, and the agent's life.
//
//   node web/test/panel.mjs URL USERNAME PASSWORD FOLDER
//
// Prints a line a check, writes pictures to FOLDER, ends with 1 if a check failed. CHROMIUM names another browser.
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";
import { agentLife } from "./panel/agent.mjs";
import { batch } from "./panel/batch.mjs";
import { Checks } from "./panel/checks.mjs";
import { columns } from "./panel/columns.mjs";
import { signInAndOut } from "./panel/door.mjs";
import { fields } from "./panel/fields.mjs";
import { lostLine } from "./panel/line.mjs";
import { media } from "./panel/sounds.mjs";
import { walk } from "./panel/walk.mjs";

const [url, username, password, folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node panel.mjs URL USERNAME PASSWORD FOLDER");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

// Without the flags of the second line Chromium looks for its maker's hosts at every start.
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
args.push("--disable-background-networking", "--disable-component-update", "--disable-sync");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });

const checks = new Checks(new URL(url).origin, folder);
const office = { browser, checks, url: url.replace(/\/?$/, "/"), username, password };
try {
  await signInAndOut(office);
  const hostile = await agentLife.begin(office);
  await walk(office, hostile);
  await agentLife.end(office, hostile);
  await batch(office);
  await columns(office);
  await fields(office);
  await media(office);
  await lostLine(office);
} catch (fault) {
  checks.say(false, "the walk came to its end", fault.stack);
}
await browser.close();
process.exit(checks.sum());
