// The key of programs: of the one that is kept only the end is known; made by the box and shown once, typed, or taken away.
import { useState } from "preact/hooks";
import { ask } from "../link/request";
import { pathOf } from "../link/schema";
import { Button } from "../part/button";
import { Copy } from "../part/copy";
import { confirm, Dialog } from "../part/dialog";
import { Icon } from "../part/icon";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { t } from "../word/words";
import { inputProps, text, type EditorProps } from "./editor";

/** How the box writes a key that it keeps, before its last characters. */
const mask = "***";

export function ApiKey(props: EditorProps) {
  const { noun, field, value, disabled, onChange, onWritten } = props;
  const [former, setFormer] = useState<string | null>(null);
  const [made, setMade] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const kept = typeof value === "string" && value.startsWith(mask);
  const end = kept ? value.slice(mask.length) : "";
  const type = (typed: string) => {
    if (kept) setFormer(value);
    onChange(typed === "" ? (kept ? value : former) : typed);
  };
  const make = async () => {
    const sure = !kept || (await confirm({ title: t("api_key.make_title"), text: t("api_key.make_text"), yes: t("api_key.make"), danger: true }));
    if (!sure) return;
    setBusy(true);
    const answer = await ask<{ generated?: Record<string, string> }>("POST", `${pathOf(noun)}/${field.name}`);
    setBusy(false);
    if (!answer.ok) return say(refusalSentence(answer.refused), "bad");
    setMade(answer.body.generated?.[field.name] ?? "");
    onWritten?.();
  };
  return (
    <div class="stacked">
      <p class="cell-line small soft" role="status">
        {kept ? t("api_key.kept") : text(value) === "" ? t("api_key.none") : t("api_key.typed")}
        {end && <bdi class="mono">…{end}</bdi>}
      </p>
      <div class="input-row">
        <span class="input-with">
          <input {...inputProps(props)} aria-label={t(`${noun}.${field.name}`)} class="input mono" type="text" spellcheck={false} autocapitalize="off" dir="ltr" maxLength={field.schema.maxLength} placeholder={t("api_key.own")} value={kept ? "" : text(value)} onInput={(e) => type(e.currentTarget.value.trim())} />
        </span>
        <Button icon="dice" busy={busy} disabled={disabled} onClick={() => void make()}>{t("api_key.make")}</Button>
        {kept && <Button icon="cross" disabled={disabled} onClick={() => (setFormer(value), onChange(null))}>{t("api_key.off")}</Button>}
      </div>
      {made !== null && (
        <Dialog title={t("api_key.made")} onClose={() => setMade(null)} foot={<Button look="primary" onClick={() => setMade(null)}>{t("do.done")}</Button>}>
          <p class="notice tone-wait"><Icon name="info" size={18} /> <span>{t("api_key.once")}</span></p>
          <p class="cell-line"><bdi class="mono break-all">{made}</bdi><Copy text={made} what={t(`${noun}.${field.name}`)} /></p>
        </Dialog>
      )}
    </div>
  );
}
