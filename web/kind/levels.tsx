// Values in levels, such as provinces and their cities, typed as an outline: Tab moves a line further in.
import { useState } from "preact/hooks";
import { t } from "../word/words";
import { inputProps, type EditorProps } from "./editor";
import { count, outline, tree } from "./outline";

/** Moves the lines that the selection touches one level in or out. */
function shift(area: HTMLTextAreaElement, out: boolean): void {
  const { value, selectionStart, selectionEnd } = area;
  const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const found = value.indexOf("\n", selectionEnd);
  const to = found < 0 ? value.length : found;
  const lines = value.slice(from, to).split("\n");
  const next = lines.map((line) => (out ? line.replace(/^(?: {1,2}|\t)/, "") : `  ${line}`)).join("\n");
  area.setRangeText(next, from, to, lines.length > 1 ? "select" : "end");
}

export function Levels(props: EditorProps) {
  const depthMax = Number(props.field.schema["x-depth"] ?? 5);
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? outline(props.value);
  const change = (text: string) => {
    setTyped(text);
    props.onChange(tree(text, depthMax));
  };
  const keys = (event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }) => {
    const area = event.currentTarget;
    if (event.key === "Escape") area.dataset.leave = "yes";
    if (event.key !== "Tab" || area.dataset.leave) return;
    event.preventDefault();
    shift(area, event.shiftKey);
    change(area.value);
  };
  return (
    <div class="stacked">
      <textarea {...inputProps(props)} class="input mono" dir="auto" rows={8} spellcheck={false} value={shown} onInput={(e) => change(e.currentTarget.value)} onKeyDown={keys} onFocus={(e) => delete e.currentTarget.dataset.leave} onBlur={() => setTyped(null)} />
      <p class="small soft">{t("levels.hint", { max: depthMax })} {t("levels.count", { n: count(tree(shown, depthMax)) })}</p>
    </div>
  );
}
