// The fields of a record under their tabs, each with its editor, its help and what is wrong with it.
import { cell } from "../kind/cell";
import { sideBySide } from "../kind/choice";
import { editor, grouped, hidden, wide } from "../kind/kinds";
import { needed, type Field as Declared, type Resource, type Rule } from "../link/schema";
import { describedBy, Field } from "../part/field";
import type { Tab } from "../part/tabs";
import { whySentence } from "../word/refusal";
import { begin, has, language, t } from "../word/words";
import { Moves } from "./moves";
import { waiting } from "./views";
import type { Kept } from "./record";

/** Kinds whose editor needs no more than half a line. */
const halves: ReadonlySet<string> = new Set(["choice", "country", "currency", "date", "decimal", "dialable", "digits", "email", "feature_code", "host", "host_port", "internal_number", "keys", "lettered", "letters", "link", "mac", "moment", "name", "number", "number_prefix", "percent", "phone", "phone_line", "ref", "seconds", "time_of_day", "time_zone", "username"]);

/** The family name stands first where people write it first. */
export function familyFirst(listed: Declared[], code: string): Declared[] {
  const [first, last] = ["first_name", "last_name"].map((name) => listed.findIndex((f) => f.name === name)) as [number, number];
  if (code === "en" ? first < 0 || last < 0 || first < last : first < 0 || last < first) return listed;
  const swapped = [...listed];
  [swapped[first], swapped[last]] = [listed[last]!, listed[first]!];
  return swapped;
}

/** Whether a form wants the wide drawer. */
export function isWide(resource: Resource, declared: Declared[]): boolean {
  return declared.some((f) => wide.has(f.kind) || (f.item !== null && f.item.kind === "row")) || resource.tabs.length > 4;
}

export function tabWord(resource: Resource, tab: string): string {
  const own = `${resource.name}.tab.${tab}`;
  return has(own) ? t(own) : has(`tab.${tab}`) ? t(`tab.${tab}`) : begin(tab);
}

/** The tabs of a form; one whose fields all do not appear is not there. */
export function tabsOf(kept: Kept, id: string): Tab[] {
  const { resource, declared, shown, wrong } = kept;
  const tabs = resource.tabs.length ? resource.tabs : [{ name: "general", fields: declared.map((f) => f.name) }];
  const faulty = (f: Declared) => Object.keys(wrong).some((place) => place === f.name || place.startsWith(`${f.name}.`));
  return tabs.flatMap((tab) => {
    const listed = familyFirst(declared.filter((f) => tab.fields.includes(f.name) && shown(f)), language.value);
    if (!listed.length) return [];
    const first = kept.adding && tab === tabs[0] ? listed[0]!.name : "";
    return [{ name: tab.name, label: tabWord(resource, tab.name), wrong: listed.some(faulty), body: <div class="form-fields">{listed.map((f) => <One key={f.name} kept={kept} f={f} id={id} first={f.name === first} />)}</div> }];
  });
}

function One({ kept, f, id, first }: { kept: Kept; f: Declared; id: string; first: boolean }) {
  const { resource, adding, values, wrong, busy, locked } = kept;
  const at = `${id}-${f.name}`;
  const key = `${resource.name}.${f.name}`;
  const why = wrong[f.name];
  const inside = Object.fromEntries(Object.entries(wrong).filter(([place]) => place.startsWith(`${f.name}.`)).map(([place, one]) => [place.slice(f.name.length + 1), one]));
  const fixed = !adding && f.fixed;
  const note = f.given ? t("form.given") : fixed ? t("form.fixed") : undefined;
  const help = note ?? (adding && resource.many?.field === f.name ? t("many.help") : undefined) ?? (has(`${key}.help`) ? t(`${key}.help`) : undefined);
  const half = (halves.has(f.kind) || (f.kind === "text" && (f.schema.maxLength ?? 0) <= 120)) && !(f.kind === "choice" && sideBySide(f));
  const must = needed(resource, f, values, adding);
  const optional = !locked && !f.given && !must && !f.generated && !hidden.has(f.kind) && (f.nullable || (f.schema.type === "string" && !f.schema.minLength)) && f.kind !== "choice";
  const common = { id: at, label: t(key), help, error: why && [whySentence(resource.name, f.name, why), ...(Array.isArray(why.entries) ? why.entries : [])].join(" "), half: half && !(adding && resource.many?.field === f.name), optional, lock: f.given };
  if (f.shown) return <Field {...common} help={has(`${key}.help`) ? t(`${key}.help`) : undefined} optional={false} group><div class="field-shown">{cell(resource.name, f, values[f.name]) ?? <span class="soft">–</span>}</div></Field>;
  const several = adding && resource.many?.field === f.name;
  const Editor = editor(several ? "lines" : f.kind);
  return (
    <Field {...common} group={grouped(f)} inline={f.kind === "switch"}>
      <Editor id={at} noun={resource.name} field={{ ...f, required: must, choices: adding && f.name === resource.approval ? f.choices.filter((choice) => choice !== waiting) : f.choices }} value={values[f.name]} onChange={(value) => kept.set(f.name, value)} onWritten={() => void kept.readAgain(f.name)} wrong={Boolean(why)} inside={inside} describedBy={describedBy(at, help, why)} adding={adding} disabled={busy || fixed || f.given || locked} first={first} form={values} only={narrowing(resource.rules, f.name)} />
      <Moves resource={resource} f={f} value={values[f.name]} here={kept.row?.id ?? null} />
    </Field>
  );
}

/** Which records a reference may refer to, by the rules of its resource. */
function narrowing(rules: Rule[], name: string): { of: string; is: string[] }[] {
  return rules.filter((r) => r.rule === "only" && r.field === name).map((r) => ({ of: r.of ?? "", is: r.is ?? [] }));
}
