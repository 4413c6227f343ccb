// Columns of a list, shown and hidden by whoever looks at it, and kept for them (LST-10 to LST-13).
import { enter } from "./door.mjs";

const heads = (page) => page.locator(".table thead th:not(.table-tick, .table-menu)").allInnerTexts().then((texts) => texts.map((text) => text.trim()));
const isShown = async (page, column) => (await heads(page)).includes(column);

/** Opens the menu, ticks or unticks the column of this name, and closes it; gives all that are offered. */
async function toggle(page, column) {
  await page.click(".tools button[aria-label='Show or hide columns']");
  const lines = page.locator(".menu-panel label.menu-item");
  const offered = (await lines.allInnerTexts()).map((text) => text.trim());
  await lines.nth(offered.indexOf(column)).click();
  await page.keyboard.press("Escape");
  return offered;
}

async function list(page, { checks, url }, { path, row, hides, shows }) {
  await page.goto(url + path);
  await page.waitForSelector(".table-row");
  const before = await heads(page);
  checks.say(before.includes(hides), `${path} shows ${hides} to who never chose (LST-12)`, before);
  const offered = await toggle(page, hides);
  checks.say(before.every((name) => offered.includes(name)), `${path} offers each column (${row})`, offered);
  checks.say(!(await isShown(page, hides)), `${hides} is hidden (${row})`);
  if (!shows) return;
  checks.say(offered.includes(shows) && !before.includes(shows), `${shows} waits to be shown`);
  await toggle(page, shows);
  checks.say(await isShown(page, shows), `${shows} is shown (${row})`);
}

export async function columns(office) {
  const { browser, checks, url } = office;
  const page = await checks.open(browser);
  await page.goto(`${url}sign_in`);
  await enter(page, office);
  const agents = { path: "agents", row: "AGT-4", hides: "State" };
  const records = { path: "call_records", row: "CDR-8", hides: "Reason", shows: "Mean hold" };
  await list(page, office, agents);
  const number = (await page.locator(".table-row .mono").first().innerText()).trim();
  await toggle(page, "Agent number");
  await page.fill("[role=search] input", number);
  await page.waitForFunction(() => document.querySelectorAll(".table-row").length === 1);
  checks.say(true, "what is hidden is found all the same (LST-13)");
  await page.goto(`${url}call_records`);
  await page.waitForSelector(".table-frame .empty, .table-row");
  const called = (await page.locator(".table-row").count()) > 0;
  if (called) await list(page, office, records);
  else checks.say(false, "there is a call to look at (CDR-8)");

  page.pardon = true;
  await page.context().clearCookies();
  await page.goto(`${url}sign_in`);
  await enter(page, office);
  page.pardon = false;
  page.faults.length = 0;
  for (const { path, hides, shows } of called ? [agents, records] : [agents]) {
    await page.goto(url + path);
    await page.waitForSelector(".table-row");
    checks.say(!(await isShown(page, hides)) && (!shows || (await isShown(page, shows))), `${path} is as it was before signing out (LST-11)`, await heads(page));
  }
  await checks.picture(page, "columns");
  await checks.whole(page, "no fault among the columns");
  await page.context().close();
}
