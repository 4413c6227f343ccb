// The one sign-in page: whose box this is, name and password, the box's certificate.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Refused } from "../link/request";
import { setup, signIn } from "../link/session";
import { Button } from "../part/button";
import { Field, seenType } from "../part/field";
import { Icon } from "../part/icon";
import { refusalSentence } from "../word/refusal";
import { t } from "../word/words";
import { Outside } from "./outside";

export function SignIn({ onDone, ended }: { onDone: () => void; ended: boolean }) {
  const id = useId();
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const [seen, setSeen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [until, setUntil] = useState(0);
  const [now, setNow] = useState(Date.now());
  const left = Math.max(0, Math.ceil((until - now) / 1000));
  useEffect(() => name.current?.focus(), []);
  useEffect(() => {
    if (!until) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [until]);
  useEffect(() => {
    if (until && left === 0) (setUntil(0), setRefused(null));
  }, [left]);

  const submit = async (event: Event) => {
    event.preventDefault();
    // Read from the fields: a browser that fills them in sends no input event in some versions.
    const [who, secret] = [name.current?.value.trim() ?? "", password.current?.value ?? ""];
    if (!who) return name.current?.focus();
    if (!secret) return password.current?.focus();
    setBusy(true);
    const answer = await signIn(who, secret);
    setBusy(false);
    if (!answer) return onDone();
    setRefused(answer);
    if (answer.error === "too_many_attempts") (setNow(Date.now()), setUntil(Date.now() + (answer.after || 900) * 1000));
    if (password.current) password.current.value = "";
    password.current?.focus();
  };
  return (
    <Outside title={t("sign_in.title")} text={setup.value?.box?.name ? t("sign_in.to", { box: setup.value.box.name }) : undefined}>
      <form onSubmit={submit} class="form-fields" noValidate>
        <div aria-live="assertive">
          {ended && !refused && <p class="notice tone-wait"><Icon name="info" size={18} /> <span>{t("sign_in.ended")}</span></p>}
          {refused && (
            <p class="notice tone-bad"><Icon name="warning" size={18} /> <span>{refusalSentence(left ? { ...refused, after: left } : refused)}</span></p>
          )}
        </div>
        <Field id={`${id}-name`} label={t("sign_in.username")}>
          <input ref={name} id={`${id}-name`} name="username" class="input" type="text" autocomplete="username" autocapitalize="off" spellcheck={false} dir="ltr" required />
        </Field>
        <Field id={`${id}-password`} label={t("sign_in.password")}>
          <span class="input-with">
            <input ref={password} id={`${id}-password`} name="password" class="input" {...seenType(seen)} autocomplete="current-password" dir="ltr" required />
            <Button small look="quiet" icon={seen ? "eye_off" : "eye"} label={t(seen ? "secret.hide" : "secret.show")} aria-pressed={seen} onClick={() => setSeen(!seen)} />
          </span>
        </Field>
        <Button look="primary" submit busy={busy} disabled={left > 0}>{t("do.sign_in")}</Button>
      </form>
    </Outside>
  );
}
