// How the office orders the fields of a form, those among them that it added itself.
import { useEffect, useState } from "preact/hooks";
import { ask, query } from "./request";
import { alone, type Field, type Resource, type Schema } from "./schema";

/** A field in its place; `schema` is there for one that the office added, which is named `custom.name`. */
export type Placed = {
  field: string;
  area: "A" | "B";
  required: boolean;
  always_required: boolean;
  call_record: boolean;
  /** Per cent of the field, and of the form; 0: as it is by itself. */
  label_width: number;
  content_width: number;
  edit: boolean;
  schema: Schema | null;
};

/** The field of a resource in which those stand that the office added, if it has one. */
export function ownOf(declared: Field[]): Field | undefined {
  return declared.find((f) => f.kind === "custom");
}

export async function layoutOf(path: string, within: string | null | undefined, part: string, whole = false) {
  return ask<{ items: Placed[] }>("GET", `${path}/fields${query({ ...(within ? { [within]: part } : {}), whole: whole ? "true" : null })}`);
}

/** Null: the office orders nothing here, or it is not known yet to which part the record belongs. */
export function useLayout(resource: Resource, declared: Field[], values: Record<string, unknown>): Placed[] | null {
  const [placed, setPlaced] = useState<Placed[] | null>(null);
  const own = ownOf(declared);
  // An office that has one part alone is not asked for it.
  const part = own ? String((resource.within ? values[resource.within] : resource.part) ?? "") : "";
  useEffect(() => {
    let wanted = true;
    if (part) void layoutOf(resource.path, resource.within, part).then((answer) => wanted && setPlaced(answer.ok ? answer.body.items : []));
    else setPlaced(null);
    return () => void (wanted = false);
  }, [part]);
  return placed;
}

/** A field that the office added, as an editor knows it. */
export function ownField({ field: name, schema, required }: Placed): Field {
  const told = schema ?? {};
  // One line of text stays one, however long it may be.
  const line = told["x-kind"] === "text" ? { ...told, "x-line": true } : told;
  return { ...alone(name, told["x-kind"] ?? "text", line), required, nullable: !required };
}

/** What a field is called by the office that added it. */
export function ownLabel(placed: Placed): string {
  const title = placed.schema?.title;
  return typeof title === "string" ? title : placed.field;
}

/** A value by its name, behind a dot what stands in it. */
export function valueAt(values: Record<string, unknown>, name: string): unknown {
  const [outer, inner] = name.split(".") as [string, string?];
  return inner === undefined ? values[outer] : (values[outer] as Record<string, unknown> | undefined)?.[inner];
}

/** The values with one of them put in. */
export function withValue(values: Record<string, unknown>, name: string, value: unknown): Record<string, unknown> {
  const [outer, inner] = name.split(".") as [string, string?];
  return { ...values, [outer]: inner === undefined ? value : { ...(values[outer] as object | undefined), [inner]: value } };
}

/** The values without those of fields that have no place. */
export function onlyPlaced(values: Record<string, unknown>, placed: Placed[]): Record<string, unknown> {
  const custom = (values.custom ?? {}) as Record<string, unknown>;
  const left = Object.entries(custom).filter(([name]) => placed.some((one) => one.field === `custom.${name}`));
  return left.length === Object.keys(custom).length ? values : { ...values, custom: Object.fromEntries(left) };
}
