// Short messages that come and go at the corner, and are read aloud once.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../word/words";
import { Button } from "./button";
import { Icon, type IconName } from "./icon";

type Deed = { label: string; icon?: IconName; run: () => void };
type Toast = { id: number; text: string; tone: "good" | "bad"; deed?: Deed };

const shown = 6000;
/** What can still be taken back stays long enough to be thought about. */
const shownWithDeed = 12_000;
const toastsMax = 4;
const toasts = signal<Toast[]>([]);
let count = 0;

export function say(text: string, tone: Toast["tone"] = "good", deed?: Deed): void {
  const id = ++count;
  toasts.value = [...toasts.value.slice(1 - toastsMax), { id, text, tone, deed }];
  // What went wrong stays until it is put away.
  if (tone === "good") setTimeout(() => drop(id), deed ? shownWithDeed : shown);
}

function drop(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  const self = useRef<HTMLDivElement>(null);
  const list = toasts.value;
  useEffect(() => {
    // Shown anew each time: the newest in the top layer is the uppermost, also above a dialog.
    self.current?.hidePopover();
    if (list.length) self.current?.showPopover();
  }, [list]);
  return (
    <div ref={self} class="toasts" popover="manual" role="status" aria-live="polite">
      {list.map((toast) => (
        <div class={`toast toast-${toast.tone}`} key={toast.id}>
          <Icon name={toast.tone === "good" ? "check" : "warning"} size={18} />
          <span class="toast-text">{toast.text}</span>
          {toast.deed && <Button small icon={toast.deed.icon ?? "undo"} onClick={() => (drop(toast.id), toast.deed!.run())}>{toast.deed.label}</Button>}
          <Button small look="quiet" icon="cross" label={t("do.close")} onClick={() => drop(toast.id)} />
        </div>
      ))}
    </div>
  );
}
