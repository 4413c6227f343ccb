// Free text in one line, which grows where there is room for much; the office may suggest what to type.
import { inputProps, typed, type EditorProps } from "./editor";

const oneLine = 120;

/** It is one line however long: Enter does what it does in every line. */
function oneLineOnly(event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }) {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}

export function Text(props: EditorProps) {
  const value = String(props.value ?? "");
  const change = (e: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => props.onChange(typed(e.currentTarget.value, props.field.nullable));
  const { schema } = props.field;
  const suggested = Array.isArray(schema["x-suggested"]) ? schema["x-suggested"].map(String) : [];
  if (suggested.length) {
    return (
      <>
        <input {...inputProps(props)} type="text" dir="auto" list={`${props.id}-suggested`} value={value} onInput={change} />
        <datalist id={`${props.id}-suggested`}>{suggested.map((one) => <option key={one} value={one} />)}</datalist>
      </>
    );
  }
  if ((schema.maxLength ?? oneLine) > oneLine && !schema["x-line"]) return <textarea {...inputProps(props)} class="input grows" dir="auto" rows={1} value={value} onInput={change} onKeyDown={oneLineOnly} />;
  return <input {...inputProps(props)} type="text" dir="auto" value={value} onInput={change} />;
}
