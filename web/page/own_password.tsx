// One's own password, changed with the present one (DSK-77 to DSK-79).
import { useId, useState } from "preact/hooks";
import { ask, type Refused, type Why } from "../link/request";
import { Button } from "../part/button";
import { Dialog } from "../part/dialog";
import { describedBy, Field, seenType } from "../part/field";
import { Icon } from "../part/icon";
import { say } from "../part/toast";
import { refusalSentence, whySentence } from "../word/refusal";
import { t } from "../word/words";

const lines = { password: "current-password", new_password: "new-password", new_password_confirm: "new-password" } as const;
type Line = keyof typeof lines;
const least = 8;

export function OwnPassword({ onClose }: { onClose: () => void }) {
  const id = useId();
  const [values, setValues] = useState<Record<Line, string>>({ password: "", new_password: "", new_password_confirm: "" });
  const [wrong, setWrong] = useState<Partial<Record<Line, Why>>>({});
  const [refused, setRefused] = useState<Refused | null>(null);
  const [seen, setSeen] = useState(false);
  const [busy, setBusy] = useState(false);
  const show = (found: Partial<Record<Line, Why>>) => {
    setWrong(found);
    const first = (Object.keys(lines) as Line[]).find((name) => found[name]);
    if (first) document.getElementById(`${id}-${first}`)?.focus();
  };
  const save = async (event?: Event) => {
    event?.preventDefault();
    const slips: Partial<Record<Line, Why>> = {};
    if (!values.password) slips.password = { why: "required" };
    if ([...values.new_password].length < least) slips.new_password = { why: "too_short", min: least };
    if (values.new_password_confirm !== values.new_password) slips.new_password_confirm = { why: "different" };
    if (Object.keys(slips).length) return show(slips);
    setBusy(true);
    const answer = await ask("POST", "me/password", values);
    setBusy(false);
    if (!answer.ok) return (setRefused(answer.refused), show(answer.refused.fields as Partial<Record<Line, Why>>));
    say(t("password.changed"));
    onClose();
  };
  return (
    <Dialog
      title={t("password.change")}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("do.cancel")}</Button>
          <Button look="primary" busy={busy} onClick={() => void save()}>{t("do.save")}</Button>
        </>
      }
    >
      <form class="form-column" noValidate onSubmit={(event) => void save(event)}>
        {refused && !Object.keys(refused.fields).length && <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{refusalSentence(refused)}</span></p>}
        {(Object.keys(lines) as Line[]).map((name, n) => {
          const at = `${id}-${name}`;
          const why = wrong[name];
          const help = name === "new_password" ? t("account.password.help") : undefined;
          return (
            <Field key={name} id={at} label={t(`password.${name}`)} help={help} error={why && (name === "password" && why.why === "pattern" ? t("password.not_this") : whySentence("password", name, why))}>
              <input id={at} name={name} class="input" {...seenType(seen)} dir="ltr" autocomplete={lines[name]} data-first={n === 0 || undefined} aria-invalid={Boolean(why) || undefined} aria-describedby={describedBy(at, help, why)} value={values[name]} onInput={(e) => (setValues({ ...values, [name]: e.currentTarget.value }), setWrong({}))} />
            </Field>
          );
        })}
        <label class="tick"><input type="checkbox" checked={seen} onChange={(e) => setSeen(e.currentTarget.checked)} /><span>{t("setup.show_passwords")}</span></label>
        <button type="submit" class="unseen" tabIndex={-1} aria-hidden="true" />
      </form>
    </Dialog>
  );
}
