// A long text that machines read, such as a phone's configuration: fixed width, Tab stays in it while it is being written.
import { inputProps, text, typed, type EditorProps } from "./editor";

const indent = "  ";

export function Code(props: EditorProps) {
  const change = (value: string) => props.onChange(typed(value, props.field.nullable));
  const keys = (event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }) => {
    // Esc and then Tab leaves, as for everybody who cannot use a mouse.
    const area = event.currentTarget;
    if (event.key === "Escape") area.dataset.leave = "yes";
    if (event.key !== "Tab" || event.shiftKey || area.dataset.leave) return;
    event.preventDefault();
    area.setRangeText(indent, area.selectionStart, area.selectionEnd, "end");
    change(area.value);
  };
  return <textarea {...inputProps(props)} class="input mono code" dir="ltr" rows={16} wrap="off" spellcheck={false} autocapitalize="off" value={text(props.value)} onInput={(e) => change(e.currentTarget.value)} onFocus={(e) => delete e.currentTarget.dataset.leave} onKeyDown={keys} />;
}
