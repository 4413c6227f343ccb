// The fields of a record under their tabs, each with its editor, its help and what is wrong with it.
import { cell } from "../kind/cell";
import { sideBySide } from "../kind/choice";
import { editor, grouped, hidden, wide } from "../kind/kinds";
import { ownField, ownLabel, ownOf, valueAt, type Placed } from "../link/layout";
import { needed, overruled, type Field as Declared, type Resource, type Rule } from "../link/schema";
import { describedBy, Field } from "../part/field";
import { Icon } from "../part/icon";
import type { Tab } from "../part/tabs";
import { whySentence } from "../word/refusal";
import { figure } from "../word/time";
import { begin, has, language, t } from "../word/words";
import { Moves } from "./moves";
import { waiting } from "./views";
import type { Kept } from "./record";

/** Kinds whose editor needs no more than half a line. */
const halves: ReadonlySet<string> = new Set(["choice", "code_word", "country", "currency", "date", "decimal", "dialable", "digits", "email", "feature_code", "host", "host_port", "internal_number", "keys", "lettered", "letters", "link", "mac", "moment", "name", "number", "number_prefix", "percent", "phone", "phone_line", "ref", "seconds", "storage_name", "time_of_day", "time_zone", "username"]);

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
    const names = listed.filter((f) => f.name === "first_name" || f.name === "last_name");
    const first = kept.adding && tab === tabs[0] ? listed[0]!.name : "";
    const placed = ownOf(listed) ? (kept.placed ?? []) : [];
    const left = listed.filter((f) => f.kind !== "custom" && !placed.some((one) => one.field === f.name));
    // Said once where it is so of all of them.
    const given = listed.every((f) => f.given);
    const body = (
      <>
        {given && <p class="notice tone-off"><Icon name="lock" size={18} /> <span>{t("form.given")}</span></p>}
        {left.length > 0 && <div class="form-fields">{left.map((f) => <One key={f.name} kept={kept} f={f} id={id} first={f.name === first} begins={names.length === 2 && f === names[0]} known={given} />)}</div>}
        {(["A", "B"] as const).map((area) => <Laid key={area} kept={kept} listed={listed} placed={placed.filter((one) => one.area === area)} area={area} id={id} />)}
      </>
    );
    return [{ name: tab.name, label: tabWord(resource, tab.name), wrong: listed.some(faulty), body }];
  });
}

/** The fields of an area in the office's order, with those that it added; area `B` is highlighted (FLD-37). */
function Laid({ kept, listed, placed, area, id }: { kept: Kept; listed: Declared[]; placed: Placed[]; area: "A" | "B"; id: string }) {
  const fields = placed.flatMap((one) => {
    const f = one.schema ? ownField(one) : listed.find((f) => f.name === one.field);
    return f ? [{ one, f }] : [];
  });
  if (!fields.length) return null;
  return (
    <div class={area === "B" ? "form-laid form-laid-b" : "form-laid"} role={area === "B" ? "group" : undefined} aria-label={area === "B" ? t("form.area_b") : undefined}>
      {fields.map(({ one, f }) => <One key={f.name} kept={kept} f={f} id={id} first={false} placed={one} />)}
    </div>
  );
}

function One({ kept, f, id, first, begins, known, placed }: { kept: Kept; f: Declared; id: string; first: boolean; begins?: boolean; known?: boolean; placed?: Placed }) {
  const { resource, adding, values, wrong, busy } = kept;
  const locked = kept.locked || placed?.edit === false;
  const at = `${id}-${f.name.replace(".", "-")}`;
  const key = `${resource.name}.${f.name}`;
  const value = valueAt(values, f.name);
  const why = wrong[f.name];
  const inside = Object.fromEntries(Object.entries(wrong).filter(([place]) => place.startsWith(`${f.name}.`)).map(([place, one]) => [place.slice(f.name.length + 1), one]));
  const fixed = !adding && f.fixed;
  const note = f.given ? (known ? undefined : t("form.given")) : fixed ? t("form.fixed") : undefined;
  const help = note ?? (adding && resource.many?.field === f.name ? t("many.help") : undefined) ?? (has(`${key}.help`) ? t(`${key}.help`) : undefined);
  const half = (halves.has(f.kind) || (f.kind === "text" && (f.schema.maxLength ?? 0) <= 120)) && !(f.kind === "choice" && sideBySide(f));
  const must = placed?.required || needed(resource, f, values, adding);
  const optional = !locked && !f.given && !must && !f.generated && !hidden.has(f.kind) && (f.nullable || (f.schema.type === "string" && !f.schema.minLength)) && f.kind !== "choice";
  const common = { id: at, label: placed?.schema ? ownLabel(placed) : t(key), help, error: why && [whySentence(resource.name, f.name, why), ...(Array.isArray(why.entries) ? why.entries : [])].join(" "), half: half && !(adding && resource.many?.field === f.name), begins, optional, lock: f.given || placed?.edit === false, ...(placed ? widths(placed, half) : {}) };
  if (f.shown) return <Field {...common} help={has(`${key}.help`) ? t(`${key}.help`) : undefined} optional={false} group><div class="field-shown">{cell(resource.name, f, value) ?? <span class="soft">–</span>}</div></Field>;
  const several = adding && resource.many?.field === f.name;
  const Editor = editor(several ? "lines" : f.kind);
  return (
    <Field {...common} group={grouped(f)} inline={f.kind === "switch"}>
      <Editor id={at} noun={resource.name} field={{ ...f, required: must, choices: adding && f.name === resource.approval ? f.choices.filter((choice) => choice !== waiting) : f.choices }} value={value} onChange={(value) => kept.set(f.name, value)} onWritten={() => void kept.readAgain(f.name)} wrong={Boolean(why)} inside={inside} describedBy={describedBy(at, help, why)} adding={adding} disabled={busy || fixed || f.given || locked} first={first} record={kept.row?.id ?? null} form={values} only={narrowing(resource.rules, f.name, values)} />
      <Beyond most={f.schema["x-given-most"]} value={value} />
      <Overruled numbers={why ? [] : overruled(resource, f.name, value)} />
      <Moves resource={resource} f={f} value={value} here={kept.row?.id ?? null} />
    </Field>
  );
}

/** What the operator allows holds, also where more was set before (UPS-101). */
function Beyond({ most, value }: { most: number | undefined; value: unknown }) {
  if (most === undefined || typeof value !== "number" || value <= most) return null;
  return <p class="field-warned" role="status"><Icon name="warning" size={16} /> <span>{t("form.beyond", { most: figure(most) })}</span></p>;
}

/** Whoever dials such a number is put through to the emergency service, not here. */
function Overruled({ numbers }: { numbers: string[] }) {
  if (!numbers.length) return null;
  return <p class="field-warned" role="status"><Icon name="warning" size={16} /> <span>{t("form.overruled", { n: numbers.length, numbers: numbers.join(", ") })}</span></p>;
}

/** How wide a placed field is, and its label beside it; 0 is left to the style (FLD-41). */
function widths({ label_width: label, content_width: content }: Placed, half: boolean) {
  const wide = content || (half ? 50 : 100);
  return { beside: label > 0, style: { "--wide": `${wide}%`, ...(label > 0 ? { "--label": `${label}%` } : {}) } };
}

/** Which records a reference may refer to, by the rules of its resource. */
export function narrowing(rules: Rule[], name: string, form: Record<string, unknown>): { of: string; is: string[] }[] {
  const own = rules.filter((r) => r.field === name && (r.rule === "only" || (r.rule === "same" && form[r.of ?? ""])));
  return own.map((r) => ({ of: r.of ?? "", is: r.rule === "only" ? (r.is ?? []) : [String(form[r.of!])] }));
}
