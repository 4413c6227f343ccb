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
  writeOnly?: boolean;
} & Record<string, unknown>;

export type Rule = { rule?: string; field?: string } & Record<string, unknown>;

export type Resource = {
  name: string;
  path: string;
  menu: string;
  /** `single`: one record that always is there. */
  held: "snapshot" | "single";
  schema: Schema;
  tabs: { name: string; fields: string[] }[];
  list: string[];
  search: string[];
  rules: Rule[];
};

export type Field = {
  name: string;
  kind: string;
  schema: Schema;
  required: boolean;
  nullable: boolean;
  fixed: boolean;
  generated: boolean;
  choices: string[];
};

export const resources = signal<Resource[] | null>(null);

export async function loadResources(): Promise<void> {
  if (resources.value) return;
  const answer = await ask<{ resources: Resource[] }>("GET", "schema");
  if (answer.ok) resources.value = answer.body.resources;
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

function ruled(resource: Resource, word: string, field: string): boolean {
  return resource.rules.some((r) => r.rule === word && r.field === field);
}

export function field(resource: Resource, name: string): Field {
  const { schema, nullable } = resolve(resource.schema, resource.schema.properties?.[name] ?? {});
  const listed = choices(schema);
  return {
    name,
    kind: schema["x-kind"] ?? (listed.length ? "choice" : schema.type === "boolean" ? "switch" : "text"),
    schema,
    nullable,
    required: (resource.schema.required ?? []).includes(name),
    fixed: ruled(resource, "fixed", name),
    generated: ruled(resource, "generated", name),
    choices: listed,
  };
}

export function fields(resource: Resource): Field[] {
  const named = resource.tabs.flatMap((tab) => tab.fields);
  const all = named.length ? named : Object.keys(resource.schema.properties ?? {});
  return all.filter((name) => resource.schema.properties?.[name]).map((name) => field(resource, name));
}
