// What single nouns add to the common list and form, by the noun's name.
import type { Own } from "../list";
import { agent } from "./agent";
import { customField } from "./custom_field";

/** Made when a list is opened, so that it speaks the language of that moment. */
export const owns: Record<string, () => Own> = { agent, custom_field: customField };
