// Agents made in one go with a table to look at first, and the tree of departments beside its list.

/** Five numbers in a row of which the first is taken. */
async function freeRun(page) {
  const taken = await page.evaluate(async () => (await (await fetch("/panel/agents?limit=100")).json()).items.map((row) => Number(row.agent_number)));
  const first = taken.find((number) => [1, 2, 3].every((more) => !taken.includes(number + more)));
  return { first, free: [1, 2, 3].map((more) => first + more) };
}

async function agents(page, checks, url) {
  await page.goto(`${url}agents`);
  await page.waitForSelector(".table-row");
  const { first, free } = await freeRun(page);
  await page.click(".page-do [aria-haspopup]");
  const menu = await page.locator(".menu-panel").innerText();
  checks.say(menu.includes("Add in batch") && menu.includes("Edit 0 selected"), "a menu offers adding and editing in batch (AGT-5)", menu);
  await page.click("text=Add in batch");
  await page.fill("[name=start_agent_number]", String(first));
  await page.fill("[name=count]", "4");
  await page.click("text=Preview and configure");
  await page.waitForSelector(".batch-table tbody tr");
  checks.say((await page.locator(".batch-table tbody tr").count()) === 4 && (await page.locator(".batch-wrong").count()) === 1, "the table shows what will be made and what cannot be (AGT-48)");
  await checks.picture(page, "batch-add", false);
  await page.fill(`.batch-table tr:nth-child(2) [name=first_name]`, "Changed");
  await page.click("dialog .button-primary");
  await page.waitForSelector("dialog .notice");
  await page.waitForSelector(".toast");
  const toast = await page.locator(".toast").first().boundingBox();
  const said = await page.locator(".toast").first().innerText();
  const { width, height } = page.viewportSize();
  checks.say(said.includes(String(first)) && toast.x > width / 2 && toast.y < height / 3, "a notice at the top right names the skipped number (AGT-47)", said);
  const wait = page.waitForEvent("download");
  await page.click("text=Download CSV");
  checks.say((await wait).suggestedFilename() === "agents.csv", "what was made can be saved");
  await checks.whole(page, "no fault in adding in batch");
  await page.click("dialog .button-primary");
  const rows = await page.evaluate(async () => (await (await fetch("/panel/agents?limit=100")).json()).items);
  const made = rows.filter((row) => free.includes(Number(row.agent_number)));
  checks.say(made.length === 3 && made.some((row) => row.first_name === "Changed" && row.agent_number === String(free[0])), "the others are made, as the table had them (AGT-46, AGT-48)");
  await gone(page, "agents", made.map((row) => row.id));
}

async function departments(page, checks, url) {
  const ids = [];
  for (const [name, parent] of [["Tree top", null], ["Tree middle", 0], ["Tree leaf", 1], ["Tree other", null]]) ids.push(await added(page, { name, parent: parent === null ? null : ids[parent] }));
  await page.goto(`${url}departments`);
  await page.waitForSelector(".table-row");
  await page.click("text=Structure");
  await page.click(".tree >> text=Tree middle");
  await page.waitForFunction(() => document.querySelectorAll(".table-row").length === 2);
  checks.say((await page.locator(".table-row").allInnerTexts()).every((text) => /middle|leaf/.test(text)), "a node of the structure limits the list to it and what is below (DEP-5)");
  await checks.picture(page, "departments");
  await page.click("text=Structure");
  await page.waitForFunction(() => !document.querySelector(".tree") && document.querySelectorAll(".table-row").length >= 4);
  checks.say(true, "hidden leaves the flat list (DEP-5)");
  await checks.whole(page, "no fault in the tree");
  await gone(page, "departments", ids);
}

const send = (page, method, path, body) => page.evaluate(async ([method, path, body]) => (await fetch(`/panel/${path}`, { method, headers: { "Content-Type": "application/json", "X-Callbox": "1" }, body: JSON.stringify(body) })).json(), [method, path, body]);
const added = async (page, value) => (await send(page, "POST", "departments", value)).id;
const gone = (page, path, ids) => send(page, "POST", `${path}/delete`, { ids });

export async function batch({ browser, checks, url, state }) {
  const page = await checks.open(browser, { state });
  page.pardon = true;
  await agents(page, checks, url);
  await departments(page, checks, url);
  await page.context().close();
}
