// Which rows of each table a role shows: the own, those of the own groups, or all (ROL-11).
import { t } from "../word/words";
import type { EditorProps } from "./editor";
import { nounWord } from "./grants";

const choices = ["self", "groups", "all"];

export function Scopes(props: EditorProps) {
  const tables = Object.keys(props.field.schema.properties ?? {});
  const value = (props.value ?? {}) as Record<string, string>;
  return (
    <div class="scopes" id={props.id}>
      {tables.map((table) => (
        <div class="scopes-line" role="group" aria-label={nounWord(table)} key={table}>
          <span>{nounWord(table)}</span>
          <div class="choice choice-small">
            {choices.map((choice) => (
              <label key={choice}>
                <input type="radio" name={`${props.id}-${table}`} disabled={props.disabled} checked={(value[table] ?? "self") === choice} onChange={() => props.onChange({ ...value, [table]: choice })} />
                {t(`scope.${choice}`)}
              </label>
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}
