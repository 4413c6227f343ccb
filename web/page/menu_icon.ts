// The icon of a chapter of the menu.
import type { IconName } from "../part/icon";

const icons: Record<string, IconName> = { people: "agents", customers: "customers", campaigns: "campaigns", routing: "routing", numbers: "digits", lines: "lines", system: "system", box: "box" };

export function iconOf(menu: string): IconName {
  return icons[menu] ?? "file";
}
