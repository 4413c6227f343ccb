// What a page says when it has nothing to show: why, and what to do next.
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon";

export function Empty({ icon, title, text, children }: { icon: IconName; title: string; text?: ComponentChildren; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <span class="empty-icon"><Icon name={icon} size={28} /></span>
      <h2>{title}</h2>
      {text && <p>{text}</p>}
      {children && <div class="empty-do">{children}</div>}
    </div>
  );
}
