// Names the records that leave another one when this one is saved: who is added here is taken from there (DEP-10).
import { useEffect, useState } from "preact/hooks";
import { shownName } from "../kind/ref";
import { ask } from "../link/request";
import type { Row } from "../link/rows";
import { pathOf, type Field, type Resource } from "../link/schema";
import { Icon } from "../part/icon";
import { t } from "../word/words";

type Move = { id: string; from: string };

/** `here` is the record that is edited; null while it is added. */
export function Moves({ resource, f, value, here }: { resource: Resource; f: Field; value: unknown; here: string | null }) {
  const rule = resource.rules.find((one) => one.rule === "members" && one.field === f.name);
  const ids = Array.isArray(value) ? value.map(String) : [];
  const [moves, setMoves] = useState<Move[]>([]);
  const noun = String(rule?.noun ?? "");
  useEffect(() => {
    let mine = true;
    const from = async (id: string): Promise<Move | null> => {
      const answer = await ask<Row>("GET", `${pathOf(noun)}/${id}`);
      const held = answer.ok ? answer.body[String(rule?.by)] : null;
      return held && held !== here ? { id, from: String(held) } : null;
    };
    if (rule) void Promise.all(ids.map(from)).then((found) => mine && setMoves(found.filter((one) => one !== null)));
    return () => void (mine = false);
  }, [JSON.stringify(ids)]);
  if (!moves.length) return null;
  return (
    <ul class="moves" role="status">
      {moves.map(({ id, from }) => <li key={id}><Icon name="info" size={16} /> {t("form.moves", { name: shownName(noun, id), from: shownName(resource.name, from) })}</li>)}
    </ul>
  );
}
