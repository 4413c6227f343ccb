// Every page in each language, look and width.

const pages = (hostile) => ({ now: "", agents: "agents", agent_add: "agents?open=new", agent: `agents?open=${hostile.id}`, calls: "calls", call_records: "call_records", jobs: "jobs?all=true", import: "customers/import", box: "box", api_access: "api_access", api: "api_reference", api_found: "api_reference?search=agents+patch", lost: "agents/nowhere" });

/** The four ways in which one language is looked at stand side by side, to be done sooner. */
export async function walk(office, hostile) {
  const ways = ["light", "dark"].flatMap((look) => [1440, 390].map((width) => ({ look, width })));
  for (const language of ["zh", "ja", "en"]) await Promise.all(ways.map((way) => through(office, hostile, { language, ...way })));
}

async function through(office, hostile, { language, look, width }) {
  const page = await office.checks.open(office.browser, { language, look, width, state: office.state });
  for (const [name, path] of Object.entries(pages(hostile))) await one(office, page, `${name}-${language}-${look}-${width}`, path);
  if (look === "light") await record(office, page, `call_record-${language}-${width}`);
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
