// Which editor belongs to which kind; the names are those of `src/schema/kind/`. Large ones come when they are needed.
import type { Field } from "../link/schema";
import { later } from "../part/later";
import { AgentNumber } from "./agent_number";
import { Choice, sideBySide } from "./choice";
import { CodeWord } from "./code_word";
import { Color } from "./color";
import { Custom } from "./custom";
import { DateInput } from "./date";
import { Decimal } from "./decimal";
import { Destination } from "./destination";
import { Dialable } from "./dialable";
import { Digits } from "./digits";
import type { Editor } from "./editor";
import { Email } from "./email";
import { ExternalAddress } from "./external_address";
import { FeatureCode } from "./feature_code";
import { FieldName } from "./field_name";
import { FileInput } from "./file";
import { Host } from "./host";
import { HostPort } from "./host_port";
import { InternalNumber } from "./internal_number";
import { Keys } from "./keys";
import { Lettered } from "./lettered";
import { Letters } from "./letters";
import { Line } from "./line";
import { Lines } from "./lines";
import { Link } from "./link";
import { Linked } from "./linked";
import { List } from "./list";
import { Mac } from "./mac";
import { Moment } from "./moment";
import { Name } from "./name";
import { Network } from "./network";
import { NumberInput } from "./number";
import { NumberPrefix } from "./number_prefix";
import { Password } from "./password";
import { Percent } from "./percent";
import { Person } from "./person";
import { Phone } from "./phone";
import { PhoneLine } from "./phone_line";
import { Pin } from "./pin";
import { QuickTime } from "./quick_time";
import { Realm } from "./realm";
import { RedialTime } from "./redial_time";
import { Ref } from "./ref";
import { Row } from "./row";
import { Seconds } from "./seconds";
import { Secret } from "./secret";
import { StorageName } from "./storage_name";
import { Switch } from "./switch";
import { Template } from "./template";
import { Text } from "./text";
import { TimeOfDay } from "./time_of_day";
import { TimeZone } from "./time_zone";
import { Username } from "./username";

export const editors: Record<string, Editor> = {
  agent_number: AgentNumber,
  api_key: later(() => import("./api_key").then((made) => made.ApiKey)),
  attachment: FileInput,
  choice: Choice,
  code: later(() => import("./code").then((made) => made.Code)),
  code_word: CodeWord,
  color: Color,
  country: later(() => import("./country").then((made) => made.Country)),
  currency: later(() => import("./currency").then((made) => made.Currency)),
  custom: Custom,
  date: DateInput,
  decimal: Decimal,
  destination: Destination,
  dialable: Dialable,
  digits: Digits,
  email: Email,
  external_address: ExternalAddress,
  feature_code: FeatureCode,
  field_name: FieldName,
  file: FileInput,
  form_tabs: later(() => import("./form_tabs").then((made) => made.FormTabs)),
  hidden_fields: later(() => import("./hidden_fields").then((made) => made.HiddenFields)),
  host: Host,
  host_port: HostPort,
  internal_number: InternalNumber,
  keys: Keys,
  lettered: Lettered,
  letters: Letters,
  levels: later(() => import("./levels").then((made) => made.Levels)),
  line: Line,
  lines: Lines,
  link: Link,
  linked: Linked,
  list: List,
  mac: Mac,
  moment: Moment,
  name: Name,
  network: Network,
  number: NumberInput,
  number_prefix: NumberPrefix,
  password: Password,
  percent: Percent,
  period: later(() => import("./period").then((made) => made.Period)),
  permissions: later(() => import("./permissions").then((made) => made.Permissions)),
  person: Person,
  phone: Phone,
  phone_line: PhoneLine,
  phone_template: later(() => import("./phone_template").then((made) => made.PhoneTemplate)),
  pin: Pin,
  quick_time: QuickTime,
  realm: Realm,
  redial_time: RedialTime,
  ref: Ref,
  regex: later(() => import("./regex").then((made) => made.Regex)),
  rich: later(() => import("./rich").then((made) => made.Rich)),
  row: Row,
  scopes: later(() => import("./scopes").then((made) => made.Scopes)),
  seconds: Seconds,
  secret: Secret,
  storage_name: StorageName,
  switch: Switch,
  template: Template,
  text: Text,
  time_of_day: TimeOfDay,
  time_zone: TimeZone,
  username: Username,
  weekly: later(() => import("./weekly").then((made) => made.Weekly)),
};

export function editor(kind: string): Editor {
  const found = editors[kind];
  if (!found) console.error(`no editor for kind ${kind}`);
  return found ?? Text;
}

const groups: ReadonlySet<string> = new Set(["api_key", "quick_time", "redial_time", "attachment", "color", "custom", "file", "form_tabs", "hidden_fields", "linked", "permissions", "rich", "row", "scopes", "period", "weekly"]);

/** Whether its control is several controls, so that the label names a group. */
export function grouped(field: Field): boolean {
  const { kind, item } = field;
  if (kind === "choice") return sideBySide(field);
  return groups.has(kind) || item?.kind === "choice" || (item !== null && groups.has(item.kind));
}
/** Kinds that never come back from the box in the clear. */
export const hidden: ReadonlySet<string> = new Set(["secret", "password", "pin"]);
/** Kinds that want the whole width of a wide form. */
export const wide: ReadonlySet<string> = new Set(["code", "period", "form_tabs", "hidden_fields", "levels", "lines", "permissions", "rich", "row", "scopes", "phone_template", "template", "weekly"]);

/** What a field of a new record begins with; undefined: nothing is said of it. */
export function beginning(field: Field): unknown {
  if (field.schema.default !== undefined) return field.schema.default;
  if (hidden.has(field.kind)) return undefined;
  if (field.nullable) return null;
  if (field.kind === "switch") return false;
  if (field.schema.type === "array") return field.item?.kind === "row" && (field.schema.minItems ?? 0) > 0 ? [beginningRow(field.item.inner)] : [];
  if (field.kind === "scopes") return {};
  return field.schema.type === "object" ? undefined : "";
}

/** What a new row of a list begins with. */
export const beginningRow = (inner: Field[]): Record<string, unknown> => Object.fromEntries(inner.map((f) => [f.name, beginning(f)]).filter(([, value]) => value !== undefined));
