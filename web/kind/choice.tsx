// One of a closed list: side by side where there are few, a list to open where there are many.
import { t } from "../word/words";
import { inputProps, type EditorProps } from "./editor";

const sideBySide = 3;

/** The word of a choice: `agent.status.enabled`. */
export function choiceWord(noun: string, field: string, choice: string): string {
  return t(`${noun}.${field}.${choice}`);
}

export function Choice(props: EditorProps) {
  const { field, noun, id, value, onChange } = props;
  const { class: _, id: __, ...input } = inputProps(props);
  if (field.choices.length <= sideBySide && !field.nullable) {
    return (
      <div class="choice" id={id}>
        {field.choices.map((choice) => (
          <label key={choice}>
            <input {...input} type="radio" name={id} checked={value === choice} onChange={() => onChange(choice)} />
            {choiceWord(noun, field.name, choice)}
          </label>
        ))}
      </div>
    );
  }
  return (
    <select {...inputProps(props)} value={String(value ?? "")} onChange={(e) => onChange(e.currentTarget.value || null)}>
      {field.nullable && <option value="">{t("word.none")}</option>}
      {field.choices.map((choice) => (
        <option key={choice} value={choice}>{choiceWord(noun, field.name, choice)}</option>
      ))}
    </select>
  );
}
