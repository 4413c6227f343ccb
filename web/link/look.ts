// Light or dark: as the machine says, unless the person chose; kept in this browser.
import { signal } from "@preact/signals";

export type Look = "auto" | "light" | "dark";
const kept = "callbox.look";

const read = (): Look => {
  const chosen = localStorage.getItem(kept);
  return chosen === "light" || chosen === "dark" ? chosen : "auto";
};

export const looks = signal<Look>(read());

export function setLook(look: Look): void {
  looks.value = look;
  if (look === "auto") localStorage.removeItem(kept);
  else localStorage.setItem(kept, look);
  show();
}

function show(): void {
  if (looks.value === "auto") delete document.documentElement.dataset.look;
  else document.documentElement.dataset.look = looks.value;
}

show();
