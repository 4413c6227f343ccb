// Which role views and edits which field of customers (FLD-32 to FLD-34).
import { useEffect, useId, useState } from "preact/hooks";
import { editor } from "../kind/kinds";
import { labelOf, useCustomerForm, type Rights } from "../link/customer_form";
import { alone } from "../link/schema";
import { Button } from "../part/button";
import { Dialog } from "../part/dialog";
import { Field } from "../part/field";
import { Icon } from "../part/icon";
import { Skeleton } from "../part/skeleton";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { t } from "../word/words";

const toRole = alone("role", "ref", { type: "string", "x-to": "role" });

/** The same list with a field on it, or without. */
export function ticked(list: string[], field: string, on: boolean): string[] {
  return on ? [...list.filter((one) => one !== field), field] : list.filter((one) => one !== field);
}

export function FieldRights({ part, onClose }: { part: string; onClose: () => void }) {
  const id = useId();
  const { known, refused, busy, save } = useCustomerForm(part);
  const [rights, setRights] = useState<Rights[]>([]);
  const [role, setRole] = useState("");
  useEffect(() => void (known && setRights(known.rights)), [known]);
  const own = rights.find((one) => one.role === role) ?? { role, unseen: [], unedited: [] };
  const set = (next: Rights) => setRights([...rights.filter((one) => one.role !== role), ...(next.unseen.length || next.unedited.length ? [next] : [])]);
  const done = async () => {
    if (!(await save({ rights }))) return;
    say(t("custom_field.tool.saved"));
    onClose();
  };
  const Role = editor("ref");
  return (
    <Dialog
      drawer
      title={t("custom_field.tool.rights")}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("do.cancel")}</Button>
          <Button look="primary" busy={busy} disabled={!known || !role} onClick={() => void done()}>{t("do.save")}</Button>
        </>
      }
    >
      {refused && <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{refusalSentence(refused)}</span></p>}
      <Field id={`${id}-role`} label={t("customer_form.rights.role")} help={t("custom_field.rights.text")}>
        <Role id={`${id}-role`} noun="customer_form" field={toRole} value={role} onChange={(value) => setRole(String(value ?? ""))} wrong={false} describedBy={`${id}-role-help`} adding disabled={false} first />
      </Field>
      {!known && !refused && <Skeleton lines={8} />}
      {known && (
        <table class="rights-table">
          <thead>
            <tr><th scope="col">{t("custom_field.rights.field")}</th><th scope="col">{t("custom_field.rights.view")}</th><th scope="col">{t("custom_field.rights.edit")}</th></tr>
          </thead>
          <tbody>
            {known.placed.map((one) => {
              const label = labelOf(one);
              const sees = !own.unseen.includes(one.field);
              const edits = sees && !own.unedited.includes(one.field);
              return (
                <tr key={one.field}>
                  <th scope="row"><bdi>{label}</bdi></th>
                  <td><input type="checkbox" aria-label={`${label}: ${t("custom_field.rights.view")}`} checked={sees} disabled={!role || !one.schema} title={one.schema ? undefined : t("custom_field.rights.fixed")} onChange={(e) => set({ ...own, unseen: ticked(own.unseen, one.field, !e.currentTarget.checked) })} /></td>
                  <td><input type="checkbox" aria-label={`${label}: ${t("custom_field.rights.edit")}`} checked={edits} disabled={!role || !sees} onChange={(e) => set({ ...own, unedited: ticked(own.unedited, one.field, !e.currentTarget.checked) })} /></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Dialog>
  );
}
