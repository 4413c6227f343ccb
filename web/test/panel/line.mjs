// The live connection is cut and comes back: the page says so and goes on by itself.

export async function line({ browser, checks, url, state }) {
  const page = await checks.open(browser, { state });
  page.pardon = true;
  let cut = false;
  let held = null;
  await page.routeWebSocket("**/panel/live", (socket) => {
    if (cut) return socket.close({ code: 1011 });
    socket.connectToServer();
    held = socket;
  });
  await page.goto(url);
  await page.waitForSelector(".tile-figure");
  checks.say(!(await page.locator(".lost").count()), "no alarm while the line is up");
  cut = true;
  await held.close({ code: 1011 });
  await page.waitForSelector(".lost");
  checks.say(true, "a lost line is said at once");
  await checks.picture(page, "line-lost");
  cut = false;
  await page.click(".lost button");
  await page.waitForSelector(".lost", { state: "detached" });
  checks.say(true, "it comes back");
  await checks.whole(page, "no fault while the line was lost");
  await page.context().close();
}
