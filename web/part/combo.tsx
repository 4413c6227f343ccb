// A field that is typed into to find one of many: the list opens below it, keys move in it, what is chosen stays.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../word/words";
import { follow } from "./float";
import { Icon } from "./icon";

export type Option = { id: string; name: string; note?: string };

type Props = {
  input: { id?: string; class?: string; disabled?: boolean; placeholder?: string } & Record<string, unknown>;
  /** What stands in the field while nobody types. */
  shown: string;
  find: (text: string) => Promise<{ items: Option[]; more?: boolean }>;
  onChoose: (option: Option) => void;
  chosen?: ReadonlySet<string>;
  /** Stays open after a choice, for choosing several. */
  several?: boolean;
  /** A last line that makes a new one. */
  more?: { label: string; onClick: (typed: string) => void };
  children?: ComponentChildren;
};

const settle = 180;
const heightMax = 300;

export function Combo({ input, shown, find, onChoose, chosen, several = false, more, children }: Props) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  const [found, setFound] = useState<{ items: Option[]; more?: boolean } | null>(null);
  const [at, setAt] = useState(0);
  const turn = useRef(0);
  const lines = (found?.items.length ?? 0) + (more ? 1 : 0);

  useEffect(() => {
    if (!open) return;
    const mine = ++turn.current;
    const timer = setTimeout(
      async () => {
        const answer = await find(typed?.trim() ?? "");
        if (mine !== turn.current) return;
        setFound(answer);
        const here = typed ? 0 : answer.items.findIndex((one) => chosen?.has(one.id));
        setAt(several ? 0 : Math.max(0, here));
      },
      typed ? settle : 0,
    );
    return () => clearTimeout(timer);
  }, [open, typed]);

  useLayoutEffect(() => (open ? follow(field.current!, list.current!, { stretch: true, most: heightMax }) : undefined), [open]);

  const show = () => {
    if (open || input.disabled) return;
    setFound(null);
    setOpen(true);
  };
  const close = () => {
    turn.current++;
    setOpen(false);
    setTyped(null);
  };
  const take = (n: number) => {
    const option = found?.items[n];
    if (option) {
      onChoose(option);
      if (several) setTyped(typed === null ? null : "");
      else close();
    } else if (more && n === lines - 1) {
      const text = typed?.trim() ?? "";
      close();
      more.onClick(text);
    }
  };
  const keys = (event: KeyboardEvent) => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      if (!open) show();
      else if (lines) setAt(Math.min(lines - 1, Math.max(0, to)));
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      take(at);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at, found]);

  const line = (n: number) => `${id}-${n}`;
  return (
    <span class="combo">
      <span class="combo-field">
        <input
          {...input}
          ref={field}
          class={`${input.class ?? "input"} combo-input`}
          type="text"
          role="combobox"
          dir="auto"
          autocomplete="off"
          spellcheck={false}
          aria-expanded={open}
          aria-controls={open ? `${id}-list` : undefined}
          aria-autocomplete="list"
          aria-activedescendant={open && lines ? line(at) : undefined}
          value={typed ?? (several ? "" : shown)}
          onInput={(e) => (setTyped(e.currentTarget.value), show())}
          onClick={show}
          onFocus={(e) => !several && e.currentTarget.select()}
          onBlur={close}
          onKeyDown={keys}
        />
        <Icon name="down" size={16} />
        {children}
      </span>
      {open && (
        <div ref={list} id={`${id}-list`} class="combo-list" popover="manual" role="listbox" aria-multiselectable={several || undefined} onMouseDown={(e) => e.preventDefault()}>
          {found?.items.map((option, n) => (
            <div key={option.id} id={line(n)} class={n === at ? "combo-line combo-at" : "combo-line"} role="option" aria-selected={n === at} onClick={() => take(n)} onMouseMove={() => n !== at && setAt(n)}>
              <bdi>{option.name}</bdi>
              {option.note && <span class="soft small">{option.note}</span>}
              {chosen?.has(option.id) && <Icon name="check" size={16} />}
            </div>
          ))}
          {found && !found.items.length && <p class="combo-none soft">{t("combo.none")}</p>}
          {found?.more && <p class="combo-none soft small">{t("combo.more")}</p>}
          {more && (
            <div id={line(lines - 1)} class={at === lines - 1 ? "combo-line combo-new combo-at" : "combo-line combo-new"} role="option" aria-selected={at === lines - 1} onClick={() => take(lines - 1)} onMouseMove={() => setAt(lines - 1)}>
              <Icon name="plus" size={16} />
              <span>{more.label}</span>
            </div>
          )}
        </div>
      )}
    </span>
  );
}

/** Finds in a list that the page has already. */
export function among(options: Option[], max = 60): (text: string) => Promise<{ items: Option[]; more?: boolean }> {
  return async (typed) => {
    const text = typed.toLowerCase();
    const found = options.filter((one) => `${one.name} ${one.id} ${one.note ?? ""}`.toLowerCase().includes(text));
    return { items: found.slice(0, max), more: found.length > max };
  };
}
