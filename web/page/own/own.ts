// What single nouns add to the common list and form, by the noun's name.
import type { Resource } from "../../link/schema";
import type { Own } from "../list";
import { agent } from "./agent";
import { campaign } from "./campaign";
import { customField } from "./custom_field";
import { did } from "./did";
import { fraudLimit } from "./fraud_limit";
import { outboundProfile } from "./outbound_profile";
import { region } from "./region";
import { trunk } from "./trunk";

/** Made when a list is opened, so that it speaks the language of that moment. */
export const owns: Record<string, (declared: Resource) => Own> = {
  agent,
  campaign,
  custom_field: customField,
  did,
  fraud_limit: fraudLimit,
  outbound_profile: outboundProfile,
  region,
  trunk,
};
