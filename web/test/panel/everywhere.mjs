// Every page and form that the menu and the declarations name, gone to by the keyboard alone, in each language.
import { accessible, focusSeen } from "./access.mjs";
import { ask, declared } from "./nouns.mjs";

const ways = [
  { language: "en", look: "light", width: 1440 },
  { language: "zh", look: "dark", width: 1440 },
  { language: "ja", look: "light", width: 390 },
];

/** So many times Tab is pressed on each page, and in each form. */
const stops = 12;

async function settled(page) {
  await page.waitForSelector(".frame h1, .frame .empty");
  await page.waitForFunction(() => !document.querySelector(".skeleton, .combo-busy"));
}

/** Types into the line that finds everything, and takes the first that is found. */
async function find(page, text) {
  await page.keyboard.press("Control+k");
  await page.waitForSelector(".finder");
  await page.keyboard.insertText(text);
  await page.waitForFunction((text) => [...document.querySelectorAll(".finder [role=option] bdi")].some((e) => e.innerText.includes(text)), text);
}

async function goTo(page, checks, { label, href }, said) {
  await find(page, label);
  await page.keyboard.press("Enter");
  await page.waitForFunction((href) => location.pathname === href, href);
  await settled(page);
  await checks.whole(page, said);
  await accessible(page, checks, said);
  await page.locator("#page").focus();
  await focusSeen(page, checks, `${said}: the focus is seen`, stops);
}

/** The form of the page that is open: each of its parts, by the arrow keys. */
async function form(page, checks, said) {
  await page.evaluate(() => (window.before = document.activeElement));
  await page.keyboard.press("n");
  await page.waitForSelector("dialog form");
  await focusSeen(page, checks, `${said}, its form: the focus is seen`, stops);
  const within = await page.evaluate(() => document.activeElement === document.body || Boolean(document.activeElement.closest("dialog")));
  checks.say(within, `${said}: Tab stays in its form`);
  const parts = await page.locator("dialog [role=tab]").count();
  for (let n = 0; n < Math.max(1, parts); n++) {
    if (n === 1) await page.locator("dialog [role=tab]").first().focus();
    if (n) await page.keyboard.press("ArrowRight");
    await settled(page);
    await accessible(page, checks, `${said}, part ${n + 1} of its form`);
  }
  await checks.whole(page, `${said}, its form`);
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  const back = await page.evaluate(() => document.activeElement === window.before || document.activeElement === document.body);
  checks.say(back, `${said}: Esc leads back to where one was`, await page.evaluate(() => document.activeElement.outerHTML.slice(0, 120)));
}

/** A person, a customer and a setting are found by what they are called, and opened. */
async function records(page, office, language) {
  const { checks } = office;
  const agent = await page.evaluate(async () => (await (await fetch("/panel/agents?limit=1")).json()).items[0]);
  const label = await page.evaluate(() => document.querySelector("form [name=name]").labels[0].firstChild.data.trim());
  for (const [text, path, where] of [
    [agent.agent_number, "/agents", `open=${agent.id}`],
    [office.customer.name, "/customers", `open=${office.customer.id}`],
    [label, "/settings", "field=name"],
  ]) {
    await find(page, text);
    const options = await page.locator(".finder [role=option]").evaluateAll((lines) => lines.map((line) => line.innerText));
    const at = options.findIndex((line) => line.includes(text));
    for (let n = 0; n < at; n++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const there = await page.waitForFunction(([path, where]) => location.pathname === path && location.search.includes(where), [path, where]).then(() => true, () => false);
    checks.say(there, `${text} is found and opened by the keyboard in ${language}`, page.url());
    if (await page.locator("dialog[open]").count()) await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
  }
}

async function through(office, way) {
  const { browser, checks, url, state } = office;
  const page = await checks.open(browser, { ...way, state });
  page.pardon = true;
  await page.goto(url);
  await page.waitForSelector(".tile-figure");
  const all = await declared(page);
  const menu = await page.locator(".side-nav a").evaluateAll((links) => links.map((link) => ({ word: link.querySelector("span").textContent.trim(), label: link.title || link.querySelector("span").textContent.trim(), href: link.getAttribute("href") })));
  checks.say(all.every((resource) => menu.some(({ href }) => href === `/${resource.path}`)), `the menu leads to every noun in ${way.language}`);
  const words = menu.map(({ word }) => word);
  checks.say(new Set(words).size === words.length, `no two entries of the menu have one name in ${way.language} (UPS-2)`, words.filter((word, n) => words.indexOf(word) !== n));
  if (way.width > 860) await focusSeen(page, checks, `the focus is seen wherever Tab leads, ${way.look}`, 40);
  for (const entry of menu) {
    const said = `${entry.href} in ${way.language}`;
    try {
      await goTo(page, checks, entry, said);
      const resource = all.find((one) => `/${one.path}` === entry.href);
      if (resource && resource.held !== "single" && resource.may.includes("add")) await form(page, checks, said);
      if (entry.href === "/settings") await records(page, office, way.language);
    } catch (fault) {
      checks.say(false, said, fault.message);
      await page.goto(url);
      await settled(page);
    }
  }
  await page.context().close();
}

export async function everywhere(office) {
  const page = await office.checks.open(office.browser, { state: office.state });
  await page.goto(office.url);
  const [holds] = (await ask(page, "GET", "packages?limit=100&sort=created_at")).items;
  const customer = { package: holds.id, name: `Walked Customer ${Date.now() % 1_000_000}`, phone: `1395${Date.now() % 10_000_000}` };
  office.customer = { ...customer, id: (await ask(page, "POST", "customers", customer)).id };
  await Promise.all(ways.map((way) => through(office, way)));
  await ask(page, "POST", "customers/delete", { ids: [office.customer.id] });
  await page.context().close();
}
