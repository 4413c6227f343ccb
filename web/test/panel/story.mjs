// What became of calls, by the keyboard alone: a record with its recording, why it went so, what would happen to another,
// the picture of a number, and a trunk with its past (CDR-10, BOX-119 to BOX-121, OUT-32, DST-1, TRK-48).
import { accessible } from "./access.mjs";
import { ask } from "./nouns.mjs";

const ways = [
  { language: "en", look: "light", width: 1440 },
  { language: "zh", look: "dark", width: 390 },
  { language: "ja", look: "light", width: 390 },
];

const focused = (page, selector) => page.evaluate((selector) => Boolean(document.activeElement?.matches(selector)), selector);

/** Goes on with Tab until what has the focus is this; false: it is never reached. */
async function tabTo(page, selector, most = 60) {
  for (let n = 0; n < most; n++) {
    if (await focused(page, selector)) return true;
    await page.keyboard.press("Tab");
  }
  return focused(page, selector);
}

/** By the link that passes over the menu, which is the first that Tab leads to. */
async function overTheMenu(page, checks, said) {
  await page.keyboard.press("Tab");
  checks.say(await focused(page, ".skip"), `the first Tab leads to the way over the menu, ${said}`);
  await page.keyboard.press("Enter");
}

async function settled(page) {
  await page.waitForSelector(".frame h1, .frame .empty");
  await page.waitForFunction(() => !document.querySelector(".skeleton, [aria-busy=true]"));
}

async function shown(page, checks, name) {
  await accessible(page, checks, name);
  await checks.whole(page, name);
}

/** A record, its recording heard and moved through, and on to why. */
async function heard(page, { checks, url, call }, said) {
  await page.goto(`${url}call_records?open=${encodeURIComponent(call)}`);
  await page.waitForSelector("dialog .wave svg");
  await shown(page, checks, `a record with its recording, ${said}`);
  checks.say(await tabTo(page, ".wave"), `Tab leads to the place in the recording, ${said}`);
  const at = () => page.locator(".wave").evaluate((e) => [Number(e.ariaValueNow), e.ariaValueText, Number(e.ariaValueMax)]);
  await page.keyboard.press("End");
  const [end, words, length] = await at();
  checks.say(length > 0 && end === Math.round(length) && /\d:\d\d/.test(words), `End leads to its end and says so, ${said} (CDR-10)`, [end, words, length]);
  await page.keyboard.press("Home");
  checks.say((await at())[0] === 0, `Home leads to its beginning, ${said}`, await at());
  const paused = () => page.locator("dialog audio").evaluate((e) => e.paused);
  await page.keyboard.press("Space");
  await page.waitForFunction(() => document.querySelector("dialog audio").currentTime > 0);
  checks.say(!(await paused()), `Space plays, ${said}`);
  await page.keyboard.press("Space");
  checks.say(await paused(), `and pauses, ${said}`);
  checks.say(!(await page.locator("dialog .player .notice").count()), `the browser can play it, ${said}`);
  checks.say(await tabTo(page, "dialog .player-speed select"), `Tab leads to the speed, ${said}`);
  await page.keyboard.press("End");
  checks.say((await page.locator("dialog audio").evaluate((e) => e.playbackRate)) === 2, `the last speed is twice, ${said} (CDR-10)`);
  await page.locator("dialog a[href^='/why']").focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.pathname === "/why");
}

/** Why a call went so: the page is called so, stands under the call records, and its ladder opens. */
async function why(page, { checks, caller }, said) {
  await page.waitForSelector(".ladder");
  await settled(page);
  const [title, h1, current] = await page.evaluate(() => [document.title, document.querySelector("h1").textContent, document.querySelector(".side-nav [aria-current=page], .tabbar [aria-current=page]")?.getAttribute("href")]);
  checks.say(title.startsWith(h1) && current === "/call_records", `the page has its title and its place in the menu, ${said}`, [title, current]);
  await shown(page, checks, `why a call went so, ${said} (BOX-119)`);
  checks.say(await tabTo(page, ".ladder summary"), `Tab leads to the ladder, ${said} (BOX-121)`);
  const name = await page.evaluate(() => document.activeElement.innerText);
  checks.say(name.includes("INVITE") && name.includes(caller), `a message says who sent it and what it is, ${said}`, name);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".ladder details[open] pre");
  checks.say((await page.locator(".ladder details[open] pre").innerText()).startsWith("INVITE "), `Enter opens the message, ${said}`);
  await shown(page, checks, `a message of the ladder, ${said}`);
}

/** What would happen to a call, asked and answered by keys. */
async function tried(page, { checks, url, did }, said) {
  await page.goto(`${url}ways`);
  await settled(page);
  await overTheMenu(page, checks, said);
  checks.say(await tabTo(page, "main input"), `Tab leads to the number, ${said}`);
  await page.keyboard.insertText(did.number);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".ways-stops li");
  await shown(page, checks, `where a call would go, ${said} (OUT-32)`);
  await page.locator("[role=tab][aria-selected=true]").focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => new URLSearchParams(location.search).get("tab") === "out");
  await shown(page, checks, `whether a number may be called, ${said}`);
}

/** The picture of a number, walked as the tree that it is. */
async function drawn(page, { checks, url, did }, said) {
  await page.goto(`${url}ways?tab=flow&did=${did.id}`);
  await page.waitForSelector("[role=tree]");
  await settled(page);
  await shown(page, checks, `the picture of a number, ${said} (DST-1)`);
  const unnamed = await page.locator("[role=treeitem]").evaluateAll((all) => all.filter((e) => !e.getAttribute("aria-label") || !e.getAttribute("aria-level") || !e.getAttribute("aria-setsize")).length);
  checks.say(unnamed === 0, `each place of the picture has its name and its place in the tree, ${said}`, unnamed);
  await overTheMenu(page, checks, said);
  checks.say(await tabTo(page, "[role=treeitem]"), `Tab leads into the picture, ${said}`);
  await page.keyboard.press("ArrowRight");
  const level = await page.evaluate(() => document.activeElement.getAttribute("aria-level"));
  checks.say(level === "2", `the arrow leads to where the call goes, ${said}`, level);
  const [stroke, other] = await page.evaluate(() => [document.activeElement, document.querySelector("[role=treeitem][tabindex='-1']")].map((e) => getComputedStyle(e.querySelector("rect")).stroke));
  checks.say(stroke !== other, `the focus is seen in the picture, ${said}`, [stroke, other]);
  for (let n = 0; n < 20 && !(await focused(page, ".flow-opens")); n++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog form");
  checks.say(true, `Enter opens the record of a place, ${said}`);
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  checks.say(await focused(page, "[role=treeitem]"), `Esc leads back to that place, ${said}`, await page.evaluate(() => document.activeElement.outerHTML.slice(0, 120)));
}

/** A trunk that is down: what it says in the list, and its past in its form. */
async function trunk(page, { checks, url, down }, said) {
  await page.goto(`${url}given_trunks`);
  await settled(page);
  const row = page.locator(".table-row", { hasText: down.name });
  await row.focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog [role=tab]");
  await page.waitForFunction(() => !document.querySelector("dialog .skeleton"));
  await shown(page, checks, `the past of a trunk, ${said} (TRK-48)`);
  await page.locator("dialog [role=tab][aria-selected=true]").focus();
  for (let parts = await page.locator("dialog [role=tab]").count(); parts > 1; parts--) {
    await page.keyboard.press("ArrowRight");
    await shown(page, checks, `a part of a trunk's form, ${said}`);
  }
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
}

export async function story(office) {
  const { browser, checks, state } = office;
  const first = await checks.open(browser, { state });
  await first.goto(office.url);
  const kept = (await ask(first, "GET", "call_records?limit=100&recording=kept")).items[0];
  if (!kept) return checks.say(false, "there is a recorded call to look at");
  const [did] = (await ask(first, "GET", "dids?limit=1")).items;
  const agent = (await ask(first, "GET", "agents?limit=1&sort=agent_number")).items[0];
  await ask(first, "PATCH", `dids/${did.id}`, { destination: { type: "agent", target: agent.id } });
  // Nobody is there, so that it has something to tell.
  const down = await ask(first, "POST", "given_trunks", { name: "Walked trunk", kind: "register", host: "127.0.0.9", username: "walker", password: "walked-by-keys" });
  await first.waitForFunction(async (id) => (await (await fetch(`/panel/trunks/${id}/states`)).json()).items?.some((turn) => turn.to === "unreachable"), down.id, { timeout: 60_000, polling: 500 });
  await first.context().close();
  const of = { ...office, call: kept.call_id, caller: kept.original_caller_name || kept.original_caller_number, did, down };
  const through = async (way) => {
    const page = await checks.open(browser, { ...way, state });
    const said = `${way.language}, ${way.look}, ${way.width}`;
    for (const part of [heard, why, tried, drawn, trunk]) {
      await part(page, of, said).catch((fault) => checks.say(false, `${part.name}, ${said}`, fault.message));
    }
    await page.context().close();
  };
  await Promise.all(ways.map(through));
  const last = await checks.open(browser, { state });
  await last.goto(office.url);
  await ask(last, "DELETE", `given_trunks/${down.id}`);
  await last.context().close();
}
