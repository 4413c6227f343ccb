// What nobody should type, typed into every field of every form: refused beside the field, or kept and shown as text.
import { ask, declared, openForm, stand } from "./nouns.mjs";
import { fill, isDirty, kindOf, save, schemaOf, writable, writeAll, wrongs } from "./typed.mjs";

export const texts = {
  "markup and SQL": `"><img src=x onerror=hacked=1><script>hacked=1</script>'; DROP TABLE customers; --`,
  "marks and a formula": '=1+1 \u202eabc\u202c \u{1F600}"',
  "NUL and a bell": "a\u0000b\u0007",
  "10,000 characters": "W".repeat(10_000),
};
const rounds = 8;
/** What is kept as it was typed, but for the spaces at its ends. */
const plain = /^(name|text|lines)$/;
/** What is searched for in each list. */
const sought = ["markup and SQL", "NUL and a bell", "10,000 characters"];
const cut = (value) => String(value ?? "").trim();
const written = (value) => (Array.isArray(value) ? value.join("\n") : String(value ?? ""));
/** What a refusal says, and what never leaves the box. */
const told = new Set(["error", "message", "fields", "users"]);
const inner = /panicked|\.rs:\d|RUST_|redb|\/tmp\/|\/home\//;

/** Puts away what is refused, until the rest is kept; what a form must have gets a word that is taken. */
async function mended(page, office, form, resource, before, n) {
  const put = new Set();
  const wrong = [];
  for (let round = 0; round < rounds; round++) {
    if (!(await isDirty(page, form, resource))) return { put, wrong };
    const answer = await save(page, form, resource);
    if (answer?.ok) return { row: answer.told, put, wrong };
    if (answer) wrong.push(...Object.keys(answer.told).filter((name) => !told.has(name)), ...(JSON.stringify(answer.told).match(inner) ?? []));
    const left = await wrongs(form);
    if (!left.length) return { put, wrong: [...wrong, ...(await form.locator(":scope > .notice").allInnerTexts())] };
    wrong.push(...left.filter(({ says }) => !says || /^[\w.]+$/.test(says)).map(({ path, says }) => `${path}: "${says}"`));
    const must = ({ path }) => (!before || path.includes(".")) && (put.has(path) || (resource.schema.required ?? []).includes(path));
    const empty = left.filter((one) => !must(one)).map(({ path }) => path);
    const unwritten = await writeAll(form, Object.fromEntries(empty.map((path) => [path, written(before?.[path])])));
    await fill(page, form, resource, [...left.filter(must).map(({ path }) => path), ...unwritten], n, office.standing);
    for (const { path } of left) put.add(path);
  }
  return { put, wrong: [...wrong, ...(await wrongs(form)).map(({ path, says }) => `${path}: ${says}`)] };
}

/** The record whose form is written into: none is a new one, undefined that there is nothing to write into. */
async function subject(page, resource) {
  if (resource.held === "single") return resource.may.includes("edit") ? ask(page, "GET", resource.path) : undefined;
  if (resource.may.includes("add")) return null;
  return resource.may.includes("edit") ? (await ask(page, "GET", `${resource.path}?limit=1`)).items[0] : undefined;
}

/** A new form on the list that is open; by its key, for what was said of the last one may lie over the button. */
async function another(page) {
  await page.keyboard.press("n");
  await page.waitForSelector("dialog form");
  return page.locator("dialog form").last();
}

/** A row in each list of rows, so that there is something to type into. */
async function rowsOpened(form) {
  await form.evaluate((e) => e.querySelectorAll(".rows > .button:not(:disabled)").forEach((one) => one.click()));
}

async function noun(page, office, resource, count) {
  const { checks, url } = office;
  const before = await subject(page, resource);
  if (before === undefined) return;
  for (const [what, text] of Object.entries(texts)) {
    const said = `${resource.path} and ${what}`;
    const form = before || page.url() !== `${url}${resource.path}` ? await openForm(page, url, resource, before?.id ?? "new") : await another(page);
    await rowsOpened(form);
    const names = await writable(form);
    if (!names.length) return;
    await writeAll(form, Object.fromEntries(names.map((name) => [name, text])));
    const { row, put, wrong } = await mended(page, office, form, resource, before, count());
    if (wrong.length) checks.say(false, `${said}: refused beside its field in words, or kept`, wrong);
    if (row) await isKept(page, office, resource, { row, text, said, names: names.filter((name) => !put.has(name)), before });
    await checks.whole(page, `${said}: refused, or shown as text`);
  }
  if (resource.held !== "single") await searched(page, office, resource);
}

/** What was not refused stands there as it was typed; then all is as it was. */
async function isKept(page, { checks, kept }, resource, { row, text, said, names, before }) {
  const whole = before || row.id ? row : (await ask(page, "GET", `${resource.path}?limit=1&sort=-created_at`)).items[0];
  const typed = names.filter((name) => !name.includes(".") && plain.test(kindOf(schemaOf(resource, name))));
  for (const name of typed) if (cut(whole[name]) !== cut(text)) checks.say(false, `${said}: ${name} is kept as it was typed`, JSON.stringify(whole[name]));
  kept.push(...typed);
  if (before) {
    const place = resource.held === "single" ? resource.path : `${resource.path}/${before.id}`;
    const changed = resource.tabs.flatMap((tab) => tab.fields).filter((name) => name in before && JSON.stringify(before[name]) !== JSON.stringify(whole[name]));
    await ask(page, "PATCH", place, Object.fromEntries(changed.map((name) => [name, before[name]])));
    return;
  }
  // An agent's passwords are shown once, over the list.
  if (await page.locator("dialog[open]").count()) await page.keyboard.press("Escape");
  await page.waitForSelector(".table-row");
  if (resource.may.includes("delete")) await ask(page, "POST", `${resource.path}/delete`, { ids: [whole.id] });
}

/** What is searched for is found or not, and is said as text. */
async function searched(page, { checks, url }, resource) {
  await page.goto(`${url}${resource.path}`);
  await page.waitForSelector(".table-row, .empty");
  const line = page.locator(".tools [role=search] input");
  if (!(await line.count())) return;
  for (const what of sought) {
    const answer = page.waitForResponse((response) => response.url().includes(`/panel/${resource.path}?`) && response.url().includes("search="));
    await line.fill(texts[what]);
    const status = (await answer).status();
    checks.say(status < 500, `${resource.path} searched for ${what}`, status);
    await page.waitForSelector(".table-frame:not(.table-busy)");
    await checks.whole(page, `${resource.path} searched for ${what}: shown as text`);
  }
}

export async function hostile(office) {
  const { browser, checks, state } = office;
  const open = async (language) => {
    const page = await checks.open(browser, { state, language, width: 1000 });
    page.pardon = true;
    await page.goto(`${office.url}box`);
    return page;
  };
  office.kept = [];
  const pages = await Promise.all(["en", "zh", "ja"].map(open));
  const queue = await declared(pages[0]);
  await stand(pages[0], office, queue);
  let n = Math.floor(Date.now() / 1000) % 20_000;
  const lane = async (page) => {
    for (let resource = queue.shift(); resource; resource = queue.shift()) {
      await noun(page, office, resource, () => ++n).catch((fault) => checks.say(false, `${resource.path}: hostile words`, fault.message));
    }
    await page.context().close();
  };
  await Promise.all(pages.map(lane));
  checks.say(office.kept.length > 50, "hostile words are kept where a field takes them", office.kept.length);
}
