// Puts fields right that are not shown, shown in part or not found: all of them, or some that are picked (FLD-29 to FLD-31).
import { useEffect, useId, useState } from "preact/hooks";
import { labelOf } from "../link/customer_form";
import { layoutOf, type Placed } from "../link/layout";
import { ask, query, type Refused } from "../link/request";
import type { Row } from "../link/rows";
import { Button } from "../part/button";
import { Dialog } from "../part/dialog";
import { Icon } from "../part/icon";
import { refusalSentence } from "../word/refusal";
import { t } from "../word/words";

type Mended = { field: string; what: string };
const pageMax = 500;

export function FieldRepair({ part, onClose }: { part: string; onClose: () => void }) {
  const id = useId();
  const [rows, setRows] = useState<Row[]>([]);
  const [placed, setPlaced] = useState<Placed[]>([]);
  const [all, setAll] = useState(true);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [mended, setMended] = useState<Mended[] | null>(null);
  useEffect(() => {
    void ask<{ items: Row[] }>("GET", `custom_fields${query({ package: part, limit: pageMax })}`).then((answer) => answer.ok && setRows(answer.body.items));
    void layoutOf("customers", "package", part, true).then((answer) => answer.ok && setPlaced(answer.body.items));
  }, [part]);
  const start = async () => {
    setBusy(true);
    setRefused(null);
    const answer = await ask<{ mended: Mended[] }>("POST", "custom_fields/repair", { package: part, ...(all ? {} : { ids: [...chosen] }) });
    setBusy(false);
    answer.ok ? setMended(answer.body.mended) : setRefused(answer.refused);
  };
  const label = (field: string) => {
    const one = placed.find((each) => each.field === field);
    return one ? labelOf(one) : field;
  };
  const tick = (row: string, on: boolean) => setChosen((was) => new Set(on ? [...was, row] : [...was].filter((one) => one !== row)));
  return (
    <Dialog
      title={t("custom_field.tool.repair")}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t(mended ? "do.close" : "do.cancel")}</Button>
          <Button look="primary" busy={busy} disabled={!all && !chosen.size} onClick={() => void start()}>{t("custom_field.repair.start")}</Button>
        </>
      }
    >
      <p class="soft">{t("custom_field.repair.text")}</p>
      {refused && <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{refusalSentence(refused)}</span></p>}
      <div class="choice" role="group" aria-label={t("custom_field.tool.repair")}>
        {[true, false].map((every) => (
          <label key={String(every)}><input type="radio" name={id} checked={all === every} onChange={() => setAll(every)} />{t(every ? "custom_field.repair.all" : "custom_field.repair.some")}</label>
        ))}
      </div>
      {!all && (
        <div class="choices">
          {rows.map((row) => (
            <label class="tick" key={row.id}>
              <input type="checkbox" checked={chosen.has(row.id)} onChange={(e) => tick(row.id, e.currentTarget.checked)} />
              <bdi>{String(row.label)}</bdi>
            </label>
          ))}
          {!rows.length && <p class="soft">{t("custom_field.repair.none_yet")}</p>}
        </div>
      )}
      {mended && (
        <div role="status">
          {mended.length ? <ul class="plain-list">{mended.map((one) => <li key={one.field + one.what}><bdi>{label(one.field)}</bdi>: {t(`custom_field.mended.${one.what}`)}</li>)}</ul> : <p>{t("custom_field.repair.nothing")}</p>}
        </div>
      )}
    </Dialog>
  );
}
