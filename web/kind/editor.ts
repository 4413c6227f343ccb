// What every editor of a kind of field is given, and what it gives back.
import type { JSX } from "preact";
import type { Why } from "../link/request";
import type { Field } from "../link/schema";

export type EditorProps = {
  id: string;
  noun: string;
  field: Field;
  value: unknown;
  /** `null` empties a field that may be empty; `undefined` leaves a stored secret as it is. */
  onChange: (value: unknown) => void;
  wrong: boolean;
  /** What is wrong inside the value, by its place there: `0.prefix`. */
  inside?: Record<string, Why>;
  describedBy: string | undefined;
  /** Read aloud where no label stands beside it, as in a table. */
  label?: string;
  adding: boolean;
  disabled: boolean;
  first: boolean;
  /** The box wrote the record by itself: it is read anew, what was typed stays. */
  onWritten?: () => void;
  /** The number of the record, where it is saved already. */
  record?: string | null;
  /** The other fields as they stand in the form. */
  form?: Record<string, unknown>;
  /** What a reference may refer to beside being of its noun: the values of a field there. */
  only?: { of: string; is: string[] }[];
};

export type Editor = (props: EditorProps) => JSX.Element;

/** The attributes that every plain input shares. */
export function inputProps({ id, field, wrong, describedBy, label, disabled, first }: EditorProps) {
  return {
    id,
    name: field.path,
    class: "input",
    disabled,
    "aria-label": label,
    "aria-invalid": wrong || undefined,
    "aria-describedby": describedBy,
    "aria-required": field.required || undefined,
    "data-first": first || undefined,
    autocomplete: "off",
  } as const;
}

/** Typed text as a value: nothing typed is null where the field may be empty. */
export function typed(text: string, nullable: boolean): string | null {
  return text === "" && nullable ? null : text;
}

export const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));
