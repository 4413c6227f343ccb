// Custom fields: the tools that order the fields of customers, say who sees them, and put them right (FLD-8).
import { look, place } from "../../link/route";
import { may, resource } from "../../link/schema";
import { Item } from "../../part/menu";
import { later } from "../../part/later";
import { t } from "../../word/words";
import type { Own } from "../list";

const Order = later(() => import("../field_order").then((made) => made.FieldOrder), () => <></>);
const Rights = later(() => import("../field_rights").then((made) => made.FieldRights), () => <></>);
const Repair = later(() => import("../field_repair").then((made) => made.FieldRepair), () => <></>);

const tools = { order: Order, rights: Rights, repair: Repair } as const;
const icons = { order: "grip", rights: "lock", repair: "refresh" } as const;
const names = Object.keys(tools) as (keyof typeof tools)[];

function Tool({ again }: { again: () => void }) {
  const asked = place.value.query;
  const name = names.find((one) => one === asked.get("tool"));
  const part = asked.get("package") ?? resource("custom_field")?.part ?? "";
  if (!name || !part) return null;
  const Chosen = tools[name];
  return <Chosen key={`${name} ${part}`} part={part} onClose={() => (void look({ tool: null }), again())} />;
}

export const customField = (): Own => {
  const declared = resource("custom_field");
  if (!declared || !may(declared, "tools")) return {};
  return {
    more: (close) => names.map((name) => <Item key={name} icon={icons[name]} label={t(`custom_field.tool.${name}`)} onClick={() => (close(), void look({ tool: name }))} />),
    above: (again) => <Tool again={again} />,
  };
};
