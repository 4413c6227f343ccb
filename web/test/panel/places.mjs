// Where a number belongs, looked up by hand (LOC-13); and the language of prompts is not that of the panel (PRF-7).
import { ask } from "./nouns.mjs";

export async function places({ browser, checks, url, state }) {
  const page = await checks.open(browser, { state });
  await page.goto(`${url}given_regions`);
  await page.waitForSelector(".look-up");
  await page.fill(".look-up input", "+81 3 1234 5678");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".look-up [role=status]").textContent.includes("813"));
  const said = await page.locator(".look-up [role=status]").innerText();
  checks.say(said.includes("+81312345678") && said.includes("813"), "a number is looked up (LOC-13)", said);
  await page.waitForSelector(".table-row");
  await checks.picture(page, "places");
  await checks.whole(page, "number locations");

  const { language } = await ask(page, "GET", "preferences");
  for (const prompts of ["ja", "zh", "en"]) {
    await ask(page, "PATCH", "preferences", { language: prompts });
    await page.goto(`${url}agents`);
    await page.waitForSelector(".table-row");
    const shown = await page.evaluate(() => [document.documentElement.lang, document.querySelector("h1").textContent]);
    checks.say(shown.join() === "en,Agents", `the panel stays English while phones speak ${prompts} (PRF-7)`, shown);
  }
  await ask(page, "PATCH", "preferences", { language });
  await page.context().close();
}
