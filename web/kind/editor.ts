// What every editor of a kind of field is given, and what it gives back.
import type { JSX } from "preact";
import type { Field } from "../link/schema";

export type EditorProps = {
  id: string;
  noun: string;
  field: Field;
  value: unknown;
  /** `null` empties a field that may be empty; `undefined` leaves a stored secret as it is. */
  onChange: (value: unknown) => void;
  wrong: boolean;
  describedBy: string | undefined;
  adding: boolean;
  disabled: boolean;
  first: boolean;
};

export type Editor = (props: EditorProps) => JSX.Element;

/** The attributes that every plain input shares. */
export function inputProps({ id, field, wrong, describedBy, disabled, first }: EditorProps) {
  return {
    id,
    name: field.name,
    class: "input",
    disabled,
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
