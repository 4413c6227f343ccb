// What lists and forms say before anybody has done anything: what to begin with, what a row offers, what a record begins with.
import { ask } from "./nouns.mjs";

async function rows(page, checks, url) {
  await page.goto(`${url}accounts`);
  const row = page.locator(".table-row").first();
  await row.locator("[aria-haspopup]").click();
  const offered = (await page.locator(".menu-panel .menu-item").allInnerTexts()).map((text) => text.trim());
  checks.say(offered.join() === "Sign in as,Delete", "the menu of an account has two entries (ACC-7)", offered);
  await page.keyboard.press("Escape");
  await row.locator(".table-menu button").first().click();
  await page.waitForSelector("dialog[open] form");
  checks.say(true, "an account has a button that opens its form (ACC-6)");
  await page.locator("dialog [name=first_name]").fill("Typed and not saved");
  await page.keyboard.press("Escape");
  await page.click("dialog >> nth=1 >> .button-danger");
  await page.waitForSelector("dialog", { state: "detached" });
  const focused = await page.evaluate(() => Boolean(document.activeElement.closest(".table-row .table-menu")));
  checks.say(focused, "one is asked once whether to leave what was typed, and is back where one was");
}

/** What a button opened stays beside it, whatever moves the button. */
async function beside(page, checks, url) {
  await page.goto(`${url}agents`);
  const button = page.locator(".tools .filter", { hasText: "Status" });
  await button.click();
  const apart = () => page.evaluate(() => {
    const [button, panel] = ["[aria-expanded=true]", ".menu-panel"].map((one) => document.querySelector(`.tools ${one}`).getBoundingClientRect());
    return [panel.left - button.left, panel.top - button.bottom];
  });
  const before = await apart();
  await page.locator(".menu-panel .menu-item").first().click();
  await page.evaluate(() => (document.querySelector(".page-head").style.paddingBottom = "90px"));
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  const after = await apart();
  checks.say(before.join() === after.join(), "what a filter opened follows its button", [before, after]);
  await page.keyboard.press("Escape");
}

/** One record after the other is added in one go; the last closes the form. */
async function another(page, checks, url) {
  const names = ["First", "Second"].map((word) => `${word} of two ${Date.now()}`);
  await page.goto(`${url}pause_reasons?open=new`);
  await page.locator("dialog [name=name]").fill(names[0]);
  await page.locator(".dialog-foot button", { hasText: "Add, then another" }).click();
  await page.waitForFunction(() => document.activeElement?.matches("dialog [name=name]") && !document.activeElement.value);
  await page.keyboard.insertText(names[1]);
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog", { state: "detached" });
  for (const name of names) await page.locator(".table-row", { hasText: name }).waitFor();
  checks.say(true, "one is added after the other, by keys");
  const ids = (await ask(page, "GET", "pause_reasons?limit=100")).items.filter((one) => names.includes(one.name)).map(({ id }) => id);
  await ask(page, "POST", "pause_reasons/delete", { ids });
}

/** What a list does not look for is found everywhere, without typing it again. */
async function elsewhere(page, checks, url) {
  const [agent] = (await ask(page, "GET", "agents?limit=1&sort=agent_number")).items;
  await page.goto(`${url}agents`);
  await page.locator("[role=search] input").fill(agent.first_name);
  await page.locator(".empty button", { hasText: "Find it everywhere" }).click();
  const line = page.locator(".finder [role=option]", { hasText: agent.agent_number });
  checks.say(await line.first().waitFor().then(() => true, () => false), "an agent is found by name from the list that looks for numbers");
  await page.keyboard.press("Escape");
}

async function empty(page, checks, url) {
  const [usual] = (await ask(page, "GET", "packages?limit=100&sort=created_at")).items;
  await page.goto(`${url}tags?search=nothing+is+called+so`);
  await page.waitForSelector(".table-frame .empty");
  const { total } = await ask(page, "GET", `customers?package=${usual.id}&limit=1`);
  if (total) return checks.say(false, "this office has no customer yet", total);
  await page.goto(`${url}customers`);
  await page.waitForSelector(".table-frame .empty");
  checks.say((await page.locator(".empty a[href='/customers/import']").count()) === 1, "an empty list offers to bring customers in");
  checks.say((await page.innerText(".tools")).includes(usual.display_name), "the list says of which package it is");
}

/** A campaign begins to ring as long as preferences say, also in a page that was open before they were saved. */
async function beginnings(page, checks, url) {
  const begins = async () => {
    await page.click("nav a[href='/campaigns']");
    await page.click(".page-do .button-primary");
    const value = await page.locator("dialog [name=ring_timeout]").inputValue();
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
    return Number(value);
  };
  await page.goto(`${url}campaigns`);
  await page.waitForSelector(".table-frame");
  const before = await begins();
  await page.click("nav a[href='/preferences']");
  const field = page.locator("form [name=outside_ring_timeout]");
  await field.waitFor({ state: "attached" });
  await field.evaluate((e) => document.querySelector(`[aria-controls="${e.closest("[role=tabpanel]").id}"]`)?.click());
  await field.fill(String(before + 1));
  const asked = page.waitForResponse((response) => response.url().endsWith("/panel/schema"));
  await page.keyboard.press("Control+s");
  await asked;
  checks.say((await begins()) === before + 1, "a new campaign begins with the preferences of now (CMP-28)", before);
  await ask(page, "PATCH", "preferences", { outside_ring_timeout: before });
}

/** Tabs of lists whose records wait: of the blacklist it is also told what became of numbers. */
async function views(page, checks, url) {
  for (const [path, wanted, row] of [["blacklist", "Blacklist,Log,Approval", "BLK-6"], ["dnc", "DNC list,Approval", "DNC-7"]]) {
    await page.goto(`${url}${path}`);
    await page.waitForSelector(".views .tab");
    const tabs = (await page.locator(".views .tab").allInnerTexts()).map((text) => text.trim());
    checks.say(tabs.join() === wanted, `the tabs of ${path} (${row})`, tabs);
  }
  const number = `1390${String(Date.now()).slice(-7)}`;
  const { id } = await ask(page, "POST", "blacklist", { number, reason: "Spam" });
  await ask(page, "DELETE", `blacklist/${id}`);
  await page.goto(`${url}blacklist`);
  await page.click(".views .tab:nth-child(2)");
  await page.locator(".search input").fill(number);
  await page.locator(".table-row", { hasText: number }).nth(1).waitFor();
  const said = (await page.locator(".table-row").allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
  checks.say(said.length === 2 && said[0].includes("Removed") && said[1].includes("Added"), "the log tells of a number that is gone (BLK-8)", said);
}

/** What somebody asks for is said to who may grant it, wherever they are, with the way there (POP-19). */
async function granted(page, checks, url) {
  await page.goto(`${url}tags`);
  await page.waitForResponse((response) => response.url().includes("/panel/popup_alerts?status=pending"));
  const number = `1391${String(Date.now()).slice(-7)}`;
  const { id } = await ask(page, "POST", "popup_alerts", { package: "1", number, content: "Shouts", status: "pending" });
  await page.locator(".toast", { hasText: /Pop-up alerts/i }).getByRole("button", { name: "View" }).click();
  await page.locator(".table-row", { hasText: number }).waitFor();
  const counted = Number(await page.locator('.side-nav a[href="/popup_alerts"] .side-count').evaluate((e) => e.firstChild.data));
  checks.say(counted > 0, "what waits is said and counted in the menu (POP-19)", counted);
  await ask(page, "DELETE", `popup_alerts/${id}`);
}

/** A page that is opened by its address has its rows after few questions, none of them asked twice, and no part of it late. */
async function opened({ browser, checks, url, state }, path) {
  const page = await checks.open(browser, { state });
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(url + path);
  await page.waitForSelector(".table-row");
  const scripts = asked.filter((one) => one.endsWith(".js"));
  const questions = asked.filter((one) => one.startsWith("/panel/") && one !== "/panel/live");
  const words = asked.filter((one) => one.includes("/words_"));
  checks.say(scripts.length === 1 && words.length === 1 && questions.sort().join() === `/panel/${path},/panel/me/columns/${path},/panel/schema,/panel/session`, `${path} opens with the panel, its words and four questions`, asked);
  await page.context().close();
}

export async function lists(office) {
  const { browser, checks, url, state } = office;
  await opened(office, "agents");
  const page = await checks.open(browser, { state });
  await page.goto(url);
  const step = page.locator(".begin .steps li").first();
  if (await page.locator(".tile-figure").first().waitFor().then(() => step.count())) checks.say((await step.getAttribute("class")) === "step-done", "the first step is ticked where there are agents");
  await rows(page, checks, url);
  await beside(page, checks, url);
  await another(page, checks, url);
  await elsewhere(page, checks, url);
  await empty(page, checks, url);
  await beginnings(page, checks, url);
  await views(page, checks, url);
  await granted(page, checks, url);
  await checks.whole(page, "no fault in the lists");
  await page.context().close();
}
