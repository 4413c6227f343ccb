// Every declared noun as a person keeps it: found, listed, added, changed and deleted, in the three languages in turn.
import { bring, fill, kindOf, save, schemaOf, wrongs } from "./typed.mjs";

const rounds = 6;
const lanes = 3;
const languages = ["en", "zh", "ja"];

/** What has a page of its own. */
export async function declared(page) {
  const all = await page.evaluate(async () => (await (await fetch("/panel/schema")).json()).resources);
  return all.filter(({ menu }) => menu !== "beside");
}

export const ask = (page, method, path, body) =>
  page.evaluate(
    async ([method, path, body]) => {
      const answer = await fetch(`/panel/${path}`, { method, headers: { "Content-Type": "application/json", "X-Callbox": "1" }, body: body && JSON.stringify(body) });
      return answer.status === 204 ? {} : answer.json();
    },
    [method, path, body],
  );

/** The form over the page, or that of a noun that is one record. */
export const formOf = (page, resource) => (resource.held === "single" ? page.locator("main form") : page.locator("dialog form").last());

export async function openForm(page, url, resource, id = "new") {
  await page.goto(`${url}${resource.path}${resource.held === "single" ? "" : `?open=${id}`}`);
  const form = formOf(page, resource);
  await form.locator("input, textarea, select").first().waitFor({ state: "attached" });
  return form;
}

/** Saves, and fills what is refused, until it is saved; gives the row, or what stood in the way at last. */
async function saved(page, office, form, resource, n) {
  let left = [];
  for (let round = 0; round < rounds; round++) {
    const answer = await save(page, form, resource);
    if (answer?.ok) return { row: answer.told };
    left = await wrongs(form);
    if (!left.length) return { left: await form.locator(":scope > .notice").allInnerTexts() };
    await fill(page, form, resource, left.map(({ path }) => path), n, office.standing);
  }
  return { left: left.map(({ path, says }) => `${path}: ${says}`) };
}

const choices = async (page, resource) => (await ask(page, "GET", `${resource.path}/choices?limit=100`)).items ?? [];

const refersTo = (resource) => [...JSON.stringify(resource.schema).matchAll(/"x-to":"(\w+)"/g)].map(([, noun]) => noun).filter((noun) => noun !== resource.name);

/** Has a record of each noun that others refer to, and remembers what stood there before anybody began. */
export async function stand(page, office, all) {
  const listed = all.filter((one) => one.held !== "single");
  const wanted = new Set(all.flatMap(refersTo));
  const names = new Map();
  for (const resource of listed) names.set(resource, (await choices(page, resource)).map(({ name }) => name));
  office.standing = new Set([...names.values()].flat());
  // A noun that the operator gives, too, has two pages.
  const lacking = listed.filter((one, n) => wanted.has(one.name) && one.may.includes("add") && !names.get(one).length && listed.findIndex(({ name }) => name === one.name) === n);
  while (lacking.length) {
    const ready = lacking.findIndex((one) => !refersTo(one).some((noun) => lacking.some(({ name }) => name === noun)));
    const [resource] = lacking.splice(Math.max(0, ready), 1);
    const { left } = await saved(page, office, await openForm(page, office.url, resource), resource, 1);
    if (left) office.checks.say(false, `a first ${resource.name}`, left);
    for (const { name } of await choices(page, resource)) office.standing.add(name);
  }
}

/** The first field that can be written anew: its control, and what to put there. */
async function changed(form, resource, n) {
  for (const name of resource.tabs.flatMap((tab) => tab.fields)) {
    const control = form.locator(`[name="${name}"]:not([role=combobox])`).first();
    if (!/^(name|text|lines)$/.test(kindOf(schemaOf(resource, name))) || !(await control.count()) || (await control.isDisabled())) continue;
    return { name, control, text: `Changed ${n}` };
  }
  return null;
}

async function newest(page, resource) {
  return (await ask(page, "GET", `${resource.path}?limit=1&sort=-created_at`)).items[0];
}

/** Finds a record in its list by what it is called, and opens it from there; gives its form. */
async function found(page, office, resource, row) {
  const called = String(row[resource.named[0]]);
  await page.goto(`${office.url}${resource.path}${resource.search.length ? `?search=${encodeURIComponent(called)}` : ""}`);
  const country = kindOf(schemaOf(resource, resource.named[0])) === "country";
  const shown = country ? await page.evaluate((code) => new Intl.DisplayNames([document.documentElement.lang], { type: "region" }).of(code), called) : called;
  const line = page.locator(".table-row", { hasText: shown }).first();
  const listed = await line.waitFor().then(() => true, () => false);
  office.checks.say(listed, `${resource.path}: what was added is listed`, shown);
  await line.press("Enter");
  const form = formOf(page, resource);
  await form.locator("input, textarea, select").first().waitFor({ state: "attached" });
  return form;
}

async function life(page, office, resource, n) {
  const { checks, url } = office;
  const of = (what) => `${resource.path}: ${what}`;
  const form = await openForm(page, url, resource);
  const { row, left } = await saved(page, office, form, resource, n);
  if (!checks.say(Boolean(row), of("a form filled where it said so is saved (LST-21)"), left)) return;
  if (await page.locator("dialog[open]").count()) await page.keyboard.press("Escape");
  await page.waitForSelector(".table-row");
  // Of several that were typed at once the box says only how many.
  const kept = row.id ? row : await newest(page, resource);
  const again = await found(page, office, resource, kept);
  const edit = resource.may.includes("edit") && (await changed(again, resource, n));
  if (edit) {
    await bring(page, edit.control);
    await edit.control.fill(edit.text);
    const { row: now, left } = await saved(page, office, again, resource, n);
    checks.say(now?.[edit.name] === edit.text, of("a change is saved"), left ?? now?.[edit.name]);
  }
  if (!resource.may.includes("delete")) return;
  if (!edit) await page.keyboard.press("Escape");
  await page.goto(`${url}${resource.path}?open=${kept.id}`);
  await page.click("dialog .dialog-foot .button-danger");
  await page.click("dialog >> nth=1 >> .button-danger");
  await page.waitForSelector("dialog", { state: "detached" });
  const gone = await ask(page, "GET", `${resource.path}/${kept.id}`);
  checks.say(gone.error === "not_found", of("it is deleted after asking (LST-15)"), JSON.stringify(gone));
}

/** Each noun that one may add to, shared out among pages side by side. */
export async function nouns(office) {
  const { browser, checks, state } = office;
  const open = async (language) => {
    const page = await checks.open(browser, { state, language, width: 1000 });
    page.pardon = true;
    await page.goto(`${office.url}box`);
    return page;
  };
  const first = await open("en");
  const all = await declared(first);
  await stand(first, office, all);
  await first.context().close();
  const queue = all.filter((one) => one.may.includes("add"));
  // Other numbers at each run, for a box that was walked before.
  let n = Math.floor(Date.now() / 1000) % 20_000;
  const lane = async (language) => {
    const page = await open(language);
    for (let resource = queue.shift(); resource; resource = queue.shift()) {
      await life(page, office, resource, ++n + 1).catch((fault) => checks.say(false, `${resource.path}: added, changed, deleted`, fault.message));
      await checks.whole(page, `${resource.path}: no fault in ${language}`);
    }
    await page.context().close();
  };
  await Promise.all(languages.slice(0, lanes).map(lane));
}
