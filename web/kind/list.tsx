// Several values of one kind in their order: records, rows, ticks, or one value a line.
import { Choices } from "./choice";
import { inputProps, type EditorProps } from "./editor";
import { FieldNames } from "./field_name";
import { later } from "../part/later";
import { QuickTimes } from "./quick_time";
import { RedialTimes } from "./redial_time";
import { Refs } from "./ref";
import { Rows } from "./row";

const Periods = later(() => import("./period").then((made) => made.Periods));
const Countries = later(() => import("./country").then((made) => made.Countries));

export function List(props: EditorProps) {
  const item = props.field.item;
  if (item?.kind === "ref") return <Refs {...props} />;
  if (item?.kind === "row") return <Rows {...props} />;
  if (item?.kind === "choice") return <Choices {...props} />;
  if (item?.kind === "period") return <Periods {...props} />;
  if (item?.kind === "quick_time") return <QuickTimes {...props} />;
  if (item?.kind === "redial_time") return <RedialTimes {...props} />;
  if (item?.kind === "field_name" && props.field.schema["x-of"]) return <FieldNames {...props} />;
  if (item?.kind === "country") return <Countries {...props} />;
  return <ListLines {...props} />;
}

function ListLines(props: EditorProps) {
  const numbers = props.field.item?.schema.type === "integer";
  const entries = Array.isArray(props.value) ? (props.value as unknown[]).map(String) : [];
  const read = (line: string) => (numbers && /^\s*-?\d+\s*$/.test(line) ? Number(line) : line);
  const machine = props.field.item?.kind !== "name" && props.field.item?.kind !== "text";
  return <textarea {...inputProps(props)} class={machine ? "input mono" : "input"} dir={machine ? "ltr" : "auto"} spellcheck={!machine} rows={Math.min(10, Math.max(3, entries.length + 1))} value={entries.join("\n")} onInput={(e) => props.onChange(e.currentTarget.value === "" ? [] : e.currentTarget.value.split("\n").map(read))} />;
}
