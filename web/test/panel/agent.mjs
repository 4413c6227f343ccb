// An agent's life in the panel: added with hostile names, refused where wrong, edited, found, deleted.

const first = "<img src=x onerror=hacked=1>";
const last = "שלום 😀 <b>&amp;";
const long = "W".repeat(40);

const field = (page, name) => page.locator(`dialog [name="${name}"]`);

async function freeNumber(page) {
  const taken = await page.evaluate(async () => (await (await fetch("/panel/agents?limit=100")).json()).items.map((row) => row.agent_number));
  for (let number = 976000; ; number++) if (!taken.includes(String(number))) return { number: String(number), used: taken[0] };
}

async function refused(page, checks, used) {
  await page.click(".page-do .button-primary");
  await page.waitForSelector("dialog form");
  const tabs = await page.locator("dialog [role=tab]").allInnerTexts();
  checks.say(tabs.map((tab) => tab.trim()).join() === "General,Advanced", "Add opens a form with two tabs (AGT-3)", tabs);
  checks.say(await field(page, "last_name").isVisible(), "the last name stands on the first of them (AGT-17)");
  await page.click("dialog .button-primary");
  await page.waitForSelector(".field-error");
  checks.say((await page.locator(".field-error").count()) >= 3, "an empty form marks each missing field (LST-21)");
  checks.say(await field(page, "agent_number").evaluate((e) => e === document.activeElement && e.getAttribute("aria-invalid") === "true"), "the first of them has the focus");
  await field(page, "agent_number").fill("01001");
  await field(page, "first_name").fill(first);
  await field(page, "last_name").fill(last);
  await field(page, "web_password").fill("a web password");
  await page.click("dialog .button-primary");
  checks.say((await page.locator(".field-error").count()) === 1, "01001 is refused beside its field (AGT-8)");
  if (!used) return;
  await field(page, "agent_number").fill(used);
  await page.click("dialog .button-primary");
  await page.waitForSelector("form > .notice");
  checks.say((await page.locator(".field-error").count()) === 1, "a number in use is refused beside its field (AGT-9)");
}

async function begin(office) {
  const { browser, checks, url, state } = office;
  const page = await checks.open(browser, { state });
  page.pardon = true;
  await page.goto(`${url}agents`);
  await page.waitForSelector(".page-head");
  const { number, used } = await freeNumber(page);
  await refused(page, checks, used);
  await field(page, "agent_number").fill(number);
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog .softphone");
  const made = await page.locator("dialog .softphone-lines bdi").nth(3).innerText();
  checks.say(made.length >= 8 && !made.includes("•"), "a made password is shown once, with what to type into a phone (AGT-19)");
  await checks.picture(page, "agent-added", false);
  await page.click("dialog .button-primary");
  await page.fill("[role=search] input", number);
  await page.waitForFunction(() => document.querySelectorAll(".table-row").length === 1);
  const row = page.locator(".table-row");
  checks.say((await row.innerText()).includes(first) && (await row.innerText()).includes("שלום 😀 <b>&amp;"), "hostile names stand in the list as text");
  await keyboard(page, checks);
  await edit(page, checks);
  await checks.whole(page, "no fault in the agent's life");
  const id = await page.evaluate(async (n) => (await (await fetch(`/panel/agents?search=${n}`)).json()).items[0].id, number);
  await page.context().close();
  return { number, id };
}

async function keyboard(page, checks) {
  await page.locator("h1").click();
  await page.keyboard.press("/");
  checks.say(await page.locator("[role=search] input").evaluate((e) => e === document.activeElement), "/ goes to the search");
  await page.keyboard.press("ArrowDown");
  checks.say(await page.locator(".table-row").evaluate((e) => e === document.activeElement), "the arrow goes into the rows");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog[open] [role=tablist]");
  for (let n = 0; n < 30; n++) await page.keyboard.press("Tab");
  checks.say(await page.evaluate(() => document.activeElement === document.body || Boolean(document.activeElement.closest("dialog"))), "the focus stays in the drawer");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  checks.say(await page.locator(".table-row").evaluate((e) => e === document.activeElement), "Esc closes it and the focus is back on the row");
}

async function edit(page, checks) {
  await page.keyboard.press("Enter");
  await page.click("dialog .softphone-lines button[aria-label] >> nth=3");
  await page.waitForFunction(() => !document.querySelector("dialog .softphone-lines").innerText.includes("•"));
  checks.say(true, "the password can be shown again for typing it into a phone");
  await page.click("dialog [role=tab] >> nth=1");
  checks.say(await field(page, "agent_number").isDisabled(), "the number cannot be changed any more (AGT-10)");
  await field(page, "first_name").fill("half");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog >> nth=1");
  await page.keyboard.press("Escape");
  checks.say((await field(page, "first_name").inputValue()) === "half", "unsaved changes are held until one says so");
  await field(page, "first_name").fill("x".repeat(41));
  await page.keyboard.press("Control+s");
  await page.waitForSelector(".field-error");
  checks.say(true, "a 41st character is refused (ACC-16)");
  await field(page, "first_name").fill(first);
  await field(page, "last_name").fill(long);
  await page.keyboard.press("Control+s");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.waitForFunction((text) => document.querySelector(".table-row")?.innerText.includes(text), long);
  checks.say((await page.locator(".toast").count()) === 1, "a save is said, and stands in the list");
}

async function end(office, { number }) {
  const { browser, checks, url, state } = office;
  const page = await checks.open(browser, { state });
  await page.goto(`${url}agents`);
  await page.fill("[role=search] input", number);
  await page.waitForFunction(() => document.querySelectorAll(".table-row").length === 1);
  await page.click(".table-row input[type=checkbox]");
  await page.click(".chosen-bar .button-danger");
  checks.say((await page.innerText("dialog")).includes("one record") || (await page.innerText("dialog")).includes("One record"), "a delete says how many and waits (LST-15)");
  await page.click("dialog .dialog-foot button:last-child");
  await page.waitForSelector(".empty");
  checks.say((await page.locator(".table-row").count()) === 0, "the agent is gone");
  await checks.picture(page, "agents-nothing-found");
  await checks.whole(page, "no fault at the end of the agent");
  await page.context().close();
}

export const agentLife = { begin, end };
