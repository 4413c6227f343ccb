// Numbers on which calls arrive: the picture of where their calls can go.
import { go } from "../../link/route";
import { Item } from "../../part/menu";
import { t } from "../../word/words";
import type { Own } from "../list";

export const did = (): Own => ({
  rowMore: (row, shut) => <Item icon="tree" label={t("flow.open")} onClick={() => (shut(), void go(`/ways?tab=flow&did=${row.id}`))} />,
  more: (shut) => <Item icon="calls" label={t("ways.tab.in")} onClick={() => (shut(), void go("/ways?tab=in"))} />,
});
