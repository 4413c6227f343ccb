// The tools of custom fields: order by keys and by the pointer, areas, rights, repair, and the form of a customer that
// follows them (FLD-8, FLD-30, FLD-33 to FLD-37, FLD-39, FLD-42).
import { enter } from "./door.mjs";

/** Asks the box as the page itself would. */
const ask = (page, method, path, body) => page.evaluate(async ([method, path, body]) => (await fetch(`/panel/${path}`, { method, headers: { "Content-Type": "application/json", "X-Callbox": "1" }, body: JSON.stringify(body) })).json(), [method, path, body]);
const names = (page, list) => page.locator(`.laid-area${list} .laid-name`).allInnerTexts();

export async function fields(office) {
  const { browser, checks, url } = office;
  const page = await checks.open(browser);
  page.pardon = true;
  await page.goto(`${url}sign_in`);
  await enter(page, office);
  page.pardon = false;
  await ask(page, "POST", "roles", { name: "Desk of fields" });
  for (const [name, label, more] of [["fld_car", "Car", {}], ["fld_place", "Place", { type: "linked", levels: [{ value: "Guangdong", below: [{ value: "Shenzhen" }] }, { value: "Beijing" }] }], ["fld_kind", "Kind", { type: "custom", choices: ["Red", "Blue"] }]]) {
    await ask(page, "POST", "custom_fields", { package: "1", name, label, type: "input", ...more });
  }
  await page.goto(`${url}custom_fields`);
  await page.waitForSelector(".table-row");
  await page.click("button[aria-label='More']");
  const tools = await page.locator(".menu-panel .menu-item").allInnerTexts();
  checks.say(["Field order", "Field permissions", "Field repair"].every((tool) => tools.includes(tool)), "the tools are offered (FLD-8)", tools);
  await page.click(".menu-item:has-text('Field order')");
  await page.waitForSelector(".laid-area");
  const before = await names(page, ":first-of-type");
  checks.say(before[0] === "Name" && !(await page.locator(".order-handle[aria-label='Move Name']").count()), "the name is first and has no handle (FLD-36)", before);
  await page.locator(".order-handle[aria-label='Move Car']").focus();
  await page.keyboard.press("Home");
  checks.say((await names(page, ":first-of-type"))[1] === "Car", "a key moves a field (FLD-35)", await names(page, ":first-of-type"));
  const kind = page.locator(".order-handle[aria-label='Move Kind']");
  await kind.scrollIntoViewIfNeeded();
  const [from, to] = [await kind.boundingBox(), await page.locator(".order-handle[aria-label='Move Remark']").boundingBox()];
  await page.mouse.move(from.x + 4, from.y + 4);
  await page.mouse.down();
  await page.mouse.move(from.x + 4, to.y + 2, { steps: 8 });
  await page.mouse.up();
  const after = await names(page, ":first-of-type");
  checks.say(after.indexOf("Kind") < after.indexOf("Remark"), "the pointer moves a field (FLD-35)", after);
  await page.locator(".laid-line:has-text('Email') button").click();
  checks.say((await names(page, "-b")).includes("Email"), "a field goes to area B (FLD-37)");
  await page.getByLabel("Car: Required").check();
  await page.getByLabel("Kind: Content %").fill("50");
  await page.getByLabel("Kind: Content %").blur();
  await checks.picture(page, "field-order", false);
  await checks.whole(page, "field order");
  await page.click(".dialog-foot .button-primary");
  await page.waitForSelector(".laid-area", { state: "detached" });

  await page.goto(`${url}custom_fields?tool=rights`);
  await page.waitForSelector(".rights-table tbody tr");
  checks.say(await page.locator(".rights-table input:enabled").count() === 0, "without a role nothing can be set (FLD-33)");
  await page.locator("dialog input[role=combobox], dialog .combo input").first().click();
  await page.locator("[role=option]:has-text('Desk of fields')").click();
  checks.say(await page.getByLabel("Email: View").isDisabled() && await page.getByLabel("Email: Edit").isEnabled(), "of a fixed field only edit is set (FLD-34)");
  checks.say(await page.getByLabel("Car: View").isEnabled(), "of a custom field both are set (FLD-34)");
  await page.getByLabel("Car: View").uncheck();
  checks.say(!(await page.getByLabel("Car: Edit").isChecked()), "what is not viewed is not edited");
  await page.getByLabel("Car: View").check();
  await checks.picture(page, "field-rights", false);
  await checks.whole(page, "field permissions");

  await page.goto(`${url}custom_fields?tool=repair`);
  await page.click("dialog .button-primary");
  await page.waitForSelector("dialog [role=status]");
  checks.say((await page.locator("dialog [role=status]").innerText()).includes("Phone"), "a repair tells what it mended (FLD-30)", await page.locator("dialog [role=status]").innerText());
  await checks.whole(page, "field repair");

  for (const [width, look] of [[1440, "light"], [390, "dark"]]) {
    const form = await checks.open(browser, { width, look, state: await page.context().storageState() });
    await form.goto(`${url}customers?open=new`);
    await form.waitForSelector(".form-laid-b");
    const labels = (await form.locator(".form-laid .field-label").allInnerTexts()).map((text) => text.split("\n")[0].trim());
    checks.say(labels[0] === "Name" && labels[1] === "Car" && labels.at(-1).startsWith("Email"), "the form stands as it was ordered (FLD-35, FLD-37)", labels);
    await form.locator("dialog").getByLabel("Phone").fill(`1391000${width}`);
    await form.locator("dialog").getByLabel("Kind").selectOption("Blue");
    await form.locator("dialog").getByLabel("Level 1").selectOption("Guangdong");
    await form.locator("dialog").getByLabel("Level 2").selectOption("Shenzhen");
    await checks.picture(form, `customer-form-${width}-${look}`, false);
    form.pardon = true;
    await form.click(".dialog-foot .button-primary");
    await form.waitForSelector(".field-wrong");
    checks.say(await form.locator(".field-wrong .field-label").innerText().then((text) => text.startsWith("Car")), "a required field is asked for (FLD-39)");
    await form.locator("dialog").getByLabel("Car").fill("Audi");
    await form.click(".dialog-foot .button-primary");
    await form.waitForSelector("dialog", { state: "detached" });
    form.pardon = false;
    await checks.whole(form, `customer form ${width}`);
    const list = await form.evaluate(async (phone) => (await fetch(`/panel/customers?search=${phone}`)).json(), `1391000${width}`);
    const { fld_car: car, fld_kind: kind, fld_place: place = [] } = list.items[0]?.custom ?? {};
    checks.say([car, kind, ...place].join() === "Audi,Blue,Guangdong,Shenzhen", "what was typed is kept (FLD-42)", JSON.stringify(list.items[0]));
    await form.context().close();
  }
  await page.context().close();
}
