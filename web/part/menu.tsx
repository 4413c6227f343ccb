// A button that opens a small panel below it; Esc, a click elsewhere or leaving it closes it.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon";

type Props = { label: string; icon?: IconName; iconOnly?: boolean; look?: string; side?: "left" | "right"; up?: boolean; face?: ComponentChildren; children: (close: () => void) => ComponentChildren };

export function Menu({ label, icon, iconOnly = false, look = "button button-plain", side = "right", up = false, face, children }: Props) {
  const [open, setOpen] = useState(false);
  const self = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => self.current?.contains(event.target as Node) || setOpen(false);
    document.addEventListener("mousedown", outside);
    document.addEventListener("focusin", outside);
    self.current?.querySelector<HTMLElement>(".menu-panel a, .menu-panel button, .menu-panel input")?.focus();
    return () => {
      document.removeEventListener("mousedown", outside);
      document.removeEventListener("focusin", outside);
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
    const items = [...(self.current?.querySelectorAll<HTMLElement>(".menu-panel a, .menu-panel button, .menu-panel input") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.focus();
    event.preventDefault();
  };
  return (
    <div class="menu" ref={self} onKeyDown={keys}>
      <button ref={button} type="button" class={look + (iconOnly ? " button-icon" : "")} aria-haspopup="true" aria-expanded={open} aria-controls={id} aria-label={iconOnly || face ? label : undefined} title={iconOnly ? label : undefined} onClick={() => setOpen(!open)}>
        {icon && <Icon name={icon} size={18} />}
        {face ?? (!iconOnly && <span>{label}</span>)}
      </button>
      {open && (
        <div id={id} class={`menu-panel menu-${side}${up ? " menu-up" : ""}`}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
