// A box without an owner: makes one, or says how to open the set-up time (BOX-12 to BOX-15).
import { useEffect, useId, useState } from "preact/hooks";
import { check } from "../kind/check";
import { ask, type Refused, type Why } from "../link/request";
import { alone } from "../link/schema";
import { began, lookSetup, setup, type Session } from "../link/session";
import { go } from "../link/route";
import { Button } from "../part/button";
import { describedBy, Field, seenType } from "../part/field";
import { Icon } from "../part/icon";
import { refusalSentence, whySentence } from "../word/refusal";
import { t } from "../word/words";
import { Outside } from "./outside";

const again = 5000;
/** ACC-10 reading, ACC-16, ACC-17. */
const declared = [
  alone("username", "username", { minLength: 2, maxLength: 40 }),
  alone("last_name", "name", { maxLength: 40 }),
  alone("first_name", "name", { maxLength: 40 }),
  alone("password", "password", { minLength: 8, maxLength: 64 }),
  alone("password_confirm", "password", {}),
];
const completes: Record<string, string> = { username: "username", last_name: "family-name", first_name: "given-name", password: "new-password", password_confirm: "new-password" };

export function SetUp() {
  const open = setup.value?.open ?? false;
  useEffect(() => {
    if (open) return;
    const timer = setInterval(() => void lookSetup(), again);
    return () => clearInterval(timer);
  }, [open]);
  return open ? <Owner /> : <Closed />;
}

function Closed() {
  return (
    <Outside title={t("setup.closed_title")} text={t("setup.closed_text")}>
      <ol class="steps">
        <li>{t("setup.closed_button")}</li>
        <li>{t("setup.closed_restart")}</li>
        <li>{t("setup.closed_network")}</li>
      </ol>
      <p class="soft small" role="status">{t("setup.closed_waiting")}</p>
    </Outside>
  );
}

function Owner() {
  const id = useId();
  const [values, setValues] = useState<Record<string, string>>({});
  const [wrong, setWrong] = useState<Record<string, Why>>({});
  const [refused, setRefused] = useState<Refused | null>(null);
  const [seen, setSeen] = useState(false);
  const [busy, setBusy] = useState(false);
  const show = (found: Record<string, Why>) => {
    setWrong(found);
    const first = declared.find((f) => found[f.name]);
    if (first) document.getElementById(`${id}-${first.name}`)?.focus();
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    const slips: Record<string, Why> = {};
    for (const f of declared) {
      const why = check(f, values[f.name] ?? "");
      if (why) slips[f.name] = why;
    }
    if (!slips.password_confirm && values.password !== values.password_confirm) slips.password_confirm = { why: "different" };
    if (Object.keys(slips).length) return show(slips);
    setBusy(true);
    const answer = await ask<Session>("POST", "setup", values);
    setBusy(false);
    if (answer.ok) {
      began(answer.body);
      return void go("/", true);
    }
    setRefused(answer.refused);
    if (answer.refused.error === "setup_closed" || answer.refused.status === 404) await lookSetup();
    show(answer.refused.fields);
  };
  return (
    <Outside title={t("setup.title")} text={t("setup.text")}>
      <form onSubmit={submit} class="form-fields" noValidate>
        {refused && <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{Object.keys(refused.fields).length ? t("form.look_at_fields") : refusalSentence(refused)}</span></p>}
        {declared.map(({ name, kind }) => {
          const at = `${id}-${name}`;
          const why = wrong[name];
          const help = name === "username" || name === "password" ? t(`account.${name}.help`) : undefined;
          return (
            <Field key={name} id={at} label={t(`account.${name}`)} help={help} error={why && whySentence("account", name, why)}>
              <input id={at} name={name} class="input" {...seenType(kind !== "password" || seen)} autocomplete={completes[name]} autocapitalize="off" spellcheck={false} dir={kind === "name" ? "auto" : "ltr"} required aria-invalid={Boolean(why) || undefined} aria-describedby={describedBy(at, help, why)} value={values[name] ?? ""} onInput={(e) => (setValues({ ...values, [name]: e.currentTarget.value }), setWrong(({ [name]: _, ...others }) => others))} />
            </Field>
          );
        })}
        <label class="cell-line"><input type="checkbox" checked={seen} onChange={(e) => setSeen(e.currentTarget.checked)} /> {t("setup.show_passwords")}</label>
        <Button look="primary" submit busy={busy}>{t("setup.make")}</Button>
      </form>
    </Outside>
  );
}
