// A file: chosen or dropped, sent at once, and kept with the record when the form is saved; sound can be heard.
import { useRef, useState } from "preact/hooks";
import { send } from "../link/request";
import { Button } from "../part/button";
import { Meter } from "../part/chart";
import { Icon } from "../part/icon";
import { refusalSentence } from "../word/refusal";
import { bytes, length } from "../word/time";
import { t } from "../word/words";
import { inputProps, type EditorProps } from "./editor";

export type FileValue = { name: string; bytes: number; type?: string; seconds?: number; upload?: string; url?: string };

export function FileInput(props: EditorProps) {
  const { onChange, disabled, field } = props;
  const chooser = useRef<HTMLInputElement>(null);
  const [part, setPart] = useState<number | null>(null);
  const [slip, setSlip] = useState("");
  const [over, setOver] = useState(false);
  const value = props.value as FileValue | null | undefined;
  const max = Number(field.schema["x-bytes"] ?? Infinity);
  const take = async (file: File | undefined) => {
    if (!file || part !== null) return;
    setSlip("");
    if (file.size > max) return setSlip(t("file.too_large", { max: bytes(max) }));
    setPart(0);
    const answer = await send<{ upload: string }>(`uploads?name=${encodeURIComponent(file.name)}`, file, setPart);
    setPart(null);
    if (answer.ok) onChange({ upload: answer.body.upload, name: file.name, bytes: file.size, type: file.type });
    else setSlip(refusalSentence(answer.refused));
  };
  const { class: _, ...input } = inputProps(props);
  const accept = Array.isArray(field.schema["x-accept"]) ? field.schema["x-accept"].join(",") : undefined;
  return (
    <div
      class={over ? "file file-over" : "file"}
      onDragOver={(e) => (e.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => (e.preventDefault(), setOver(false), void take(e.dataTransfer?.files[0]))}
    >
      <input {...input} ref={chooser} class="unseen" type="file" tabIndex={-1} accept={accept} onChange={(e) => void take(e.currentTarget.files?.[0])} />
      {value?.name && (
        <div class="file-line">
          <Icon name="file" size={18} />
          <span class="cell-two">
            <bdi>{value.name}</bdi>
            <span>{[bytes(value.bytes), value.seconds !== undefined && length(value.seconds)].filter(Boolean).join(" · ")}{value.upload && <> · {t("file.not_saved")}</>}</span>
          </span>
          {field.nullable && !disabled && <Button small look="quiet" icon="cross" label={t("file.clear")} onClick={() => onChange(null)} />}
        </div>
      )}
      {value?.url && value.type?.startsWith("audio/") && <audio controls preload="none" src={value.url} />}
      {part === null ? (
        !disabled && <span class="cell-line"><Button icon="upload" onClick={() => chooser.current?.click()}>{t(value ? "file.replace" : "file.choose")}</Button><span class="small soft">{t("file.drop")}</span></span>
      ) : (
        <Meter value={part} max={1} text={t("file.sending", { n: Math.round(part * 100) })} />
      )}
      {slip && <p class="field-error" role="alert"><Icon name="warning" size={16} /> <span>{slip}</span></p>}
    </div>
  );
}
