// A secret that the box must be able to read, such as a SIP password: typed, made here, or left to the box.
import { useState } from "preact/hooks";
import { Button } from "../part/button";
import { t } from "../word/words";
import { inputProps, type EditorProps } from "./editor";

// Without the letters and digits that are mistaken for each other when read off a screen.
const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/** `length` characters of `alphabet`, each as likely as the others. */
export function random(length: number, alphabet = letters): string {
  const fair = 256 - (256 % alphabet.length);
  let text = "";
  while (text.length < length) for (const byte of crypto.getRandomValues(new Uint8Array(32))) if (byte < fair && text.length < length) text += alphabet[byte % alphabet.length];
  return text;
}

export function SecretInput({ props, alphabet, length = 12, numeric = false }: { props: EditorProps; alphabet?: string; length?: number; numeric?: boolean }) {
  const [seen, setSeen] = useState(false);
  const { adding, value, onChange } = props;
  const shown = typeof value === "string" && value !== "***" ? value : "";
  const usual = typeof props.field.schema.default === "string" ? props.field.schema.default : "";
  const hint = !adding ? t("secret.kept") : props.field.generated ? t("secret.made_by_box") : usual;
  // No type=password: browsers would offer to remember it as the person's own.
  return (
    <div class="input-row">
      <span class="input-with">
        <input {...inputProps(props)} class={seen ? "input mono" : "input mono masked"} type="text" spellcheck={false} autocapitalize="off" inputMode={numeric ? "numeric" : undefined} dir="ltr" placeholder={hint} value={shown} onInput={(e) => onChange(e.currentTarget.value === "" ? undefined : e.currentTarget.value)} />
        <Button small look="quiet" icon={seen ? "eye_off" : "eye"} label={t(seen ? "secret.hide" : "secret.show")} aria-pressed={seen} disabled={props.disabled || !shown} onClick={() => setSeen(!seen)} />
      </span>
      <Button icon="dice" disabled={props.disabled} onClick={() => (onChange(random(length, alphabet)), setSeen(true))}>{t("secret.make")}</Button>
    </div>
  );
}

export function Secret(props: EditorProps) {
  return <SecretInput props={props} />;
}
