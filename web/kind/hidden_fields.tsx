// Fields of the nouns, to be ticked one by one; those that are ticked are on the list (ROL-9).
import { useState } from "preact/hooks";
import { fields, resources } from "../link/schema";
import { Icon } from "../part/icon";
import { many, t } from "../word/words";
import type { EditorProps } from "./editor";

export type TickGroup = { key: string; label: string; ticks: { word: string; label: string }[] };

export function TickGroups({ props, groups }: { props: EditorProps; groups: TickGroup[] }) {
  const [typed, setTyped] = useState("");
  const chosen = new Set(Array.isArray(props.value) ? props.value.map(String) : []);
  const order = groups.flatMap((group) => group.ticks.map((tick) => tick.word));
  const toggle = (word: string, on: boolean) => {
    const next = new Set(chosen);
    on ? next.add(word) : next.delete(word);
    props.onChange([...order.filter((one) => next.has(one)), ...[...next].filter((one) => !order.includes(one))]);
  };
  const text = typed.trim().toLowerCase();
  const meets = (group: TickGroup) => group.label.toLowerCase().includes(text) || group.ticks.some((tick) => tick.label.toLowerCase().includes(text));
  return (
    <div class="tick-groups" id={props.id}>
      {groups.length > 8 && <input class="input input-find" type="search" aria-label={t("grants.find")} placeholder={t("grants.find")} value={typed} onInput={(e) => setTyped(e.currentTarget.value)} />}
      <div class="tick-groups-list">
        {groups.filter(meets).map((group) => {
          const on = group.ticks.filter((tick) => chosen.has(tick.word)).length;
          return (
            <details key={group.key} open={on > 0 || text !== "" || groups.length < 4}>
              <summary><Icon name="next" size={14} /> {group.label}{on > 0 && <span class="side-count">{on}</span>}</summary>
              <div class="choices">
                {group.ticks.map((tick) => (
                  <label class="tick" key={tick.word}>
                    <input type="checkbox" checked={chosen.has(tick.word)} disabled={props.disabled} onChange={(e) => toggle(tick.word, e.currentTarget.checked)} />
                    <span>{tick.label}</span>
                  </label>
                ))}
              </div>
            </details>
          );
        })}
      </div>
    </div>
  );
}

/** A noun with two pages, the office's and the operator's, has its fields once. */
export function HiddenFields(props: EditorProps) {
  const groups = (resources.value ?? []).filter((noun, n, all) => noun.menu !== "beside" && all.findIndex(({ name }) => name === noun.name) === n).map((noun) => ({ key: noun.name, label: many(noun.name), ticks: fields(noun).map((f) => ({ word: `${noun.name}.${f.name}`, label: t(`${noun.name}.${f.name}`) })) }));
  return <TickGroups props={props} groups={groups} />;
}
