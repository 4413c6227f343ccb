// What nobody should type, in the forms that no noun declares: sign-in, search, tools, files, filters, remarks, requests.
import { texts } from "./hostile.mjs";
import { ask } from "./nouns.mjs";

/** Writes into all that can be written into where one works now: the topmost dialog, else the page; gives how many. */
const writeEverywhere = (page, text) =>
  page.evaluate((text) => {
    const root = [...document.querySelectorAll("dialog[open], .menu-panel")].pop() ?? document.querySelector("main");
    const controls = [...root.querySelectorAll("input, textarea, [contenteditable=true]")].filter((e) => !e.disabled && !e.readOnly && !/^(checkbox|radio|file|color|date|datetime-local|time|range)$/.test(e.type) && e.checkVisibility());
    for (const one of controls) {
      const proto = one.tagName === "TEXTAREA" ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
      Object.getOwnPropertyDescriptor(proto, "value").set.call(one, text);
      one.dispatchEvent(new Event("input", { bubbles: true }));
      one.dispatchEvent(new Event("change", { bubbles: true }));
    }
    return controls.length;
  }, text);

/** Presses what does it: the main button where one works now, if there is one that can be pressed. */
const press = (page) =>
  page.evaluate(() => {
    const root = [...document.querySelectorAll("dialog[open]")].pop() ?? document.querySelector("main");
    const button = [...root.querySelectorAll(".button-primary:not(:disabled)")].filter((e) => e.tagName === "BUTTON" && e.checkVisibility()).pop();
    button?.click();
    return Boolean(button);
  });

const still = async (page) => {
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true], .table-busy"));
};

const menuLine = (button, line) => async (page) => {
  await page.click(button);
  await page.click(`.menu-panel .menu-item:has-text("${line}")`);
};

/** Each form: where it stands, and what opens it there. */
const forms = (call) => [
  ["a call in", "ways?tab=in"],
  ["a call out", "ways?tab=out"],
  ["the filters of call records", "call_records", (page) => page.locator(".tools .filter").last().click()],
  ["the search of call records", "call_records"],
  ...(call ? [["the remark of a call", `call_records?open=${encodeURIComponent(call)}`], ["why a call", `why?call=${encodeURIComponent(call)}`]] : []),
  ["a call that there is not", `why?call=${encodeURIComponent(texts["markup and SQL"])}`],
  ["who did it", "audit"],
  ["where a number belongs", "given_regions"],
  ["agents in one go", "agents", menuLine(".page-do [aria-haspopup]", "Add in batch")],
  ["the order of fields", "custom_fields?tool=order"],
  ["the password of one's own", "", menuLine(".person", "Change password")],
  ["a request to the box", "api_reference?search=agents+post"],
];

async function one(page, { checks, url }, [name, path, open], what, text) {
  await page.goto(url + path);
  await page.waitForSelector(".frame h1, .frame .empty");
  await still(page);
  if (open) await open(page);
  await still(page);
  const count = await writeEverywhere(page, text);
  await still(page);
  const pressed = await press(page);
  await still(page);
  await checks.whole(page, `${name} and ${what}: refused, or shown as text${pressed ? "" : " (nothing to press)"}`);
  return count;
}

/** What a stranger types before anybody is signed in. */
async function door({ browser, checks, url }, what, text) {
  const page = await checks.open(browser);
  page.pardon = true;
  await page.goto(`${url}sign_in`);
  await page.fill("[name=username]", text);
  await page.fill("[name=password]", text);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".notice, .field-error");
  await checks.whole(page, `sign-in and ${what}: refused in words`);
  await page.context().close();
}

/** What is typed to find anything, and a file whose name, heads and rows are hostile. */
async function finderAndFile(page, { checks, url }, what, text) {
  await page.goto(url);
  await page.waitForSelector(".tile-figure");
  await page.keyboard.press("Control+k");
  await page.fill(".finder input", text);
  await still(page);
  await checks.whole(page, `the line that finds anything and ${what}`);
  await page.goto(`${url}customers/import`);
  await page.waitForSelector("input[type=file]", { state: "attached" });
  const cell = `"${text.replaceAll('"', '""')}"`;
  await page.setInputFiles("input[type=file]", { name: `${text.replace(/[\u0000-\u001f/]/g, "").slice(0, 60)}.csv`, mimeType: "text/csv", buffer: Buffer.from(`phone,${cell}\n${cell},${cell}\n`) });
  await page.waitForSelector(".import-start, .notice, .field-error");
  await still(page);
  await checks.whole(page, `a file of customers and ${what}`);
}

export async function pages(office) {
  const { browser, checks, state } = office;
  const page = await checks.open(browser, { state });
  page.pardon = true;
  await page.goto(office.url);
  const call = (await ask(page, "GET", "call_records?limit=1")).items[0]?.call_id;
  const written = new Map();
  for (const [what, text] of Object.entries(texts)) {
    await door(office, what, text).catch((fault) => checks.say(false, `sign-in and ${what}`, fault.message));
    for (const form of forms(call)) {
      const count = await one(page, office, form, what, text).catch((fault) => void checks.say(false, `${form[0]} and ${what}`, fault.message));
      written.set(form[0], Math.max(written.get(form[0]) ?? 0, count ?? 0));
    }
    await finderAndFile(page, office, what, text).catch((fault) => checks.say(false, `finder, file and ${what}`, fault.message));
  }
  const dry = [...written].filter(([name, count]) => !count && !/^(why a call|a call that there is not)$/.test(name)).map(([name]) => name);
  checks.say(dry.length === 0, "each of these forms was written into", dry);
  await page.context().close();
}
