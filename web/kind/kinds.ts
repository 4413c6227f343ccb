// Which editor belongs to which kind; the names are those of `src/schema/kind/`.
import { Choice } from "./choice";
import type { Editor } from "./editor";
import { ExternalAddress } from "./external_address";
import { InternalNumber } from "./internal_number";
import { List } from "./list";
import { Name } from "./name";
import { Network } from "./network";
import { NumberInput } from "./number";
import { Password } from "./password";
import { Pin } from "./pin";
import { Realm } from "./realm";
import { Seconds } from "./seconds";
import { Secret } from "./secret";
import { Switch } from "./switch";
import { Text } from "./text";
import { TimeZone } from "./time_zone";
import { Username } from "./username";

export const editors: Record<string, Editor> = {
  choice: Choice,
  external_address: ExternalAddress,
  internal_number: InternalNumber,
  list: List,
  name: Name,
  network: Network,
  number: NumberInput,
  password: Password,
  pin: Pin,
  realm: Realm,
  seconds: Seconds,
  secret: Secret,
  switch: Switch,
  text: Text,
  time_zone: TimeZone,
  username: Username,
};

export function editor(kind: string): Editor {
  const found = editors[kind];
  if (!found) console.error(`no editor for kind ${kind}`);
  return found ?? Text;
}

/** Kinds whose control is several controls, so that the label names a group. */
export const grouped: ReadonlySet<string> = new Set(["choice"]);
/** Kinds that never come back from the box in the clear. */
export const hidden: ReadonlySet<string> = new Set(["secret", "password", "pin"]);
