// A button that opens a small panel beside it; Esc, a click elsewhere or leaving it closes it.
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { follow } from "./float";
import { Icon, type IconName } from "./icon";

type Props = {
  label: string;
  icon?: IconName;
  iconOnly?: boolean;
  look?: string;
  side?: "left" | "right";
  up?: boolean;
  disabled?: boolean;
  face?: ComponentChildren;
  children: (close: () => void) => ComponentChildren;
};

const inside = ".menu-panel a, .menu-panel button:not(:disabled), .menu-panel input:not(:disabled)";

export function Menu({ label, icon, iconOnly = false, look = "button button-plain", side = "right", up = false, disabled = false, face, children }: Props) {
  const [open, setOpen] = useState(false);
  const self = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  useLayoutEffect(() => {
    if (!open) return;
    const elsewhere = (event: Event) => self.current?.contains(event.target as Node) || setOpen(false);
    // A click on words in the panel gives the focus to the page around it, which is no leaving.
    const left = (event: FocusEvent) => (event.target as Node).contains(self.current) || elsewhere(event);
    document.addEventListener("mousedown", elsewhere);
    document.addEventListener("focusin", left);
    const still = follow(button.current!, panel.current!, { align: side === "left" ? "start" : "end", up, most: innerHeight * 0.7 });
    self.current?.querySelector<HTMLElement>(inside)?.focus({ preventScroll: true });
    return () => {
      still();
      document.removeEventListener("mousedown", elsewhere);
      document.removeEventListener("focusin", left);
    };
  }, [open]);
  const keys = (event: KeyboardEvent) => {
    if (!open) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const items = [...(self.current?.querySelectorAll<HTMLElement>(inside) ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="menu" ref={self} onKeyDown={keys}>
      <button ref={button} type="button" disabled={disabled} class={look + (iconOnly ? " button-icon" : "")} aria-haspopup="true" aria-expanded={open} aria-controls={open ? id : undefined} aria-label={iconOnly || face ? label : undefined} title={iconOnly ? label : undefined} onClick={() => setOpen(!open)}>
        {icon && <Icon name={icon} size={18} />}
        {face ?? (!iconOnly && <span>{label}</span>)}
      </button>
      {open && (
        <div id={id} ref={panel} class="menu-panel" popover="manual">
          {children(close)}
        </div>
      )}
    </div>
  );
}

/** One line of a menu. */
export function Item({ icon, label, onClick, disabled = false, danger = false, chosen }: { icon?: IconName; label: ComponentChildren; onClick: () => void; disabled?: boolean; danger?: boolean; chosen?: boolean }) {
  return (
    <button type="button" class={danger ? "menu-item menu-danger" : "menu-item"} disabled={disabled} aria-pressed={chosen} onClick={onClick}>
      {icon && <Icon name={icon} size={18} />}
      <span>{label}</span>
      {chosen && <Icon name="check" size={18} />}
    </button>
  );
}
