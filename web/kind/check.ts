// The checks of a schema that need no box, so that a slip is shown before it is sent; the box checks again.
import type { Field } from "../link/schema";
import type { Why } from "../link/request";

/** What is wrong with a value, or null. Lengths count characters, not bytes (LST-22). */
export function check(field: Field, value: unknown): Why | null {
  const { schema } = field;
  if (value === undefined) return null;
  if (value === null || value === "") return field.required ? { why: "required" } : null;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return { why: "type" };
    const { minimum = -Infinity, maximum = Infinity } = schema;
    return value < minimum || value > maximum ? { why: "out_of_range", min: minimum, max: maximum } : null;
  }
  if (typeof value !== "string") return null;
  const text = value.trim();
  if (text === "" && field.required) return { why: "required" };
  const count = [...text].length;
  if (schema.maxLength !== undefined && count > schema.maxLength) return { why: "too_long", max: schema.maxLength };
  if (schema.minLength !== undefined && count < schema.minLength) return { why: "too_short", min: schema.minLength };
  if (field.choices.length && !field.choices.includes(text)) return { why: "choice" };
  if (schema.pattern !== undefined && !matches(schema.pattern, text)) return { why: "pattern" };
  return forms[field.kind]?.test(text) === false ? { why: "pattern" } : null;
}

/** What may stand in a line of a kind, where that is simple to say; the others are the box's to check. */
const forms: Record<string, RegExp> = {
  internal_number: /^[1-9]\d*$/,
  pin: /^\d+$/,
  secret: /^[\x21-\x7e]+$/,
  username: /^(?!\d{2,6}$)[A-Za-z0-9._-]+$/,
};

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    // A pattern of the box's that this browser does not know is the box's to check.
    return true;
  }
}
