// The order and the rights of a package's fields, read and saved as one record.
import { useEffect, useState } from "preact/hooks";
import { layoutOf, ownLabel, type Placed } from "./layout";
import { ask, query, type Refused } from "./request";
import { t } from "../word/words";

export type Rights = { role: string; unseen: string[]; unedited: string[] };
type Form = { id: string; rev: number; rights: Rights[] };

export function labelOf(placed: Placed): string {
  return placed.schema ? ownLabel(placed) : t(`customer.${placed.field}`);
}

export type Known = { placed: Placed[]; rights: Rights[] };

/** What is known of a package's form, and the way to save a part of it; null until it has come. */
export function useCustomerForm(part: string) {
  const [known, setKnown] = useState<Known | null>(null);
  const [form, setForm] = useState<Form | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const load = async () => {
    const [fields, forms] = await Promise.all([layoutOf("customers", "package", part, true), ask<{ items: Form[] }>("GET", `customer_forms${query({ package: part })}`)]);
    if (!fields.ok) return setRefused(fields.refused);
    if (!forms.ok) return setRefused(forms.refused);
    const [one] = forms.body.items;
    setForm(one ?? null);
    setKnown({ placed: fields.body.items, rights: one?.rights ?? [] });
  };
  useEffect(() => void load(), [part]);
  const save = async (changes: object): Promise<boolean> => {
    setBusy(true);
    setRefused(null);
    const answer = form ? await ask("PATCH", `customer_forms/${form.id}`, changes, { "If-Match": `"${form.rev}"` }) : await ask("POST", "customer_forms", { package: part, ...changes });
    setBusy(false);
    if (!answer.ok) setRefused(answer.refused);
    return answer.ok;
  };
  return { known, refused, busy, save };
}
