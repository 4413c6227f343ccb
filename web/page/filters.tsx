// The filters of a list, a button each: what is chosen stands in the address, so that a link carries it (LST-7).
import { useEffect, useState } from "preact/hooks";
import { choiceWord } from "../kind/choice";
import { shownName } from "../kind/ref";
import { choicesOf, type Option } from "../link/choices";
import { look, place } from "../link/route";
import { field, type Field, type Resource } from "../link/schema";
import { Icon } from "../part/icon";
import { Menu } from "../part/menu";
import { t } from "../word/words";

const partsMax = 200;

/** What the address asks for, of the fields by which this list is narrowed. */
export function filtersAsked(resource: Resource): Record<string, string> {
  const asked = place.value.query;
  const names = new Set([...(resource.filters ?? []), "below", ...(resource.within ? [resource.within] : [])]);
  return Object.fromEntries([...names].filter((name) => asked.get(name)).map((name) => [name, asked.get(name)!]));
}

export function Filters({ resource }: { resource: Resource }) {
  const asked = filtersAsked(resource);
  const part = inPart(resource, asked);
  const names = (resource.filters ?? []).filter((name) => resource.schema.properties?.[name] && name !== (resource.part ? resource.within : null));
  return (
    <>
      {names.map((name) => <Filter key={name} noun={resource.name} f={field(resource, name)} chosen={asked[name]?.split(",") ?? []} only={ofPart(resource, name, part)} />)}
      {Object.keys(asked).length > 0 && <button type="button" class="button button-quiet button-small" onClick={() => void look(Object.fromEntries(names.map((name) => [name, null])))}>{t("filter.clear")}</button>}
    </>
  );
}

/** The filters with the part that is listed where none was chosen (CUS-1, FLD-2, STG-3). */
export function inPart(resource: Resource, filters: Record<string, string>): Record<string, string> {
  const { within, part } = resource;
  return within && part && !filters[within] ? { ...filters, [within]: part } : filters;
}

/** What is chosen from stands in the same part as the rows that are listed (CUS-3, STG-15). */
function ofPart(resource: Resource, name: string, part: Record<string, string>): Record<string, string> {
  const within = resource.within ?? "";
  const tied = part[within] && resource.rules.some((r) => r.rule === "same" && r.field === name && r.of === within);
  return tied ? { [within]: part[within]! } : {};
}

/** Says which part is listed, and chooses it where there are several. */
export function Part({ resource, chosen }: { resource: Resource; chosen: string }) {
  const [parts, setParts] = useState<Option[]>([]);
  const f = field(resource, resource.within!);
  useEffect(() => void choicesOf(f.to ?? "", "", {}, partsMax).then(({ items }) => setParts(items)), []);
  const [only] = parts;
  if (!only) return null;
  if (parts.length === 1) return <span class="part-only"><span class="soft">{t(`${resource.name}.${f.name}`)}:</span> <bdi>{only.name}</bdi></span>;
  return (
    <select class="input part" aria-label={t(`${resource.name}.${f.name}`)} value={chosen} onChange={(e) => void look({ [f.name]: e.currentTarget.value === resource.part ? null : e.currentTarget.value })}>
      {parts.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
    </select>
  );
}

type One = { noun: string; f: Field; chosen: string[]; only: Record<string, string> };

function Filter({ noun, f, chosen, only }: One) {
  const label = t(`${noun}.${f.path}`);
  const target = f.to ?? f.item?.to ?? null;
  const said = chosen.map((value) => valueWord(noun, f, target, value));
  const set = (values: string[]) => void look({ [f.name]: values.join(",") || null });
  const face = (
    <>
      <span>{label}{said.length > 0 && ":"}</span>
      {said.length > 0 && <bdi class="filter-said">{said.slice(0, 2).join(", ")}{said.length > 2 && ` +${said.length - 2}`}</bdi>}
      <Icon name="down" size={14} />
    </>
  );
  return (
    <Menu label={said.length ? `${label}: ${said.join(", ")}` : label} side="left" look={chosen.length ? "button button-plain filter filter-on" : "button button-plain filter"} face={face}>
      {() => <Choosing noun={noun} f={f} target={target} chosen={chosen} only={only} onSet={set} />}
    </Menu>
  );
}

function valueWord(noun: string, f: Field, target: string | null, value: string): string {
  if (target) return shownName(target, value);
  if (f.kind === "switch") return t(value === "true" ? "word.yes" : "word.no");
  const choices = f.choices.length ? f : f.item;
  return choices?.choices.includes(value) ? choiceWord(noun, choices.path, value) : value;
}

function Choosing({ noun, f, target, chosen, only, onSet }: One & { target: string | null; onSet: (values: string[]) => void }) {
  const values = f.kind === "switch" ? ["true", "false"] : f.choices.length ? f.choices : (f.item?.choices ?? []);
  const toggle = (value: string) => onSet(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  if (target) return <Records noun={target} chosen={chosen} only={only} onToggle={toggle} />;
  if (values.length) return <>{values.map((value) => <Tick key={value} on={chosen.includes(value)} label={valueWord(noun, f, null, value)} onToggle={() => toggle(value)} />)}</>;
  return <input class="input" type="search" aria-label={t(`${noun}.${f.path}`)} value={chosen.join(",")} onChange={(e) => onSet([e.currentTarget.value.trim()].filter(Boolean))} />;
}

function Tick({ on, label, onToggle }: { on: boolean; label: string; onToggle: () => void }) {
  return (
    <label class="menu-item">
      <input type="checkbox" checked={on} onChange={onToggle} />
      <bdi>{label}</bdi>
    </label>
  );
}

type Choice = { noun: string; chosen: string[]; only: Record<string, string>; onToggle: (id: string) => void };

/** What is chosen are records by their ids. */
export function Records({ noun, chosen, only, onToggle }: Choice) {
  const [typed, setTyped] = useState("");
  const [found, setFound] = useState<Option[] | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => void choicesOf(noun, typed.trim(), only).then((answer) => setFound(answer.items)), typed ? 180 : 0);
    return () => clearTimeout(timer);
  }, [typed]);
  const others = found?.filter((one) => !chosen.includes(one.id)) ?? [];
  return (
    <>
      <input class="input menu-find" type="search" aria-label={t("grants.find")} placeholder={t("grants.find")} value={typed} onInput={(e) => setTyped(e.currentTarget.value)} />
      {chosen.map((id) => <Tick key={id} on label={shownName(noun, id)} onToggle={() => onToggle(id)} />)}
      {others.map((one) => <Tick key={one.id} on={false} label={one.name} onToggle={() => onToggle(one.id)} />)}
      {found && !found.length && <p class="combo-none soft">{t("combo.none")}</p>}
    </>
  );
}
