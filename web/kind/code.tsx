// A long text that machines read, such as a phone's configuration: fixed width, Tab indents while it is being written.
import { inputProps, text, typed, type EditorProps } from "./editor";

const indent = "  ";

export function Code(props: EditorProps) {
  const change = (value: string) => props.onChange(typed(value, props.field.nullable));
  const keys = (event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }) => {
    // Whoever only comes by goes on with Tab; whoever writes leaves with Esc and then Tab.
    const area = event.currentTarget;
    if (!area.dataset.written) return;
    if (event.key === "Escape") {
      delete area.dataset.written;
      event.preventDefault();
    }
    if (event.key !== "Tab" || event.shiftKey) return;
    event.preventDefault();
    area.setRangeText(indent, area.selectionStart, area.selectionEnd, "end");
    change(area.value);
  };
  return <textarea {...inputProps(props)} class="input mono code" dir="ltr" rows={16} wrap="off" spellcheck={false} autocapitalize="off" value={text(props.value)} onInput={(e) => ((e.currentTarget.dataset.written = "yes"), change(e.currentTarget.value))} onFocus={(e) => delete e.currentTarget.dataset.written} onKeyDown={keys} />;
}
