// The recording of a call that is up, paused and gone on with in the page of calls; and the file of one that was changed
// or taken away since, as it is heard and downloaded (CDR-10, BOX-61).
import { accessible } from "./access.mjs";
import { ask } from "./nouns.mjs";

const ways = [
  { language: "en", look: "light", width: 1440 },
  { language: "zh", look: "dark", width: 390 },
  { language: "ja", look: "light", width: 390 },
];

const through = async ({ browser, checks, state }, walked) => {
  for (const way of ways) {
    const page = await checks.open(browser, { ...way, state });
    const said = `${way.language}, ${way.look}, ${way.width}`;
    await walked(page, said, `${way.language}-${way.width}`).catch((fault) => checks.say(false, said, fault.message));
    await page.context().close();
  }
};

async function shown(page, checks, name, picture) {
  await accessible(page, checks, name);
  await checks.whole(page, name);
  await checks.picture(page, picture, false);
}

/** Everything that can be pressed in a call is within the screen. */
const within = (page) => page.locator(".call button").evaluateAll((all) => all.every((e) => (({ left, right }) => left >= 0 && right <= innerWidth)(e.getBoundingClientRect())));

/** A call is up and recorded. */
export async function paused(office) {
  const { checks, url } = office;
  await through(office, async (page, said, name) => {
    await page.goto(`${url}calls`);
    const badge = page.locator(".call .call-recording");
    const button = page.locator(".call .call-state button:has(+ .lock)");
    await badge.locator(".badge").waitFor();
    const words = async () => [await badge.innerText(), await button.innerText()];
    const runs = await words();
    await shown(page, checks, `a call is recorded, ${said}`, `recorded-${name}`);
    checks.say(await within(page), `its buttons are within the screen, ${said}`);
    await button.focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction((before) => document.querySelector(".call .call-recording").innerText !== before, runs[0]);
    const stops = await words();
    checks.say(stops.every((word, n) => word && word !== runs[n]), `the recording pauses, and goes on by the same button, ${said} (CDR-10)`, [runs, stops]);
    checks.say(await button.evaluate((e) => e === document.activeElement), `the focus stays on it, ${said}`);
    await shown(page, checks, `its recording is paused, ${said}`, `paused-${name}`);
    await page.keyboard.press("Enter");
    await page.waitForFunction((before) => document.querySelector(".call .call-recording").innerText !== before, stops[0]);
    checks.say(String(await words()) === String(runs), `and goes on, ${said}`, [runs, await words()]);
  });
  const page = await checks.open(office.browser, { state: office.state });
  await page.goto(`${url}calls`);
  await page.locator(".call .button-danger").click();
  await page.locator("dialog .button-danger").click();
  await page.waitForSelector(".call", { state: "detached" });
  await page.context().close();
}

/** What the menu of a row offers for its recording, in this order. */
const offered = ["play", "download"];

async function choose(page, url, call, what) {
  await page.goto(`${url}call_records?search=${encodeURIComponent(call)}`);
  await page.locator(".table-menu [aria-haspopup]").click();
  await page.locator("button.menu-item").nth(offered.indexOf(what)).click();
}

/** The calls of one package, which is chosen by its name (CDR-3). */
async function narrowed(page, { checks, url }) {
  await page.goto(`${url}call_records`);
  await page.locator(".tools .filter", { hasText: "Package" }).click();
  const first = page.locator(".menu-panel label.menu-item").first();
  const name = (await first.innerText()).trim();
  await first.click();
  await page.waitForFunction(() => new URLSearchParams(location.search).get("package"));
  await page.keyboard.press("Escape");
  await page.waitForFunction((name) => [...document.querySelectorAll(".tools .filter-on")].some((e) => e.innerText.includes(name)), name);
  checks.say((await page.locator(".table-row").count()) > 0, "the calls of a package are listed, and the filter says its name (CDR-3)", name);
  await shown(page, checks, "call records of a package", "package-en-1440");
}

/** Of two recorded calls one has a file that was changed, and one has none. */
export async function changed(office) {
  const { checks, url, browser, state } = office;
  const first = await checks.open(browser, { state });
  await first.goto(url);
  const found = {};
  for (const { call_id } of (await ask(first, "GET", "call_records?recording=kept")).items) {
    found[(await ask(first, "GET", `call_records/${encodeURIComponent(call_id)}`)).recording_found] = call_id;
  }
  await narrowed(first, office);
  await first.context().close();
  if (!checks.say(found.changed && found.gone, "one file was changed, and one is gone", JSON.stringify(found))) return;
  await through(office, async (page, said, name) => {
    await choose(page, url, found.changed, "play");
    await page.waitForSelector(".player-over .wave svg");
    checks.say(await page.locator(".player-over .notice.tone-bad").isVisible(), `a changed recording says so where it is heard, ${said} (BOX-61)`);
    await shown(page, checks, `a changed recording is heard, ${said}`, `changed-${name}`);
    await choose(page, url, found.changed, "download");
    await page.waitForSelector("dialog .button-primary");
    checks.say((await page.locator("dialog .dialog-text").innerText()).length > 10, `and before it is downloaded, ${said} (BOX-61)`);
    await shown(page, checks, `a changed recording is asked for, ${said}`, `changed-download-${name}`);
    const [file] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    checks.say(file.suggestedFilename() === `${found.changed}.wav`, `it is downloaded all the same, ${said}`, file.suggestedFilename());
    await choose(page, url, found.gone, "play");
    await page.waitForSelector(".player-over .notice.tone-bad");
    checks.say(!(await page.locator(".player-over .wave").count()), `of one that is gone nothing is offered, ${said} (BOX-61)`);
    await shown(page, checks, `a recording is gone, ${said}`, `gone-${name}`);
    await choose(page, url, found.gone, "download");
    await page.waitForSelector(".toast");
    await shown(page, checks, `and not downloaded, ${said}`, `gone-download-${name}`);
    await page.goto(`${url}call_records?open=${encodeURIComponent(found.gone)}`);
    await page.waitForSelector("dialog .recording .notice.tone-bad");
    await shown(page, checks, `the record of a recording that is gone, ${said}`, `gone-record-${name}`);
  });
}
