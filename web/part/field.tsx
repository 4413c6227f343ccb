// A labelled control with its help and its error, wired together for those who hear the page.
import type { ComponentChildren } from "preact";
import { t } from "../word/words";
import { Icon } from "./icon";

type Props = {
  id: string;
  label: string;
  help?: string;
  error?: string;
  optional?: boolean;
  /** A group of controls (choice): the label then names the group. */
  group?: boolean;
  /** Two of these stand side by side where there is room. */
  half?: boolean;
  /** The first in its line: what comes after it belongs to it. */
  begins?: boolean;
  /** The label stands behind the control (switch). */
  inline?: boolean;
  /** Somebody else's: it is seen here and changed there. */
  lock?: boolean;
  /** The label stands before the control, `--label` wide. */
  beside?: boolean;
  style?: Record<string, string>;
  children: ComponentChildren;
};

export function Field({ id, label, help, error, optional = false, group = false, half = false, begins = false, inline = false, lock = false, beside = false, style, children }: Props) {
  const name = (
    <>
      {label}
      {lock && <Icon name="lock" size={14} />}
      {optional && <span class="field-optional">{t("form.optional")}</span>}
    </>
  );
  const said = group ? <span class="field-label" id={`${id}-label`}>{name}</span> : <label class="field-label" for={id} id={`${id}-label`}>{name}</label>;
  const looks = ["field", error && "field-wrong", half && "field-half", begins && "field-begins", inline && "field-inline", beside && "field-beside"].filter(Boolean).join(" ");
  return (
    <div class={looks} style={style} role={group ? "group" : undefined} aria-labelledby={group ? `${id}-label` : undefined}>
      {!inline && said}
      {inline ? <span class="field-line">{children}{said}</span> : children}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          <Icon name="warning" size={16} /> <span>{error}</span>
        </p>
      )}
      {help && <p class="field-help" id={`${id}-help`}>{help}</p>}
    </div>
  );
}

/** The ids of what describes a control. */
export function describedBy(id: string, help?: unknown, error?: unknown): string | undefined {
  return [error ? `${id}-error` : "", help ? `${id}-help` : ""].filter(Boolean).join(" ") || undefined;
}

/** The type of an input whose password may be looked at; the two cannot be told apart by the compiler's table of inputs. */
export function seenType(seen: boolean): { type: "password" } {
  return { type: (seen ? "text" : "password") as "password" };
}
