// Formatted text from elsewhere, made harmless before it is shown: what runs, loads or sends is taken out (LST-26).

const dropped = "script, style, iframe, frame, frameset, object, embed, applet, form, input, button, textarea, select, meta, link, base, svg, math, template, noscript, audio, video";
const address = /^(?:https?:|mailto:|tel:|#|\/)/i;
/** Kept under another name while it is on our page: the page's policy forbids foreign styles and pictures. */
const kept = { style: "data-style", src: "data-src", background: "data-background" } as const;

/** HTML as an element that is nobody's child. */
function parsed(html: string): HTMLElement {
  return new DOMParser().parseFromString(html, "text/html").body;
}

export function cleaned(html: string): string {
  const body = parsed(html);
  for (const one of body.querySelectorAll(dropped)) one.remove();
  for (const one of body.querySelectorAll("*")) {
    for (const { name, value } of [...one.attributes]) {
      if (/^on/i.test(name) || name === "srcset" || name === "srcdoc") one.removeAttribute(name);
      else if (name in kept) {
        one.setAttribute(kept[name as keyof typeof kept], value);
        one.removeAttribute(name);
      } else if ((name === "href" || name === "action") && !address.test(value.trim()) && !value.startsWith("##")) one.removeAttribute(name);
    }
  }
  return body.innerHTML;
}

/** What is sent back: styles and pictures under their own names again. */
export function restored(html: string): string {
  const body = parsed(html);
  for (const [name, mark] of Object.entries(kept))
    for (const one of body.querySelectorAll(`[${mark}]`)) {
      one.setAttribute(name, one.getAttribute(mark) ?? "");
      one.removeAttribute(mark);
    }
  return body.textContent?.trim() || body.querySelector("img, hr, table") ? body.innerHTML : "";
}

/** The words alone, for a line of a list. */
export function plain(html: string): string {
  return parsed(html.replace(/<(?:br|\/p|\/div|\/li|\/h\d)[^>]*>/gi, " $&")).textContent?.replace(/\s+/g, " ").trim() ?? "";
}
