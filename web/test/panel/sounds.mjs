// A sound brought along: dropped into the form, refused where it is none, heard, downloaded, deleted.
import { join } from "node:path";

const sounds = join(import.meta.dirname, "../../../tests/sounds");

export async function media({ browser, checks, url, state }) {
  for (const width of [1440, 390]) {
    const page = await checks.open(browser, { state, width });
    page.pardon = true;
    const name = `Welcome ${width}`;
    await page.goto(`${url}media?open=new`);
    const chooser = page.locator("dialog input[type=file]");
    await page.fill("dialog [name=name]", name);
    await chooser.setInputFiles({ name: "page.mp3", mimeType: "audio/mpeg", buffer: Buffer.from("<svg onload='hacked=1'/>") });
    await page.waitForSelector(".file .field-error");
    checks.say((await page.locator(".file .field-error").innerText()).includes("MP3"), "what is no sound is refused beside its field (MED-16)");
    await chooser.setInputFiles(join(sounds, "tone-44100-stereo.mp3"));
    await page.waitForSelector(".file audio");
    const seconds = () => page.evaluate(() => new Promise((done) => {
      const audio = document.querySelector("dialog audio");
      if (audio.duration > 0) return done(audio.duration);
      audio.addEventListener("loadedmetadata", () => done(audio.duration));
      audio.addEventListener("error", () => done(0));
      audio.load();
    }));
    checks.say((await seconds()) > 0.9, "what was uploaded can be heard before it is saved (MED-17)");
    await checks.picture(page, `media-form-${width}`, false);
    await checks.whole(page, `no fault in the form of a sound, ${width}`);
    await page.click("dialog >> text=Voice");
    await page.click("dialog .button-primary");
    await page.waitForSelector("dialog", { state: "detached" });
    const row = page.locator(".table-row", { hasText: name });
    await row.waitFor();
    await row.locator("[aria-haspopup]").click();
    await page.click(".menu-panel >> text=Play");
    await page.waitForSelector("dialog audio");
    checks.say((await seconds()) > 0.9, "it is heard from the menu of its row (MED-6)");
    const moved = await page.evaluate(() => new Promise((done) => {
      const audio = document.querySelector("dialog audio");
      audio.addEventListener("seeked", () => done(audio.currentTime));
      audio.currentTime = 0.7;
    }));
    checks.say(Math.abs(moved - 0.7) < 0.1, "it can be heard from any place (MED-6)");
    await checks.picture(page, `media-heard-${width}`, false);
    const wait = page.waitForEvent("download");
    await page.click("dialog a[download]");
    checks.say((await wait).suggestedFilename() === `${name}.wav`, "it is downloaded as WAV under its name (MED-7)");
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
    await checks.picture(page, `media-${width}`);
    await row.locator("[aria-haspopup]").click();
    await page.click(".menu-panel >> text=Delete");
    await page.click("dialog .button-danger");
    await row.waitFor({ state: "detached" });
    await checks.whole(page, `no fault in the list of sounds, ${width}`);
    await page.context().close();
  }
}
