// What those need who do not see the page, or use no mouse: names, ids that lead somewhere, contrast, a focus that is seen.

const roles = new Set(["button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "switch", "spinbutton", "slider", "tab", "menuitem", "option", "listbox", "dialog", "table", "navigation", "img"]);

/** Every control that the browser tells to a screen reader has a name there. */
async function unnamed(page) {
  const line = (page.line ??= await page.context().newCDPSession(page));
  const { nodes } = await line.send("Accessibility.getFullAXTree");
  const bare = nodes.filter((node) => !node.ignored && roles.has(node.role?.value) && !node.name?.value?.trim());
  const said = [];
  for (const node of bare) {
    const { node: found } = await line.send("DOM.describeNode", { backendNodeId: node.backendDOMNodeId }).catch(() => ({ node: null }));
    said.push(`${node.role.value} without a name: ${found?.localName} ${found?.attributes?.join(" ").slice(0, 120)}`);
  }
  return said;
}

/** Ids are there once, and what names or describes a control is there. */
const loose = () => {
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  const twice = ids.filter((id, n) => ids.indexOf(id) !== n).map((id) => `id twice: ${id}`);
  const led = ["aria-labelledby", "aria-describedby", "for"].flatMap((name) => [...document.querySelectorAll(`[${name}]`)].flatMap((e) => e.getAttribute(name).split(" ").filter((id) => !document.getElementById(id)).map((id) => `${name} leads nowhere: ${id}`)));
  const heads = [...document.querySelectorAll("h1")].filter((e) => e.checkVisibility()).length;
  return [...twice, ...led, ...(heads === 1 ? [] : [`${heads} first headings`])];
};

/** Writing that is seen stands out from what is behind it (WCAG 2.2, 1.4.3); what cannot be used need not. */
const faint = () => {
  const read = (color) => {
    const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
    return color.startsWith("color(") ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
  };
  const over = (top, below) => top.slice(0, 3).map((value, n) => value * top[3] + below[n] * (1 - top[3]));
  const behind = (e) => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) {
      const color = read(getComputedStyle(at).backgroundColor);
      if (color[3] > 0) layers.push(color);
      if (color[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const light = (rgb) => rgb.map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)).reduce((sum, value, n) => sum + value * [0.2126, 0.7152, 0.0722][n], 0);
  const found = new Set();
  const root = [...document.querySelectorAll("dialog[open]")].pop() ?? document.body;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const e = text.parentElement;
    if (!text.data.trim() || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || e.closest(":disabled, .unseen, [aria-hidden=true], script, style, option")) continue;
    const style = getComputedStyle(e);
    const ground = behind(e);
    const color = over(read(style.color), ground);
    const [a, b] = [light(color), light(ground)].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) found.add(`${ratio.toFixed(2)}:1 ${e.className || e.localName} "${text.data.trim().slice(0, 20)}"`);
  }
  return [...found].slice(0, 5);
};

export async function accessible(page, checks, name) {
  const wrong = [...(await unnamed(page)), ...(await page.evaluate(loose)), ...(await page.evaluate(faint))];
  return checks.say(wrong.length === 0, `${name}: named, led and readable`, wrong.join(" | "));
}

/** Goes on with Tab: each stop can be seen to have the focus, and stands in sight. */
export async function focusSeen(page, checks, name, stops) {
  const wrong = [];
  for (let n = 0; n < stops; n++) {
    await page.keyboard.press("Tab");
    const said = await page.evaluate(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return "";
      const shown = [e, e.parentElement, e.closest("label")].filter(Boolean).some((one) => getComputedStyle(one).outlineStyle !== "none" || getComputedStyle(one).boxShadow !== "none");
      const { top, bottom } = e.getBoundingClientRect();
      const told = e.getAttribute("aria-label") || e.textContent.trim().slice(0, 30) || e.name || e.className;
      if (!shown) return `not seen: ${told}`;
      return bottom < 0 || top > innerHeight ? `out of sight: ${told}` : "";
    });
    if (said) wrong.push(said);
  }
  return checks.say(wrong.length === 0, name, [...new Set(wrong)].join(" | "));
}
