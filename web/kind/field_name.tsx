// A field of another noun, by its name; several are chosen from those that there are (PKG-18, PKG-19).
import { useEffect, useState } from "preact/hooks";
import { layoutOf, ownLabel, type Placed } from "../link/layout";
import { pathOf, resource } from "../link/schema";
import { among } from "../part/combo";
import { t } from "../word/words";
import type { EditorProps } from "./editor";
import { Picked } from "./picked";

export { Line as FieldName } from "./line";

/** The fields that the office added to records of a noun in this part of it; a part that is not saved has none. */
function useOwn(noun: string, part: string | null | undefined): Placed[] {
  const [own, setOwn] = useState<Placed[]>([]);
  const within = resource(noun)?.within;
  useEffect(() => {
    if (part && within) void layoutOf(pathOf(noun), within, part, true).then((answer) => setOwn(answer.ok ? answer.body.items.filter((one) => one.schema) : []));
  }, [noun, part]);
  return own;
}

export function FieldNames(props: EditorProps) {
  const { schema } = props.field;
  const noun = String(schema["x-of"]);
  const own = useOwn(noun, props.record);
  const declared = (schema["x-offered"] as string[] | undefined) ?? [];
  const options = [...declared.map((id) => ({ id, name: t(`${noun}.${id}`) })), ...own.map((one) => ({ id: one.field, name: ownLabel(one) }))];
  const name = (id: string) => options.find((one) => one.id === id)?.name ?? id;
  return <Picked props={props} name={name} placeholder={t("field_name.add")} find={among(options)} />;
}
