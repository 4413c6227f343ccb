// A time zone by its name, from the list that the browser knows, with what its clocks show now.
import { among, Combo } from "../part/combo";
import { tag } from "../word/words";
import { inputProps, text, type EditorProps } from "./editor";

function offset(zone: string): string {
  const parts = new Intl.DateTimeFormat(tag(), { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts();
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

export function TimeZone(props: EditorProps) {
  const value = text(props.value);
  const zones = Intl.supportedValuesOf("timeZone").map((id) => ({ id, name: id.replaceAll("_", " ") }));
  const find = among(zones);
  const found = async (typed: string) => {
    const answer = await find(typed.replaceAll("_", " "));
    return { ...answer, items: answer.items.map((one) => ({ ...one, note: offset(one.id) })) };
  };
  return <Combo input={inputProps(props)} shown={value.replaceAll("_", " ")} find={found} chosen={new Set([value])} onChoose={(one) => props.onChange(one.id)} />;
}
