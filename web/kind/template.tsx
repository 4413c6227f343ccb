// A text with ##variables##, which a menu puts in where the cursor stands.
import { useRef } from "preact/hooks";
import { Menu } from "../part/menu";
import { has, t } from "../word/words";
import { inputProps, text, typed, type EditorProps } from "./editor";

const oneLine = 200;

/** The words that a text may hold as `##word##`. */
export function variables(props: EditorProps): string[] {
  const words = props.field.schema["x-variables"];
  return Array.isArray(words) ? words.map(String) : [];
}

/** What a variable is called to people. */
export function variableWord(noun: string, word: string): string {
  for (const key of [`${noun}.variable.${word}`, `variable.${word}`, `customer.${word}`, `agent.${word}`]) if (has(key)) return t(key);
  return word;
}

export function VariableMenu({ props, onPick }: { props: EditorProps; onPick: (mark: string) => void }) {
  const words = variables(props);
  if (!words.length || props.disabled) return null;
  return (
    <Menu label={t("template.insert")} icon="plus" look="button button-plain button-small" side="left">
      {(close) =>
        words.map((word) => (
          <button key={word} type="button" class="menu-item" onClick={() => (close(), onPick(`##${word}##`))}>
            <span>{variableWord(props.noun, word)}</span>
            <span class="mono small soft">##{word}##</span>
          </button>
        ))
      }
    </Menu>
  );
}

export function Template(props: EditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const change = (value: string) => props.onChange(typed(value, props.field.nullable));
  const put = (mark: string) => {
    const field = area.current;
    if (!field) return;
    field.setRangeText(mark, field.selectionStart, field.selectionEnd, "end");
    change(field.value);
    field.focus();
  };
  return (
    <div class="stacked">
      <textarea {...inputProps(props)} ref={area} dir="auto" rows={(props.field.schema.maxLength ?? Infinity) > oneLine ? 6 : 2} value={text(props.value)} onInput={(e) => change(e.currentTarget.value)} />
      <VariableMenu props={props} onPick={put} />
    </div>
  );
}
