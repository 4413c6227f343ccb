// Sign-in and out: the wrong password's sentence (ACC-13), languages, back to where one was, policy headers (BOX-156).

const sentences = { zh: "该帐户不存在或密码不正确", ja: "アカウントが存在しないか、パスワードが正しくありません", en: "The account does not exist or the password is incorrect" };

export async function enter(page, { username, password }) {
  await page.fill("[name=username]", username);
  await page.fill("[name=password]", password);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".frame");
}

/** What a browser keeps of someone who is signed in. */
export async function signedIn(office) {
  const page = await office.checks.open(office.browser);
  await page.goto(`${office.url}sign_in`);
  await enter(page, office);
  const state = await page.context().storageState();
  await page.context().close();
  return state;
}

export async function door(office) {
  const { browser, checks, url } = office;
  const page = await checks.open(browser);
  page.pardon = true;
  const answer = await page.goto(`${url}call_records`);
  await page.waitForSelector("form");
  const policy = (await answer.allHeaders())["content-security-policy"] ?? "";
  checks.say(/default-src '(none|self)'/.test(policy) && !policy.includes("unsafe"), "the policy allows the box alone (BOX-156)", policy || "none");
  const certificate = await page.request.get(`${url}ca.crt`);
  checks.say(certificate.ok(), "the certificate can be fetched before sign-in (BOX-33)", certificate.status());

  await page.fill("[name=username]", office.username);
  await page.fill("[name=password]", "not the password");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".notice");
  checks.say((await page.innerText(".notice")).includes(sentences.en), "a wrong password is answered as ACC-13 says");
  for (const [code, sentence] of Object.entries(sentences)) {
    await page.click("header .menu:first-child > button");
    await page.click(`.menu-panel [lang^=${code}]`);
    await page.waitForFunction((tag) => document.documentElement.lang.startsWith(tag), code);
    checks.say((await page.innerText(".notice")).includes(sentence), `the same in ${code}, without loading anew`);
    await checks.picture(page, `sign_in-refused-${code}`);
  }
  await enter(page, office);
  checks.say(new URL(page.url()).pathname === "/call_records", "sign-in leads back to where one wanted to go", page.url());
  checks.say(!(await page.evaluate(() => document.cookie.replace(/callbox_language=\w+/, ""))), "no script can read the session cookie (BOX-153)");
  checks.say(!(await page.evaluate(() => JSON.stringify(localStorage))).includes(office.password), "the browser keeps no password (DSK-8)");

  await page.waitForSelector(".table-row, .table-frame .empty");
  page.faults.length = 0;
  await page.context().clearCookies();
  await page.click("nav a[href='/agents']");
  await page.waitForSelector("[name=username]");
  await enter(page, office);
  checks.say(new URL(page.url()).pathname === "/agents", "an ended session asks for sign-in and comes back", page.url());
  await page.click(".topbar .person");
  await page.click(".menu-panel .menu-item:last-child");
  await page.click("dialog .button-primary");
  await page.waitForSelector("[name=username]");
  const after = await page.request.get(`${url}panel/session`);
  checks.say(after.status() === 401, "sign-out asks, and ends the session (DSK-10, DSK-11)", after.status());
  await checks.whole(page, "no fault around the door");
  await page.context().close();
}
