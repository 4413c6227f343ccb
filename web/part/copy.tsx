// A button that puts a text on the clipboard and says so.
import { useState } from "preact/hooks";
import { t } from "../word/words";
import { Button } from "./button";
import { say } from "./toast";

const shown = 1500;

/** Browsers give the clipboard to HTTPS pages only; a selected field and `copy` works everywhere. */
async function put(text: string, beside: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "unseen";
    (beside.closest("dialog") ?? document.body).append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

export function Copy({ text, what }: { text: string; what: string }) {
  const [done, setDone] = useState(false);
  const copy = async (event: MouseEvent) => {
    const button = event.currentTarget as HTMLElement;
    if (!(await put(text, button))) return say(t("copy.failed"), "bad");
    button.focus();
    setDone(true);
    setTimeout(() => setDone(false), shown);
  };
  return <Button small look="quiet" icon={done ? "check" : "copy"} label={done ? t("copy.done", { what }) : t("copy.do", { what })} onClick={copy} />;
}
