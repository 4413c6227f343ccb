// The checks of a schema that need no box, so that a slip is shown before it is sent; the box checks again.
import type { Field } from "../link/schema";
import type { Why } from "../link/request";
import { beginning } from "./kinds";

/** What is wrong with one value, or null. Lengths count characters, not bytes (LST-22). */
export function check(field: Field, value: unknown, required = field.required): Why | null {
  const { schema } = field;
  if (value === undefined) return null;
  if (value === null || value === "") return required ? { why: "required" } : null;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return { why: "type" };
    const { minimum = -Infinity, maximum = Infinity } = schema;
    return value < minimum || value > maximum ? { why: "out_of_range", min: minimum, max: maximum } : null;
  }
  if (Array.isArray(value)) return checkLength(field, value.length, required);
  if (field.kind === "destination" || field.kind === "person") return checkTarget(value as { type?: string; target?: string | null }, required);
  if (typeof value !== "string") return null;
  const text = meant(field.kind, value.trim());
  if (text === "") return required ? { why: "required" } : null;
  const count = [...text].length;
  if (schema.maxLength !== undefined && count > schema.maxLength) return { why: "too_long", max: schema.maxLength };
  if (schema.minLength !== undefined && count < schema.minLength) return { why: "too_short", min: schema.minLength };
  if (field.choices.length && !field.choices.includes(text)) return { why: "choice" };
  if (schema.pattern !== undefined && !matches(schema.pattern, text)) return { why: "pattern" };
  return forms[field.kind]?.test(text) === false ? { why: "pattern" } : null;
}

/** What is wrong with a value and with what stands in it, by place: `rules`, `rules.0.prefix`. */
export function slips(field: Field, value: unknown, at = field.name, required = field.required): Record<string, Why> {
  const own = check(field, value, required);
  if (own) return { [at]: own };
  if (field.kind === "row" && value && typeof value === "object") return Object.assign({}, ...field.inner.map((f) => slips(f, (value as Record<string, unknown>)[f.name] ?? beginning(f) ?? null, `${at}.${f.name}`)));
  const { item } = field;
  if (!item || !Array.isArray(value)) return {};
  if (item.kind === "row") return Object.assign({}, ...value.map((one, n) => slips(item, one, `${at}.${n}`)));
  const first = value.map((one) => check(item, one, true)).find((why) => why !== null);
  return first ? { [at]: first } : {};
}

function checkLength({ schema }: Field, length: number, required: boolean): Why | null {
  const { minItems = 0, maxItems = Infinity } = schema;
  if (length < Math.max(minItems, required && minItems ? 1 : 0)) return { why: "required" };
  return length > maxItems ? { why: "too_many", max: maxItems } : null;
}

function checkTarget({ type, target }: { type?: string; target?: string | null }, required: boolean): Why | null {
  if (!type) return required ? { why: "required" } : null;
  return type === "hang_up" || type === "ring_tone" || target ? null : { why: "required" };
}

/** What may stand in a line of a kind, where that is simple to say; the others are the box's to check. */
const forms: Record<string, RegExp> = {
  internal_number: /^[1-9]\d*$/,
  digits: /^\d+$/,
  pin: /^\d+$/,
  phone: /^\d+$/,
  dialable: /^\d+$/,
  secret: /^[\x21-\x7e]+$/,
  api_key: /^[A-Za-z0-9_-]+$/,
  username: /^(?!\d{2,6}$)[A-Za-z0-9._-]+$/,
  email: /^[^\s@]+@[^\s@]+$/,
  link: /^https?:\/\/\S+$/i,
  color: /^#[0-9a-f]{6}$/i,
  date: /^\d{4}-\d{2}-\d{2}$/,
  time_of_day: /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/,
  decimal: /^-?\d+(?:\.\d+)?$/,
  mac: /^[0-9a-f]{12}$/i,
};

/** What the box takes from what people type: separators and the leading + of a number, those of a MAC address. */
function meant(kind: string, text: string): string {
  const narrow = () => text.normalize("NFKC");
  if (kind === "phone" || kind === "dialable") return narrow().replace(/^\+/, "").replace(/[\s()[\]‐-―-]/g, "");
  return kind === "mac" ? narrow().replace(/[\s:.-]/g, "") : text;
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    // A pattern of the box's that this browser does not know is the box's to check.
    return true;
  }
}
