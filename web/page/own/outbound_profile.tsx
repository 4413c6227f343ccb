// Which outside numbers go where: a number can be tried (OUT-32).
import { go } from "../../link/route";
import { Item } from "../../part/menu";
import { t } from "../../word/words";
import type { Own } from "../list";

export const outboundProfile = (): Own => ({
  more: (shut) => <Item icon="phone" label={t("ways.try")} onClick={() => (shut(), void go("/ways?tab=out"))} />,
});
