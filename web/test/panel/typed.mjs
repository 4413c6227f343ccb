// What a person types into a form: the controls of a field by its kind, words that the box takes, and any words at all.

/** The schema of a field, `keys.input` being one inside the rows of `keys`, with its references followed. */
export function schemaOf(resource, path) {
  const root = resource.schema;
  const followed = (part) => {
    if (part?.$ref) return followed({ ...root.$defs[part.$ref.split("/").pop()], ...part, $ref: undefined });
    const some = (part?.anyOf ?? part?.oneOf ?? []).filter((one) => one.type !== "null");
    if (some.length === 1) return { ...followed(some[0]), ...part, anyOf: undefined, oneOf: undefined };
    return part ?? {};
  };
  let schema = { properties: root.properties };
  for (const name of path.split(".")) schema = followed((schema.items ? followed(schema.items) : schema).properties?.[name]);
  return schema.items ? { ...schema, items: followed(schema.items) } : schema;
}

export const kindOf = (schema) => schema["x-kind"] ?? schema.type;

/** A word of each kind that is typed, other for another `n`. */
const words = {
  internal_number: (n) => String(970_000 + n),
  agent_number: () => "",
  phone: (n) => `139${String(n).padStart(8, "0")}`,
  dialable: (n) => String(800 + (n % 8) + 1),
  digits: (n) => String(n),
  number: () => "1",
  seconds: () => "30",
  percent: () => "1",
  keys: (n) => String(n % 10),
  username: (n) => `walker${n}`,
  password: () => "a password to walk by 1",
  secret: () => "walkedby12",
  pin: () => "135790",
  storage_name: (n) => `walk_${n}`,
  code_word: (n) => `walk${n}`,
  host: () => "sip.example.net",
  email: (n) => `walk${n}@example.net`,
  link: (n) => `https://example.net/${n}`,
  mac: (n) => String(n).padStart(12, "0"),
  date: () => "2026-11-27",
  time_of_day: () => "09:00",
  phone_template: () => "mac=##mac##",
  regex: () => "^9",
  lines: (n) => `Walked by ${n}`,
  name: (n) => `Walk ${n}`,
  text: (n) => `Walk ${n}`,
};

/** Those that stand for something else than what is written: chosen, not typed. */
const chosen = /^(choice|ref|country|destination|file)$/;

const attribute = (name) => `[name="${name}"], [data-name="${name}"]`;

/** Brings the part of the form to the front in which a field stands. */
export async function bring(page, control) {
  await control.waitFor({ state: "attached" });
  await control.evaluate((e) => {
    const panel = e.closest("[role=tabpanel]");
    if (panel?.hidden) document.querySelector(`[aria-controls="${panel.id}"]`).click();
  });
  await page.waitForFunction((e) => !e.closest("[role=tabpanel]")?.hidden, await control.elementHandle());
}

/** Chooses the first that is offered and stands there for all: what others are adding beside may be gone in a moment. */
async function choose(page, control, standing) {
  const lines = page.locator(".combo-list .combo-line:not(.combo-new) bdi");
  await control.click();
  await lines.first().waitFor();
  const offered = await lines.allInnerTexts();
  const at = offered.findIndex((name) => standing.has(name));
  if (at < 0) throw new Error(`nothing that stands is offered, but ${offered.join(", ").slice(0, 200)}`);
  await lines.nth(at).click();
  await control.blur();
}

async function chooseCountry(page, control) {
  await control.click();
  await control.fill("CN");
  await page.locator(".combo-list .combo-line", { hasText: "CN" }).first().click();
  await control.blur();
}

/** Chooses something in a field that the box takes. */
async function pick(page, form, kind, path, standing) {
  const control = form.locator(attribute(path)).first();
  await bring(page, control);
  if (kind === "ref") return choose(page, control, standing);
  if (kind === "country") return chooseCountry(page, control);
  if (kind === "destination") {
    await control.selectOption("outside_number");
    return form.locator(`input[name="${path}"]`).first().fill("0312345678");
  }
  if (kind === "file") {
    await control.setInputFiles({ name: "walk.wav", mimeType: "audio/wav", buffer: silence() });
    return page.waitForSelector("dialog .file-line");
  }
  if ((await control.getAttribute("type")) === "radio") return control.check({ force: true });
  const options = await control.locator("option").evaluateAll((all) => all.map((one) => one.value).filter(Boolean));
  return control.selectOption(options[0]);
}

/** Puts into each of these fields something that the box takes. */
export async function fill(page, form, resource, paths, n, standing) {
  const written = {};
  for (const path of paths) {
    const schema = schemaOf(resource, path);
    const many = resource.many?.field === path;
    const kind = schema.items ? kindOf(schema.items) : kindOf(schema);
    if (chosen.test(kind) && !many) await pick(page, form, kind, path, standing);
    else if (words[kind]) written[path] = words[kind](n);
    else throw new Error(`${resource.name}.${path}: nobody knows what to type into the kind ${kind}`);
  }
  const left = await writeAll(form, written);
  if (left.length) throw new Error(`${resource.name}: nothing can be written into ${left.join(", ")}`);
}

/** A second of silence: PCM, 8,000 samples of 16 bits. */
function silence() {
  const samples = Buffer.alloc(16_000);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8);
  [16, 0x10001, 8000, 16_000, 0x100002].forEach((value, n) => head.writeUInt32LE(value, 16 + 4 * n));
  head.write("data", 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

/** The fields that say that something is wrong with them, and what they say. */
export function wrongs(form) {
  return form.evaluate((e) =>
    [...e.querySelectorAll(".field-wrong")]
      .filter((field) => !field.querySelector(".field-wrong"))
      .map((field) => {
        const control = field.querySelector("[data-name], [name]");
        return { path: control?.dataset.name ?? control?.getAttribute("name") ?? "", says: field.querySelector(".field-error")?.innerText.trim() ?? "" };
      }),
  );
}

/** Writes into fields whatever tab they are on; gives those into which nothing can be written. */
export function writeAll(form, texts) {
  return form.evaluate(async (e, texts) => {
    const left = [];
    for (const [path, text] of Object.entries(texts)) {
      const controls = e.querySelectorAll(`input[name="${path}"]:not([role=combobox], [type=radio], [type=checkbox], [type=file]), textarea[name="${path}"]`);
      if (!controls.length) left.push(path);
      for (const one of controls) {
        const proto = one.tagName === "TEXTAREA" ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
        Object.getOwnPropertyDescriptor(proto, "value").set.call(one, text);
        one.dispatchEvent(new Event("input", { bubbles: true }));
        // Drawn anew, or the next field of the same row knows nothing of this one.
        await null;
      }
    }
    return left;
  }, texts);
}

/** The fields that take any writing, whatever tab they are on. */
export function writable(form) {
  return form.evaluate((e) => {
    const writing = [...e.querySelectorAll("input, textarea")].filter((one) => /^(text|search|tel|url|email|password|textarea)$/.test(one.type) && one.role !== "combobox" && !one.disabled && !one.readOnly);
    return [...new Set(writing.map((one) => one.name).filter(Boolean))];
  });
}

/** The button that saves. */
const saver = (page, form, resource) => (resource.held === "single" ? form.locator(".single-foot .button-primary") : page.locator("dialog .dialog-foot .button-primary").last());

/** Whether there is anything to save. */
export const isDirty = (page, form, resource) => saver(page, form, resource).isEnabled();

/** Presses the button that saves, and waits until it is saved or the form says what is wrong; gives what the box answered, if it was asked. */
export async function save(page, form, resource) {
  const single = resource.held === "single";
  let answered = null;
  const hear = (response) => {
    const asked = response.request();
    if (/^(POST|PATCH)$/.test(asked.method()) && new URL(asked.url()).pathname.startsWith(`/panel/${resource.path}`)) answered = response;
  };
  page.on("response", hear);
  try {
    await saver(page, form, resource).click();
    // What was said before is gone once the page is drawn anew.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await page.waitForFunction((single) => {
      if (document.querySelector(".button[aria-busy=true]")) return false;
      return Boolean(document.querySelector(".field-wrong, form > .notice")) || !document.querySelector(single ? ".single-dirty" : "dialog form");
    }, single);
  } finally {
    page.off("response", hear);
  }
  return answered && { ok: answered.ok(), told: await answered.json() };
}
