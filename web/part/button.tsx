// A button: said in words, perhaps with an icon, never twice while it is busy.
import type { ComponentChildren, Ref } from "preact";
import { Icon, type IconName } from "./icon";

type Props = {
  look?: "plain" | "primary" | "danger" | "quiet";
  icon?: IconName;
  /** Given: only the icon is seen, and this is what it is called. */
  label?: string;
  busy?: boolean;
  small?: boolean;
  disabled?: boolean;
  submit?: boolean;
  onClick?: (event: MouseEvent) => void;
  children?: ComponentChildren;
  buttonRef?: Ref<HTMLButtonElement>;
} & Record<`aria-${string}`, string | boolean | undefined>;

export function Button({ look = "plain", icon, label, busy = false, small = false, disabled = false, submit = false, onClick, children, buttonRef, ...aria }: Props) {
  const name = ["button", `button-${look}`, small && "button-small", label && "button-icon", busy && "button-busy"].filter(Boolean).join(" ");
  return (
    <button {...aria} ref={buttonRef} type={submit ? "submit" : "button"} class={name} disabled={disabled} aria-busy={busy || undefined} aria-label={label} title={label} onClick={busy ? (event) => event.preventDefault() : onClick}>
      {icon && <Icon name={icon} size={small ? 16 : 18} />}
      {children && <span>{children}</span>}
    </button>
  );
}
