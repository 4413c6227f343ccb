// What is asked of every page wherever it is opened, and the count of what held.

const languages = { zh: "zh-CN", ja: "ja-JP", en: "en-US" };

export class Checks {
  constructor(origin, folder) {
    Object.assign(this, { origin, folder, failed: 0, held: 0 });
  }

  say(ok, name, detail = "") {
    ok ? this.held++ : this.failed++;
    console.log(ok ? `ok    ${name}` : `FAIL  ${name}${detail ? `: ${String(detail).slice(0, 600)}` : ""}`);
    return ok;
  }

  sum() {
    console.log(`${this.held} held, ${this.failed} failed`);
    return this.failed ? 1 : 0;
  }

  /** A page that reports its own faults. `pardon` pardons refusals of the box: the browser logs each as an error. */
  async open(browser, { language = "en", look = "light", width = 1440, state, still = true } = {}) {
    const phone = width < 600;
    const context = await browser.newContext({ viewport: { width, height: phone ? 844 : 900 }, isMobile: phone, hasTouch: phone, locale: languages[language], colorScheme: look, reducedMotion: still ? "reduce" : "no-preference", ignoreHTTPSErrors: true, storageState: state, permissions: [] });
    await context.addInitScript(() => {
      window.violations = [];
      addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
    });
    const page = await context.newPage();
    page.faults = [];
    page.pardon = false;
    page.on("console", (message) => {
      const refusal = /status of 4\d\d/.test(message.text()) || (page.pardon && /WebSocket/.test(message.text()));
      if (message.type() === "error" && !(page.pardon && refusal)) page.faults.push(message.text());
    });
    page.on("pageerror", (error) => page.faults.push(error.stack ?? error.message));
    page.on("response", (response) => {
      if (response.status() >= 500) page.faults.push(`the box failed: ${response.status()} ${response.url()}`);
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(this.origin)) page.faults.push(`loads from elsewhere: ${request.url()}`);
    });
    page.setDefaultTimeout(15_000);
    return page;
  }

  /** No fault in the console, no violation of the policy, no sideways scroll, nothing that a person wrote taken as HTML. */
  async whole(page, name) {
    const seen = await page.evaluate(() => ({
      violations: window.violations,
      sideways: document.documentElement.scrollWidth > window.innerWidth,
      hacked: window.hacked,
      raw: [...document.querySelectorAll("main, dialog")].map((e) => e.innerText).join("\n").match(/\b(?:undefined|NaN|\[object Object\])/)?.[0],
      unnamed: [...document.querySelectorAll("button, a[href], input, select, textarea")].filter((e) => e.checkVisibility() && !e.closest("[aria-hidden=true]") && !(e.ariaLabel || e.innerText?.trim() || e.title || e.labels?.length || e.textContent.trim())).map((e) => e.outerHTML.slice(0, 120)),
    }));
    const wrong = [...page.faults.splice(0), ...seen.violations.map((v) => `policy: ${v}`), seen.sideways && "sideways scroll", seen.hacked && "a script ran", seen.raw && `raw text: ${seen.raw}`, ...seen.unnamed.map((e) => `without a name: ${e}`)].filter(Boolean);
    return this.say(wrong.length === 0, name, wrong.join(" | "));
  }

  async picture(page, name, whole = true) {
    if (this.folder) await page.screenshot({ path: `${this.folder}/${name}.png`, fullPage: whole });
  }
}
