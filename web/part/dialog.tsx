// A dialog or a drawer at the side: the browser's own modal, so focus stays in it and comes back after it.
import type { ComponentChildren, RefObject } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { signal } from "@preact/signals";
import { t } from "../word/words";
import { Button } from "./button";

type Props = {
  title: ComponentChildren;
  drawer?: boolean;
  /** A drawer with room for tables. */
  wide?: boolean;
  /** Called for Esc, the cross and a click beside it; the one who asked decides whether it goes. */
  onClose: () => void;
  children: ComponentChildren;
  foot?: ComponentChildren;
  under?: ComponentChildren;
};

/** Opens it as long as it stands in the page. Before it goes, whatever had the focus has it again: the next key is for that. */
export function useModal(self: RefObject<HTMLDialogElement | null>, first?: string): void {
  useLayoutEffect(() => {
    const dialog = self.current!;
    const before = document.activeElement;
    dialog.showModal();
    if (first) (dialog.querySelector<HTMLElement>("[data-first]") ?? dialog.querySelector<HTMLElement>(first))?.focus();
    return () => {
      dialog.close();
      if ((before instanceof HTMLElement || before instanceof SVGElement) && before.isConnected) before.focus();
    };
  }, []);
}

export function Dialog({ title, drawer = false, wide = false, onClose, children, foot, under }: Props) {
  const self = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useModal(self, "h2");
  return (
    <dialog
      ref={self}
      class={["dialog", drawer && "drawer", wide && "dialog-wide"].filter(Boolean).join(" ")}
      aria-labelledby={heading}
      onCancel={(event) => (event.preventDefault(), onClose())}
      onKeyDown={(event) => {
        // Chromium closes on a second Esc whatever `cancel` says.
        if (event.key === "Escape") (event.preventDefault(), event.stopPropagation(), onClose());
      }}
      onMouseDown={(event) => event.target === self.current && onClose()}
    >
      <div class="dialog-box">
        <header class="dialog-head">
          <div class="dialog-title">
            <h2 id={heading} tabIndex={-1}>{title}</h2>
            {under}
          </div>
          <Button look="quiet" icon="cross" label={t("do.close")} onClick={onClose} />
        </header>
        <div class="dialog-body">{children}</div>
        {foot && <footer class="dialog-foot">{foot}</footer>}
      </div>
    </dialog>
  );
}

type Question = { title: string; text: ComponentChildren; yes: string; no?: string; danger?: boolean; answer: (yes: boolean) => void };
const question = signal<Question | null>(null);

/** Asks before something is done; no answer is a no. */
export function confirm(asked: Omit<Question, "answer">): Promise<boolean> {
  question.value?.answer(false);
  return new Promise((answer) => (question.value = { ...asked, answer }));
}

/** Stands once in the page and shows what `confirm` asks. */
export function Confirmation() {
  const asked = question.value;
  if (!asked) return null;
  const answer = (yes: boolean) => {
    question.value = null;
    asked.answer(yes);
  };
  return (
    <Dialog
      title={asked.title}
      onClose={() => answer(false)}
      foot={
        <>
          <button type="button" data-first={asked.danger} class="button button-plain" onClick={() => answer(false)}>
            {asked.no ?? t("do.cancel")}
          </button>
          <button type="button" data-first={!asked.danger} class={`button button-${asked.danger ? "danger" : "primary"}`} onClick={() => answer(true)}>
            {asked.yes}
          </button>
        </>
      }
    >
      <div class="dialog-text">{asked.text}</div>
    </Dialog>
  );
}
