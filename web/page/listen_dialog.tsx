// The sound of a record, heard in a dialog over its list.
import { fileAddress } from "../kind/file";
import type { Row } from "../link/rows";
import type { Resource } from "../link/schema";
import { Button } from "../part/button";
import { Dialog } from "../part/dialog";
import { t } from "../word/words";
import { fileOf } from "./listen";

export function Listen({ declared, row, name, onClose }: { declared: Resource; row: Row; name: string; onClose: () => void }) {
  const f = fileOf(declared);
  const hash = f && row[f.name];
  const download = declared.may?.includes("download") && <a class="button button-plain" href={`/panel/${declared.path}/${row.id}/file`} download>{t("action.download")}</a>;
  return (
    <Dialog title={<bdi>{name}</bdi>} onClose={onClose} foot={<>{download}<Button look="primary" onClick={onClose}>{t("do.close")}</Button></>}>
      {typeof hash === "string" && <audio class="listen" data-first controls autoplay src={fileAddress(declared.name, hash)} aria-label={name} />}
    </Dialog>
  );
}
