// The API's own document as its page shows it: what stands under each path, the fields of a body, a request to type.

export type Schema = { type?: string | string[]; title?: string; description?: string; enum?: unknown[]; items?: Schema; properties?: Record<string, Schema>; required?: string[]; default?: unknown; minimum?: number; maximum?: number; minLength?: number; maxLength?: number; maxItems?: number; pattern?: string; $ref?: string; examples?: unknown[] } & Record<string, unknown>;
export type Parameter = { name: string; in: string; description?: string; required?: boolean; schema: Schema };
export type Answer = { description?: string; $ref?: string; "x-errors"?: string[]; content?: { "application/json"?: { schema: Schema } } };
export type Told = { summary: string; tags: string[]; parameters?: Parameter[]; requestBody?: { content: { "application/json"?: { schema: Schema } } }; responses: Record<string, Answer>; "x-limit"?: string };
export type Document = { info: { version: string }; servers: { url: string }[]; paths: Record<string, Record<string, Told>>; components: { schemas: Record<string, Schema>; responses: Record<string, Answer> } };

export type Operation = { method: string; path: string; verb: string; told: Told };
/** What stands under one first word of the paths, such as `agents`. */
export type Group = { name: string; operations: Operation[] };

/** A schema or an answer, wherever it stands in the document. */
export function found<T extends { $ref?: string }>(document: Document, part: T | undefined): T | undefined {
  if (!part?.$ref) return part;
  return part.$ref.slice(2).split("/").reduce<unknown>((at, word) => (at as Record<string, unknown> | undefined)?.[word], document) as T | undefined;
}

const verbs: Record<string, string> = { post: "add", patch: "change", delete: "remove" };

export function groups(document: Document): Group[] {
  const all = new Map<string, Group>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, told] of Object.entries(methods)) {
      if (method === "parameters") continue;
      const name = told.tags[0]!;
      const group = all.get(name) ?? { name, operations: [] };
      all.set(name, group);
      const verb = path.startsWith("/uploads/") ? "upload" : verbs[method] ?? (path.includes("{") || path.includes(".") ? "show" : "list");
      group.operations.push({ method: method.toUpperCase(), path, verb, told });
    }
  }
  return [...all.values()];
}

export function bodyOf(document: Document, told: Told): Schema | undefined {
  return found(document, told.requestBody?.content["application/json"]?.schema);
}

/** What is answered when nothing is wrong. */
export function answerOf(document: Document, told: Told): { status: string; schema: Schema | undefined } | undefined {
  const [status, answer] = Object.entries(told.responses).find(([status]) => status.startsWith("2")) ?? [];
  return status ? { status, schema: found(document, found(document, answer)?.content?.["application/json"]?.schema) } : undefined;
}

/** Every word with which it can be refused, by status. */
export function refusalsOf(document: Document, told: Told): { status: string; words: string[] }[] {
  const all = Object.entries(told.responses).map(([status, answer]) => ({ status, words: found(document, answer)?.["x-errors"] ?? [] }));
  return all.filter((one) => one.words.length);
}

/** The form of a value in a few words: `text ≤ 40`, `0–10000`, `a | b`. */
export function formOf(schema: Schema): string {
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type ?? "object"]).filter((type) => type !== "null");
  const kind = typeof schema["x-kind"] === "string" ? schema["x-kind"] : "";
  const words = schema.enum?.filter((word) => word !== null).map(String);
  const type = types[0] ?? "";
  if (words) return words.length > 12 ? `${words.slice(0, 12).join(" | ")} | …` : words.join(" | ");
  if (type === "array") return `[ ${schema.items ? formOf(schema.items) : ""} ]${limits(undefined, schema.maxItems)}`;
  if (type === "integer" || type === "number") return `${type}${limits(schema.minimum, schema.maximum)}`;
  const name = kind && kind !== type && kind !== "name" && kind !== "row" ? kind : type;
  return `${name}${limits(schema.minLength, schema.maxLength)}`;
}

function limits(least: number | undefined, most: number | undefined): string {
  if (least !== undefined && most !== undefined) return ` ${least}–${most}`;
  return most === undefined ? (least === undefined ? "" : ` ≥ ${least}`) : ` ≤ ${most}`;
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** What to type into a terminal; the key stands in a variable, so that it is in no history. */
export function curl(base: string, document: Document, { method, path, told }: Operation): string {
  const url = base + document.servers[0]!.url + path.replace(/\{\w+\}/, "1") + (told.parameters?.some((one) => one.name === "limit") ? "?limit=10" : "");
  const lines = ["curl --cacert callbox-ca.crt", `-H "Authorization: Bearer $CALLBOX_KEY"`];
  const body = bodyOf(document, told);
  if (method !== "GET") lines.splice(1, 0, `-X ${method}`);
  if (told.parameters?.some((one) => one.name === "Idempotency-Key")) lines.push(`-H "Idempotency-Key: $(uuidgen)"`);
  if (told.parameters?.some((one) => one.name === "If-Match")) lines.push(`-H 'If-Match: "1"'`);
  if (body) lines.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body.examples?.[0] ?? {}))}`);
  else if (told.requestBody) lines.push("--data-binary @file");
  return [...lines, quoted(url)].join(" \\\n  ");
}

/** Whether a search means this operation: each word stands in its path, its fields or its labels. */
export function isMeant(document: Document, operation: Operation, labels: string, words: string[]): boolean {
  const schemas = [bodyOf(document, operation.told), answerOf(document, operation.told)?.schema];
  const fields = schemas.flatMap((schema) => Object.entries(schema?.properties ?? {}).flatMap(([name, field]) => [name, field.title ?? ""]));
  const parameters = operation.told.parameters?.map((one) => one.name) ?? [];
  const text = [operation.method, operation.path, labels, ...fields, ...parameters].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}
