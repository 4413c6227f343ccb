// What a role may do: a line a noun, a tick an action; what everybody has stands there grey (ROL-15, ROL-16).
import { useState } from "preact/hooks";
import { Button } from "../part/button";
import { t } from "../word/words";
import type { EditorProps } from "./editor";
import { actionWord, grouped, type Group } from "./grants";

const columns = ["view", "add", "edit", "delete"];

export function Permissions(props: EditorProps) {
  const { id, onChange, disabled } = props;
  const [typed, setTyped] = useState("");
  const all = props.field.item?.choices ?? [];
  const given = new Set(((props.field.schema["x-given"] as string[] | undefined) ?? []).map(String));
  const chosen = new Set([...(Array.isArray(props.value) ? props.value.map(String) : []), ...given]);
  const save = (next: Set<string>) => onChange(all.filter((word) => next.has(word)));
  /** Whoever may change something must be able to see it. */
  const set = (words: string[], on: boolean) => {
    const next = new Set(chosen);
    for (const word of words) {
      if (given.has(word)) continue;
      const view = `${word.split(".")[0]}.view`;
      if (on) [word, ...(all.includes(view) ? [view] : [])].forEach((one) => next.add(one));
      else if (word === view) all.filter((one) => one.startsWith(view.slice(0, -"view".length))).forEach((one) => next.delete(one));
      else next.delete(word);
    }
    save(next);
  };
  const text = typed.trim().toLowerCase();
  const groups = grouped(all).filter((group) => !text || group.label.toLowerCase().includes(text) || group.noun.includes(text));
  const shown = groups.flatMap((group) => group.words.map(({ word }) => word));
  return (
    <div class="grants" id={id}>
      <div class="cell-line grants-tools">
        <input class="input input-find" type="search" aria-label={t("grants.find")} placeholder={t("grants.find")} value={typed} onInput={(e) => setTyped(e.currentTarget.value)} />
        <span class="small soft" role="status">{t("grants.count", { n: all.filter((word) => chosen.has(word)).length, of: all.length })}</span>
        {!disabled && <Button small onClick={() => set(shown.filter((word) => word.endsWith(".view")), true)}>{t("grants.view")}</Button>}
        {!disabled && <Button small onClick={() => set(shown, true)}>{t("grants.all")}</Button>}
        {!disabled && <Button small look="quiet" onClick={() => save(new Set([...chosen].filter((word) => given.has(word) || !shown.includes(word))))}>{t("grants.none")}</Button>}
      </div>
      <div class="grants-frame">
        <table class="grants-table" aria-labelledby={`${props.id}-label`}>
          <thead>
            <tr>
              <th scope="col">{t("grants.what")}</th>
              {columns.map((action) => <th key={action} scope="col">{t(`action.${action}`)}</th>)}
              <th scope="col">{t("grants.more")}</th>
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => <Line key={group.noun} group={group} chosen={chosen} given={given} disabled={disabled} onSet={set} />)}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Line({ group, chosen, given, disabled, onSet }: { group: Group; chosen: Set<string>; given: Set<string>; disabled: boolean; onSet: (words: string[], on: boolean) => void }) {
  const free = group.words.filter(({ word }) => !given.has(word)).map(({ word }) => word);
  const on = free.filter((word) => chosen.has(word)).length;
  const tick = (word: string, part: string, named: boolean) => {
    const action = actionWord(group.noun, part);
    return (
      <label class="tick" key={word}>
        <input type="checkbox" data-word={word} checked={chosen.has(word)} disabled={disabled || given.has(word)} aria-label={`${group.label}: ${action}`} onChange={(e) => onSet([word], e.currentTarget.checked)} />
        <span class={named ? undefined : "grants-word"}>{action}</span>
      </label>
    );
  };
  return (
    <tr>
      <th scope="row">
        <label class="tick">
          <input type="checkbox" checked={free.length === 0 || on === free.length} indeterminate={on > 0 && on < free.length} disabled={disabled || !free.length} onChange={(e) => onSet(free, e.currentTarget.checked)} />
          <span>{group.label}</span>
        </label>
      </th>
      {columns.map((action) => {
        const found = group.words.find(({ part }) => part === action);
        return <td key={action}>{found && tick(found.word, action, false)}</td>;
      })}
      <td><span class="grants-more">{group.words.filter(({ part }) => !columns.includes(part)).map(({ word, part }) => tick(word, part, true))}</span></td>
    </tr>
  );
}
