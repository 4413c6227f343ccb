// One line that machines read: a user name, an address, a network, a realm. Left to right, without spelling marks.
import { inputProps, text, typed, type EditorProps } from "./editor";

export type LineMore = { inputMode?: "numeric" | "decimal" | "tel" | "email" | "url"; short?: boolean; placeholder?: string; strip?: RegExp };

export function LineInput({ props, inputMode, short = false, placeholder, strip = /^\s+|\s+$/g }: { props: EditorProps } & LineMore) {
  return (
    <input
      {...inputProps(props)}
      class={short ? "input input-short mono" : "input mono"}
      type="text"
      inputMode={inputMode}
      placeholder={placeholder}
      dir="ltr"
      spellcheck={false}
      autocapitalize="off"
      value={text(props.value)}
      onInput={(e) => props.onChange(typed(e.currentTarget.value.replace(strip, ""), props.field.nullable))}
    />
  );
}

export function Line(props: EditorProps) {
  return <LineInput props={props} />;
}
