// In which order customers' fields are shown, in which area, how wide, and which of them must be filled (FLD-35 to FLD-41).
import { useEffect, useId, useState } from "preact/hooks";
import { labelOf, useCustomerForm } from "../link/customer_form";
import type { Placed } from "../link/layout";
import { Button } from "../part/button";
import { Dialog } from "../part/dialog";
import { Icon } from "../part/icon";
import { Ordered } from "../part/order";
import { Skeleton } from "../part/skeleton";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { t } from "../word/words";

/** Stands before all others, and is not moved (FLD-36). */
const first = "name";

export function FieldOrder({ part, onClose }: { part: string; onClose: () => void }) {
  const id = useId();
  const { known, refused, busy, save } = useCustomerForm(part);
  const [placed, setPlaced] = useState<Placed[]>([]);
  useEffect(() => void (known && setPlaced(known.placed)), [known]);
  const of = (area: "A" | "B") => placed.filter((one) => one.area === area && one.field !== first);
  const change = (field: string, changes: Partial<Placed>) => setPlaced((was) => was.map((one) => (one.field === field ? { ...one, ...changes } : one)));
  const order = (area: "A" | "B", items: Placed[]) => setPlaced(() => [...placed.filter((one) => one.field === first), ...(area === "A" ? items : of("A")), ...(area === "B" ? items : of("B"))]);
  const done = async () => {
    const places = [...placed.filter((one) => one.field === first), ...of("A"), ...of("B")].map(({ field, area, required, always_required, call_record, label_width, content_width }) => ({ field, area, required: required && !always_required, call_record, label_width, content_width }));
    if (!(await save({ places }))) return;
    say(t("custom_field.tool.saved"));
    onClose();
  };
  const line = (one: Placed) => <Line one={one} onChange={(changes) => change(one.field, changes)} />;
  const name = placed.find((one) => one.field === first);
  return (
    <Dialog
      drawer
      wide
      title={t("custom_field.tool.order")}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("do.cancel")}</Button>
          <Button look="primary" busy={busy} disabled={!known} onClick={() => void done()}>{t("do.save")}</Button>
        </>
      }
    >
      <p class="soft laid-text">{t("custom_field.order.text")}</p>
      {refused && <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{refusalSentence(refused)}</span></p>}
      {!known && !refused && <Skeleton lines={8} />}
      {known && (
        <>
          <section class="laid-area" aria-labelledby={`${id}-A`}>
            <h3 id={`${id}-A`}>{t("customer_form.places.area.A")}</h3>
            {name && <div class="order-line">{line(name)}</div>}
            <Ordered id={`${id}-a`} items={of("A")} least={of("A").length} name={labelOf} line={line} onChange={(items) => order("A", items)} />
          </section>
          <section class="laid-area laid-area-b" aria-labelledby={`${id}-B`}>
            <h3 id={`${id}-B`}>{t("customer_form.places.area.B")}</h3>
            {of("B").length ? <Ordered id={`${id}-b`} items={of("B")} least={of("B").length} name={labelOf} line={line} onChange={(items) => order("B", items)} /> : <p class="soft small">{t("custom_field.order.empty_b")}</p>}
          </section>
        </>
      )}
    </Dialog>
  );
}

function Line({ one, onChange }: { one: Placed; onChange: (changes: Partial<Placed>) => void }) {
  const label = labelOf(one);
  const said = (key: string) => `${label}: ${t(`customer_form.places.${key}`)}`;
  const width = (key: "label_width" | "content_width") => (
    <label class="laid-width small" key={key}>
      <span>{t(`customer_form.places.${key}`)}</span>
      <input class="input input-small" type="number" min={0} max={100} aria-label={said(key)} value={one[key]} onChange={(e) => onChange({ [key]: Math.min(100, Math.max(0, Math.round(Number(e.currentTarget.value)) || 0)) })} />
    </label>
  );
  return (
    <div class="laid-line">
      <bdi class="laid-name">{label}</bdi>
      <label class="tick small">
        <input type="checkbox" aria-label={said("required")} checked={one.required} disabled={one.always_required} title={one.always_required ? t("custom_field.order.always") : undefined} onChange={(e) => onChange({ required: e.currentTarget.checked })} />
        <span>{t("customer_form.places.required")}</span>
      </label>
      {one.schema && (
        <label class="tick small" title={t("custom_field.order.call_record")}>
          <input type="checkbox" aria-label={said("call_record")} checked={one.call_record} onChange={(e) => onChange({ call_record: e.currentTarget.checked })} />
          <span>{t("customer_form.places.call_record")}</span>
        </label>
      )}
      {width("label_width")}
      {width("content_width")}
      {one.field !== first && <Button small look="quiet" onClick={() => onChange({ area: one.area === "A" ? "B" : "A" })}>{t(one.area === "A" ? "custom_field.order.to_b" : "custom_field.order.to_a")}</Button>}
    </div>
  );
}
