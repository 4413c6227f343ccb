// What a campaign's row offers (CMP-9 to CMP-13, CMP-16), what is put aside (CMP-42, STG-13), a file on a customer (FLD-19),
// the way back from an import (CUS-67), and what an agent's phone will be given (AGT-40).
import { ask } from "./nouns.mjs";

const offered = (page) => page.locator(".menu-panel .menu-item").allInnerTexts().then((all) => all.map((text) => text.trim()));
const gone = (page) => page.waitForSelector("dialog", { state: "detached" });

async function menuOf(page, name) {
  await page.locator(".table-row", { hasText: name }).locator("[aria-haspopup]").click();
  await page.waitForSelector(".menu-panel");
}

async function results(page, checks, one) {
  await ask(page, "POST", "call_results", { name: "Walked everywhere" });
  const other = await ask(page, "POST", "campaigns", { ...one, name: "Walked aside" });
  await ask(page, "POST", "call_results", { name: "Walked here", campaigns: [other.id] });
  await menuOf(page, "Walked first");
  await page.click(".menu-item:has-text('Call results')");
  const line = (name) => page.locator("dialog .tick", { hasText: name }).locator("input");
  await line("Walked here").waitFor();
  checks.say(await line("Walked everywhere").isChecked() && await line("Walked everywhere").isDisabled(), "a result of no campaign is one of all (RES-13)");
  await line("Walked here").check();
  await checks.whole(page, "call results of a campaign");
  await page.click("dialog .dialog-foot .button-primary");
  await gone(page);
  const [kept] = (await ask(page, "GET", "call_results?search=walked here")).items;
  checks.say(kept.campaigns.length === 2, "which results agents may pick is chosen at the campaign (CMP-16)", JSON.stringify(kept));
}

async function copy(page, checks) {
  await menuOf(page, "Walked first");
  await page.click(".menu-item:has-text('Clone')");
  const name = page.locator("dialog input");
  checks.say((await name.inputValue()) === "Walked first (copy)", "a clone is asked for its name (CMP-13)", await name.inputValue());
  await name.fill("Walked second");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog [name=name]");
  checks.say((await page.inputValue("dialog [name=name]")) === "Walked second", "the clone has the name and opens (CMP-13)");
  await page.keyboard.press("Escape");
  await gone(page);
}

async function brought(page, checks, url) {
  await page.goto(`${url}campaigns`);
  await menuOf(page, "Walked first");
  const template = await page.locator(".menu-item[download]").getAttribute("href");
  const file = await page.request.get(new URL(template, url).href);
  const head = (await file.text()).split("\n")[0];
  checks.say(file.ok() && head.includes("Phone") && head.includes("Walked file") === false, "the template has the customers' fields (CMP-12)", head);
  await page.click(".menu-item:has-text('Import customers')");
  await page.waitForSelector(".import-steps");
  checks.say(new URL(page.url()).searchParams.get("campaign") !== null, "an import into a campaign names it (CMP-10)", page.url());
  checks.say(await page.locator("a[href*=import_template]").count() === 1, "the same page has the template (CMP-11)");
  await page.setInputFiles("input[type=file]", { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from("name,phone\nWalked Mei,13955501111\n") });
  await page.waitForSelector(".import-start");
  const said = await page.locator(".import-steps").innerText();
  const chosen = await page.locator(".import-steps input").evaluateAll((all) => all.map((one) => one.value));
  checks.say(chosen.includes("Walked first"), "the campaign is chosen beforehand (CMP-10)", said);
  await page.click(".import-start .button-primary");
  await page.waitForSelector(".import-going a[href='/customers']");
  const [mei] = (await ask(page, "GET", "customers?search=Walked Mei")).items;
  const [first] = (await ask(page, "GET", "campaigns?search=walked first")).items;
  checks.say(mei.campaign === first.id, "they are in the campaign (CMP-10)", JSON.stringify(mei));
  await page.click("button:has-text('Back')");
  await page.waitForFunction(() => location.pathname === "/customers");
  checks.say(true, "after the upload a button leads back to the list (CUS-67)");
  return mei;
}

async function attached(page, checks, url, mei) {
  await ask(page, "POST", "popup_alerts", { package: "1", number: mei.phone, content: "Walks fast" });
  await page.goto(`${url}customers?open=${mei.id}`);
  await page.waitForSelector("dialog .warned");
  checks.say((await page.innerText("dialog .warned")).trim() === "Walks fast", "who opens a customer is warned (POP-2)");
  await page.waitForSelector("dialog form .file");
  await page.setInputFiles("dialog input[type=file]", { name: "合同 1.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF walked") });
  await page.waitForSelector("dialog .file-line");
  await checks.whole(page, "a file that is not saved yet");
  await page.click("dialog .dialog-foot .button-primary");
  await gone(page);
  await page.goto(`${url}customers?open=${mei.id}`);
  const link = page.locator("dialog .file-line a");
  const got = await page.request.get(new URL(await link.getAttribute("href"), url).href);
  checks.say((await link.innerText()) === "合同 1.pdf" && (await got.text()) === "%PDF walked", "a file stands on a customer and is given out (FLD-19)");
  await page.click("dialog .file-line button");
  await page.click("dialog .dialog-foot .button-primary");
  await gone(page);
  const { custom } = await ask(page, "GET", `customers/${mei.id}`);
  checks.say(custom.walked_file === undefined, "and is taken off again (FLD-19)", JSON.stringify(custom));
}

async function aside(page, checks, url) {
  const [second] = (await ask(page, "GET", "campaigns?search=walked second")).items;
  await ask(page, "PATCH", `campaigns/${second.id}`, { status: "closed" });
  await ask(page, "POST", "stages", { name: "Walked closed", package: "1", status: "closed" });
  await page.goto(`${url}campaigns`);
  await page.waitForSelector(".table-row");
  checks.say(!(await page.innerText(".table")).includes("Walked second"), "a closed campaign is not listed (CMP-42)");
  await page.goto(`${url}campaigns?status=closed`);
  await page.waitForSelector(".table-row");
  checks.say((await page.innerText(".table")).includes("Walked second"), "until somebody asks for it (CMP-42)");
  await page.goto(`${url}customers`);
  await page.waitForSelector(".tools .filter");
  const names = [];
  for (const filter of ["Campaign", "Stage"]) {
    await page.locator(".tools .filter", { hasText: filter }).click();
    await page.waitForSelector(".menu-panel .menu-item, .menu-panel .combo-none");
    names.push(...(await offered(page)));
    await page.keyboard.press("Escape");
  }
  checks.say(names.includes("Walked first") && !names.includes("Walked second") && !names.includes("Walked closed"), "nor offered elsewhere (CMP-41, STG-13)", names);
}

async function configured(page, checks, url) {
  const template = await ask(page, "POST", "phone_templates", { name: "Walked phone", content: "user=##agent_number## pass=##sip_password##" });
  const [agent] = (await ask(page, "GET", "agents?limit=1&sort=agent_number")).items;
  await ask(page, "PATCH", `agents/${agent.id}`, { phone_template: template.id });
  await page.goto(`${url}agents?open=${agent.id}`);
  await page.locator("dialog [role=tab]", { hasText: "Phone" }).click();
  await page.click(".configuration button");
  await page.waitForSelector(".configuration pre");
  const said = await page.innerText(".configuration pre");
  checks.say(said === `user=${agent.agent_number} pass=***`, "an agent shows what the phone will be given (AGT-40)", said);
  await checks.whole(page, "the configuration of a phone");
  await ask(page, "PATCH", `agents/${agent.id}`, { phone_template: null });
}

export async function campaign({ browser, checks, url, state }) {
  const page = await checks.open(browser, { state });
  await page.goto(url);
  await page.waitForSelector(".frame");
  await ask(page, "POST", "custom_fields", { package: "1", name: "walked_file", label: "Walked file", type: "attachment" });
  const group = await ask(page, "POST", "agent_groups", { name: "Walked group", group_number: "69001" });
  const one = { agent_group: group.id, package: "1" };
  await ask(page, "POST", "campaigns", { ...one, name: "Walked first" });
  await page.goto(`${url}campaigns`);
  await menuOf(page, "Walked first");
  const deeds = await offered(page);
  checks.say(["Clone", "Import customers into it", "Download an empty template", "Call results"].every((deed) => deeds.includes(deed)), "a campaign's row offers its deeds (CMP-9)", deeds);
  await page.keyboard.press("Escape");
  await results(page, checks, one);
  await copy(page, checks);
  const mei = await brought(page, checks, url);
  await attached(page, checks, url, mei);
  await aside(page, checks, url);
  await configured(page, checks, url);
  await page.context().close();
}
