// Names of countries and currencies in the language of the page, as the browser knows them.
import { tag } from "./words";

/** A code's name in the language of the page. */
export function named(type: "region" | "currency", code: string): string {
  try {
    return new Intl.DisplayNames(tag(), { type }).of(code) ?? code;
  } catch {
    return code;
  }
}
