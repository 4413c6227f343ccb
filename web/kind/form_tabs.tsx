// Tabs of forms, by noun; those that are ticked are on the list (ROL-10).
import { has, t } from "../word/words";
import type { EditorProps } from "./editor";
import { grouped } from "./grants";
import { TickGroups } from "./hidden_fields";

export function FormTabs(props: EditorProps) {
  const groups = grouped(props.field.item?.choices ?? []).map(({ noun, label, words }) => ({ key: noun, label, ticks: words.map(({ word, part }) => ({ word, label: has(`tab.${part}`) ? t(`tab.${part}`) : part })) }));
  return <TickGroups props={props} groups={groups} />;
}
