// What the box declares about its resources, and what a list and a form need to know of it.
import { signal } from "@preact/signals";
import { ask } from "./request";

export type Schema = {
  type?: string | string[];
  "x-kind"?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  writeOnly?: boolean;
  /** The noun that a reference refers to. */
  "x-to"?: string;
  /** The most that the operator allows. */
  "x-given-most"?: number;
} & Record<string, unknown>;

export type Rule = { rule?: string; field?: string; when?: string; is?: string[]; of?: string; after?: number } & Record<string, unknown>;
export type Count = { name: string; noun: string; field: string };

/** How rows of a noun come out of a file, as the box declares it. */
export type Importing = {
  /** What a row of the file becomes. */
  noun: string;
  columns: { fields?: string[]; headings?: { key: string; said_in: string } };
  /** Chosen once for all rows, with their kinds. */
  chosen_fields: Record<string, Schema>;
  /** The chosen field on which the fields of the office depend. */
  within: string | null;
  /** Chosen fields that every row must have. */
  required: string[];
  dealt: { field: string; heading: string } | null;
  again: "stays" | "chosen" | "takes";
  fills: string | null;
  new_field: { field: string; noun: string } | null;
  /** Of a file, at most. */
  bytes_max: number;
};

export type Resource = {
  name: string;
  path: string;
  menu: string;
  /** `single`: one record that always is there. */
  held?: "snapshot" | "single" | "table" | "packed";
  schema: Schema;
  tabs: { name: string; fields: string[] }[];
  list: string[];
  search: string[];
  rules: Rule[];
  filters?: string[];
  batch?: string[];
  counts?: Count[];
  named?: string[];
  /** The status in which records wait to be approved. */
  approval?: string | null;
  /** Whether it is told what became of records, also of those that are gone. */
  logged?: boolean;
  /** Several values of this field can be typed into a new record; each becomes one of its own. */
  many?: { field: string; again: "refused" | "skipped" } | null;
  /** How several records are made in one go. */
  series?: { number: string; named: string; same: string[]; made: string[] } | null;
  /** As who acts as the operator sees it: what is given to the office, set here (UPS-2). */
  acting?: boolean;
  /** Whether the list tells who added a record. */
  author?: boolean;
  import?: Importing | null;
  /** How records are given to a piece of work and to who does it. */
  assign?: { work: string; person: string } | null;
  /** How records are kept from being called: whole, by this switch, or by one number on a list. */
  bar?: { mark: string; list: string } | null;
  /** The field that says to which part of the office a record belongs, and the part that is listed at first. */
  within?: string | null;
  part?: string | null;
  /** Whether people are told something before they work with a record. */
  warns?: boolean;
  /** What this person may do here, beside looking. */
  may?: string[];
};

export type Field = {
  name: string;
  /** Where its words stand behind the noun: its name, in a row behind that of the list (`rules.prefix`). */
  path: string;
  kind: string;
  schema: Schema;
  required: boolean;
  nullable: boolean;
  /** Not changed after the first save. */
  fixed: boolean;
  /** Left empty, the box makes it. */
  generated: boolean;
  /** A new record must have it. */
  initial: boolean;
  /** Set when a record is changed, not when it is added. */
  later: boolean;
  /** The upstream's. */
  given: boolean;
  /** Set by the box alone. */
  shown: boolean;
  /** A list of records tells how many entries it has, not which. */
  counted: boolean;
  choices: string[];
  /** The noun that it refers to. */
  to: string | null;
  /** What stands in a list. */
  item: Field | null;
  /** The fields of a row. */
  inner: Field[];
};

export const resources = signal<Resource[] | null>(null);
/** Of the country of the office. */
export const emergencyNumbers = signal<string[]>([]);
/** Nouns of which the office has no more than it had from the beginning: nothing is shown of them (FLD-3, STG-4). */
export const withheld = signal<string[]>([]);
/** Path by noun, of every noun. */
const paths = signal<Record<string, string>>({});

/** Asks what the box declares; `again`: also what is known already, for a saved record changed with what others begin. */
export async function loadResources(again = false): Promise<void> {
  if (!again) await asking;
  if (resources.value && !again) return;
  asking = askResources();
  await asking;
}

let asking: Promise<void> | undefined;

async function askResources(): Promise<void> {
  const answer = await ask<{ resources: Resource[]; paths?: Record<string, string>; emergency_numbers?: string[]; withheld?: string[] }>("GET", "schema");
  if (!answer.ok) return;
  emergencyNumbers.value = answer.body.emergency_numbers ?? [];
  paths.value = answer.body.paths ?? {};
  withheld.value = answer.body.withheld ?? [];
  resources.value = answer.body.resources;
}

export function resource(name: string): Resource | null {
  return resources.value?.find((r) => r.name === name) ?? null;
}

/** A property with its references followed and its alternatives to null laid aside. */
export function resolve(root: Schema, part: Schema, depth = 0): { schema: Schema; nullable: boolean } {
  if (depth > 8) return { schema: part, nullable: false };
  let schema = part;
  let nullable = false;
  if (schema.$ref) {
    const { $ref, ...own } = schema;
    const target = root.$defs?.[$ref.split("/").pop() ?? ""] ?? {};
    const inner = resolve(root, target, depth + 1);
    schema = { ...inner.schema, ...own };
    nullable = inner.nullable;
  }
  if (schema.allOf?.length === 1) {
    const { allOf, ...own } = schema;
    const inner = resolve(root, allOf[0]!, depth + 1);
    schema = { ...inner.schema, ...own };
    nullable ||= inner.nullable;
  }
  const others = schema.anyOf ?? [];
  const real = others.filter((s) => s.type !== "null");
  if (others.length > real.length && real.length === 1) {
    const { anyOf: _, ...own } = schema;
    schema = { ...resolve(root, real[0]!, depth + 1).schema, ...own };
    nullable = true;
  }
  if (Array.isArray(schema.type)) {
    nullable ||= schema.type.includes("null");
    schema = { ...schema, type: schema.type.find((word) => word !== "null") };
  }
  return { schema, nullable };
}

export function choices(schema: Schema): string[] {
  const words = schema.enum ?? (schema.oneOf ?? schema.anyOf ?? []).flatMap((s) => s.enum ?? (s.const === undefined ? [] : [s.const]));
  return words.filter((word): word is string => typeof word === "string");
}

/** What people may do with the records of a noun; a box that does not say allows all. */
export function may(resource: Resource, action: string): boolean {
  return resource.may?.includes(action) ?? ["add", "edit", "delete"].includes(action);
}

function ruled(resource: Resource, word: string, field: string): boolean {
  return resource.rules.some((r) => r.rule === word && r.field === field);
}

function drawn(root: Schema, part: Schema, name: string, path: string, required: boolean): Field {
  const { schema, nullable } = resolve(root, part);
  const listed = choices(schema);
  const kind = schema["x-kind"] ?? (listed.length ? "choice" : schema.type === "boolean" ? "switch" : schema.type === "array" ? "list" : "text");
  const inside = kind === "row" ? Object.entries(schema.properties ?? {}) : [];
  return {
    name,
    path,
    kind,
    schema,
    nullable,
    required,
    fixed: false,
    generated: false,
    initial: false,
    later: false,
    given: false,
    shown: false,
    counted: false,
    choices: listed,
    to: schema["x-to"] ?? null,
    item: schema.items ? drawn(root, schema.items, name, path, true) : null,
    inner: inside.map(([inner, one]) => drawn(root, one, inner, `${path}.${inner}`, (schema.required ?? []).includes(inner))),
  };
}

/** A field that no resource declares, such as those of the set-up page. */
export function alone(name: string, kind: string, schema: Schema): Field {
  return drawn(schema, { ...schema, "x-kind": kind }, name, name, true);
}

export function field(resource: Resource, name: string): Field {
  const required = (resource.schema.required ?? []).includes(name);
  const one = drawn(resource.schema, resource.schema.properties?.[name] ?? {}, name, name, required);
  const rules = Object.fromEntries(["fixed", "generated", "initial", "later", "given", "shown", "counted"].map((word) => [word, ruled(resource, word, name)]));
  return { ...one, ...rules };
}

export function fields(resource: Resource): Field[] {
  const named = resource.tabs.flatMap((tab) => tab.fields);
  const all = named.length ? named : Object.keys(resource.schema.properties ?? {});
  return all.filter((name) => resource.schema.properties?.[name]).map((name) => field(resource, name));
}

/** Whether the rules of this word that name the field hold for what stands in the form; without such a rule, `free`. */
function holds(resource: Resource, word: string, name: string, values: Record<string, unknown>, free: boolean): boolean {
  const rules = resource.rules.filter((r) => r.rule === word && r.field === name);
  return rules.length ? rules.every((r) => (r.is ?? []).includes(String(values[r.when ?? ""] ?? ""))) : free;
}

/** Whether a field is shown and asked for while the form stands so; one that depends on a field not shown is not. */
export function appears(resource: Resource, name: string, values: Record<string, unknown>, depth = 0): boolean {
  const above = resource.rules.filter((r) => r.rule === "appears" && r.field === name).map((r) => r.when ?? "");
  return holds(resource, "appears", name, values, true) && (depth > 4 || above.every((one) => appears(resource, one, values, depth + 1)));
}

/** The emergency numbers that go before what is dialed by a field's value or right after it (OUT-49). */
export function overruled(resource: Resource, name: string, value: unknown, emergency = emergencyNumbers.value): string[] {
  const dialed = resource.rules.find((r) => r.rule === "dialed" && r.field === name);
  if (!dialed || !value) return [];
  const behind = (number: string) => Number(number) - Number(value);
  return emergency.filter((number) => number === value || (behind(number) > 0 && behind(number) <= (dialed.after ?? 0)));
}

/** Whether a field must be filled while the form stands so; one that has a value beforehand may not lose it. */
export function needed(resource: Resource, one: Field, values: Record<string, unknown>, adding = false): boolean {
  const { schema, nullable } = one;
  const kept = schema.default !== undefined && !nullable && !schema.writeOnly && (schema.type === "integer" || (schema.minLength ?? 0) > 0);
  return one.required || kept || (adding && one.initial) || holds(resource, "needs", one.name, values, false);
}

/** The path of a noun's routes, also of one whose page is closed to this person but that references name. */
export function pathOf(noun: string): string {
  return resource(noun)?.path ?? paths.value[noun] ?? noun;
}
