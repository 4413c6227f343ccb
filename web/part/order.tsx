// A list in its order: a handle on each line is dragged, or moved with the arrow keys; a cross takes the line away.
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { t } from "../word/words";
import { Button } from "./button";
import { Icon } from "./icon";

type Props<T> = {
  id: string;
  label?: string;
  items: T[];
  /** What a line is called when it is moved or taken away. */
  name: (item: T, n: number) => string;
  line: (item: T, n: number) => ComponentChildren;
  onChange: (items: T[]) => void;
  disabled?: boolean;
  class?: string;
  /** Fewer than so many are not taken away. */
  least?: number;
};

/** The list with its item `from` at the place `to`. */
export function moved<T>(items: T[], from: number, to: number): T[] {
  const next = [...items];
  const [one] = next.splice(from, 1);
  next.splice(to, 0, one!);
  return next;
}

export function Ordered<T>({ id, label, items, name, line, onChange, disabled = false, class: look = "", least = 0 }: Props<T>) {
  const self = useRef<HTMLOListElement>(null);
  const [held, setHeld] = useState<number | null>(null);
  const [said, setSaid] = useState("");
  const latest = useRef(items);
  latest.current = items;

  const move = (from: number, to: number) => {
    if (to < 0 || to >= items.length || to === from) return;
    setSaid(t("order.moved", { name: name(items[from]!, from), n: to + 1, of: items.length }));
    onChange(moved(items, from, to));
  };
  const handle = (n: number) => self.current?.querySelectorAll<HTMLElement>(":scope > li > .order-handle")[n];
  const keys = (event: KeyboardEvent, n: number) => {
    const to = { ArrowUp: n - 1, ArrowDown: n + 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(n, to);
    requestAnimationFrame(() => handle(Math.min(items.length - 1, Math.max(0, to)))?.focus());
  };
  const drag = (down: PointerEvent, start: number) => {
    if (down.button !== 0) return;
    down.preventDefault();
    const grip = down.currentTarget as HTMLElement;
    grip.setPointerCapture(down.pointerId);
    let at = start;
    setHeld(at);
    const over = (event: PointerEvent) => {
      const lines = [...(self.current?.children ?? [])].filter((one) => one.tagName === "LI");
      const above = lines.filter((one, n) => n !== at && event.clientY > one.getBoundingClientRect().top + one.clientHeight / 2).length;
      if (above === at) return;
      onChange(moved(latest.current, at, above));
      at = above;
      setHeld(at);
    };
    const end = () => {
      grip.removeEventListener("pointermove", over);
      setHeld(null);
    };
    grip.addEventListener("pointermove", over);
    grip.addEventListener("lostpointercapture", end, { once: true });
  };
  return (
    <>
      <ol ref={self} id={id} class={`order ${look}`} aria-label={label}>
        {items.map((item, n) => (
          <li key={n} class={n === held ? "order-held" : undefined}>
            {items.length > 1 && !disabled && (
              <button type="button" class="order-handle" aria-label={t("order.handle", { name: name(item, n) })} title={t("order.hint")} onKeyDown={(event) => keys(event, n)} onPointerDown={(event) => drag(event, n)}>
                <Icon name="grip" size={16} />
              </button>
            )}
            <div class="order-line">{line(item, n)}</div>
            {!disabled && items.length > least && <Button small look="quiet" icon="cross" label={t("order.drop", { name: name(item, n) })} onClick={() => onChange(items.filter((_, other) => other !== n))} />}
          </li>
        ))}
      </ol>
      <span class="unseen" role="status">{said}</span>
    </>
  );
}
