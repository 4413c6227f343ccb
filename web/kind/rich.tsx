// Formatted text: what one sees is what is kept, with a small row of buttons above it.
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../part/button";
import type { IconName } from "../part/icon";
import { t } from "../word/words";
import { cleaned, restored } from "./cleaned";
import { inputProps, text, type EditorProps } from "./editor";
import { VariableMenu } from "./template";

const marks: { command: string; icon: IconName; word: string; value?: string }[] = [
  { command: "bold", icon: "bold", word: "rich.bold" },
  { command: "italic", icon: "italic", word: "rich.italic" },
  { command: "underline", icon: "underline", word: "rich.underline" },
  { command: "formatBlock", value: "h3", icon: "heading", word: "rich.heading" },
  { command: "insertUnorderedList", icon: "bullets", word: "rich.bullets" },
  { command: "insertOrderedList", icon: "numbers", word: "rich.numbers" },
];

export function Rich(props: EditorProps) {
  const area = useRef<HTMLDivElement>(null);
  const sent = useRef<string | null>(null);
  const value = text(props.value);
  useEffect(() => {
    // What was typed here is there already; only what came from outside is put in anew.
    if (!area.current || value === sent.current) return;
    area.current.innerHTML = cleaned(value);
    sent.current = value;
  }, [value]);
  const change = () => {
    const html = restored(area.current?.innerHTML ?? "");
    sent.current = html;
    props.onChange(html === "" && props.field.nullable ? null : html);
  };
  const run = (command: string, argument?: string) => {
    area.current?.focus();
    document.execCommand(command, false, argument);
    change();
  };
  const link = () => {
    const inside = getSelection()?.anchorNode?.parentElement?.closest("a");
    if (inside) return run("unlink");
    const chosen = String(getSelection() ?? "").trim();
    if (/^https?:\/\/\S+$/i.test(chosen)) return run("createLink", chosen);
    run("insertHTML", `<a href="https://">${chosen.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`) || "https://"}</a>`);
  };
  const paste = (event: ClipboardEvent) => {
    event.preventDefault();
    const html = event.clipboardData?.getData("text/html");
    const words = event.clipboardData?.getData("text/plain") ?? "";
    if (html) document.execCommand("insertHTML", false, cleaned(html).replace(/ (?:data-style|class|id)="[^"]*"/g, ""));
    else document.execCommand("insertText", false, words);
  };
  const { class: _, id, name, "aria-required": required, disabled, autocomplete: __, ...aria } = inputProps(props);
  return (
    <div class={disabled ? "rich rich-still" : "rich"}>
      {!disabled && (
        <div class="rich-tools" role="toolbar" aria-label={t("rich.tools")} onMouseDown={(e) => (e.target as Element).closest(".menu") || e.preventDefault()}>
          {marks.map((mark) => <Button key={mark.word} small look="quiet" icon={mark.icon} label={t(mark.word)} onClick={() => run(mark.command, mark.value)} />)}
          <Button small look="quiet" icon="link" label={t("rich.link")} onClick={link} />
          <Button small look="quiet" icon="plain" label={t("rich.plain")} onClick={() => (run("removeFormat"), run("formatBlock", "p"))} />
          <VariableMenu props={props} onPick={(mark) => run("insertText", mark)} />
        </div>
      )}
      <div {...aria} id={id} data-name={name} ref={area} class="input rich-text" contentEditable={!disabled} role="textbox" aria-multiline="true" aria-required={required} aria-labelledby={props.label ? undefined : `${id}-label`} dir="auto" onInput={change} onPaste={paste} />
    </div>
  );
}
