// An office that the operator gives less: nothing is said of packages anywhere, and a form says how many agents there may
// be (FLD-3, STG-4, UPS-101).
import { enter } from "./door.mjs";

/** Asks the box as the page itself would. */
const ask = (page, method, path, body) => page.evaluate(async ([method, path, body]) => (await fetch(`/panel/${path}`, { method, headers: { "Content-Type": "application/json", "X-Callbox": "1" }, body: body && JSON.stringify(body) })).json(), [method, path, body]);
const settled = (page) => page.waitForFunction(() => document.querySelector("h1") && !document.querySelector(".skeleton, [aria-busy=true]"));

export async function limits(office) {
  const { browser, checks, url } = office;
  const page = await checks.open(browser);
  page.pardon = true;
  await page.goto(`${url}sign_in`);
  await enter(page, office);
  await ask(page, "POST", "packages", { display_name: "Walked", code: "walked" });
  await ask(page, "POST", "custom_fields", { package: "1", name: "lim_shoe", label: "Shoe size", type: "input" });

  await page.goto(`${url}given_limits`);
  await page.getByRole("switch", { name: "Customer packages" }).click();
  await page.click(".single-foot .button-primary");
  await page.waitForFunction(() => !document.querySelector("nav a[href='/packages']"));
  checks.say(true, "the page of packages leaves the menu at once (FLD-3)");

  for (const path of ["stages", "stages?open=new", "custom_fields", "custom_fields?open=new", "customers", "customers?open=new", "customers/import", "campaigns?open=new", "dnc?open=new", "popup_alerts?open=new", "preferences?field=export_encoding", "roles?open=new"]) {
    await page.goto(`${url}${path}`);
    await settled(page);
    const said = await page.evaluate(() => [...document.querySelectorAll("main, dialog")].map((e) => e.innerText).join("\n").match(/.*\bpackages?\b.*/i)?.[0]);
    checks.say(!said && !(await page.locator(".part, .part-only").count()), `nothing of packages on ${path} (FLD-3, STG-4)`, said);
    await checks.whole(page, `${path} without packages`);
  }
  await page.goto(`${url}call_records?package=2`);
  await settled(page);
  const calls = await page.waitForFunction(() => document.querySelector(".table-row") || document.querySelector(".empty")?.innerText.includes("No calls yet")).then(() => true, () => false);
  checks.say(calls, "an old link to calls of a package lists those of the one package (FLD-3)");
  await page.goto(`${url}customers?open=new`);
  await page.locator("dialog").getByLabel("Shoe size").waitFor();
  checks.say(true, "the fields of the one package stand in the form of a customer");
  await page.goto(`${url}stages?open=new`);
  await page.locator(`dialog [name="name"]`).fill("Walked without");
  await page.click(".dialog-foot .button-primary");
  await page.locator(".table-row:has-text('Walked without')").waitFor();
  checks.say(true, "a stage is added to the one package (STG-4)");

  await ask(page, "PATCH", "given_limits", { packages: true, agents: 1 });
  await page.goto(`${url}stages`);
  await page.locator(".part").waitFor();
  const listed = await ask(page, "GET", "stages?package=1");
  checks.say(listed.items.some((one) => one.name === "Walked without"), "with packages it is one of default (STG-4)");

  await page.goto(`${url}agents?open=new`);
  const form = page.locator("dialog");
  for (const [name, value] of [["agent_number", "8999"], ["first_name", "One more"], ["web_password", "a-long-password"]]) await form.locator(`[name="${name}"]`).fill(value);
  await page.click(".dialog-foot .button-primary");
  const wrong = page.locator(".field-wrong:has-text('Agent number')");
  await wrong.waitFor();
  checks.say((await wrong.innerText()).includes("At most 1"), "a form says how many there may be (UPS-101)", await wrong.innerText());
  await ask(page, "PATCH", "given_limits", { agents: null });
  await form.locator(`[name="agent_number"]`).fill("8998");
  await page.click(".dialog-foot .button-primary");
  // What the box made for the agent is told in a dialog of its own.
  await form.locator(`[name="agent_number"]`).waitFor({ state: "detached" });
  await checks.whole(page, "an agent is added once there may be one more");
  await page.context().close();
}
