// Every page that is more than a list in each language, look and width, while an agent with hostile names lives.
import { agentLife } from "./agent.mjs";

const pages = (hostile) => ({ now: "", agents: "agents", agent_add: "agents?open=new", agent: `agents?open=${hostile.id}`, calls: "calls", call_records: "call_records", jobs: "jobs?all=true", import: "customers/import", box: "box", api_access: "api_access", api: "api_reference", api_found: "api_reference?search=agents+patch", lost: "agents/nowhere" });

/** Both looks and both widths of each language; the ways of one stand side by side, to be done sooner. */
export async function looks(office) {
  const hostile = await agentLife.begin(office);
  const ways = [{ look: "light", width: 1440 }, { look: "dark", width: 390 }];
  const others = [{ look: "dark", width: 1440 }, { look: "light", width: 390 }];
  for (const [language, all] of [["zh", ways], ["ja", others], ["en", [...ways, ...others]]]) await Promise.all(all.map((way) => through(office, hostile, { language, ...way })));
  await agentLife.end(office, hostile);
}

async function through(office, hostile, { language, look, width }) {
  const page = await office.checks.open(office.browser, { language, look, width, state: office.state });
  for (const [name, path] of Object.entries(pages(hostile))) await one(office, page, `${name}-${language}-${look}-${width}`, path);
  await record(office, page, `call_record-${language}-${look}-${width}`);
  await page.context().close();
}

async function settled(page) {
  await page.waitForSelector(".frame h1, .frame .empty");
  await page.waitForFunction(() => !document.querySelector(".skeleton"));
}

async function one({ checks, url }, page, name, path) {
  await page.goto(url + path);
  await settled(page);
  const language = await page.evaluate(() => document.documentElement.lang.slice(0, 2));
  if (!name.includes(`-${language}-`)) checks.say(false, name, `speaks ${language}`);
  await checks.picture(page, name, !path.includes("open="));
  await checks.whole(page, name);
}

/** The story of the newest call, if there is one. */
async function record({ checks, url }, page, name) {
  await page.goto(`${url}call_records`);
  await settled(page);
  if (!(await page.locator(".table-row").count())) return;
  await page.locator(".table-row").first().press("Enter");
  await page.waitForSelector("dialog .timeline");
  await checks.picture(page, name, false);
  await checks.whole(page, name);
}
