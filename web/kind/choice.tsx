// One of a closed list: side by side where there are few, a list to open where there are many.
import type { Field } from "../link/schema";
import { t } from "../word/words";
import { inputProps, text, type EditorProps } from "./editor";

const sideBySideMax = 3;

/** The word of a choice: `agent.status.enabled`. */
export function choiceWord(noun: string, field: string, choice: string): string {
  return t(`${noun}.${field}.${choice}`);
}

/** The same, where the choices are the office's own words. */
export function wordOf(noun: string, field: Field, choice: string): string {
  return field.schema["x-plain"] ? choice : choiceWord(noun, field.path, choice);
}

/** Whether all of them are seen at once. */
export function sideBySide(field: Field): boolean {
  return field.choices.length <= sideBySideMax && !field.nullable;
}

export function Choice(props: EditorProps) {
  const { field, noun, id, value, onChange } = props;
  const { class: _, id: __, name: ___, ...input } = inputProps(props);
  const word = (choice: string) => wordOf(noun, field, choice);
  if (sideBySide(field) && !props.label) {
    return (
      <div class="choice" id={id}>
        {field.choices.map((choice) => (
          <label key={choice}>
            <input {...input} type="radio" name={id} data-name={field.path} value={choice} checked={value === choice} onChange={() => onChange(choice)} />
            {word(choice)}
          </label>
        ))}
      </div>
    );
  }
  const none = field.nullable || !field.choices.includes(text(value));
  return (
    <select {...inputProps(props)} value={text(value)} onChange={(e) => onChange(e.currentTarget.value || (field.nullable ? null : ""))}>
      {none && <option value="">{t(field.nullable ? "word.none" : "word.choose")}</option>}
      {field.choices.map((choice) => (
        <option key={choice} value={choice}>{word(choice)}</option>
      ))}
    </select>
  );
}

/** Several of a closed list, in its order. */
export function Choices(props: EditorProps) {
  const { noun, id, onChange } = props;
  const item = props.field.item!;
  const chosen = Array.isArray(props.value) ? props.value.map(String) : [];
  const toggle = (choice: string, on: boolean) => onChange(item.choices.filter((one) => (one === choice ? on : chosen.includes(one))));
  return (
    <div class="choices" id={id}>
      {item.choices.map((choice) => (
        <label key={choice} class="tick">
          <input type="checkbox" name={props.field.path} disabled={props.disabled} checked={chosen.includes(choice)} onChange={(e) => toggle(choice, e.currentTarget.checked)} />
          <span>{wordOf(noun, item, choice)}</span>
        </label>
      ))}
    </div>
  );
}
