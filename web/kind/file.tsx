// A file: chosen or dropped, sent at once, and kept with the record when the form is saved; sound can be heard.
import { useRef, useState } from "preact/hooks";
import { query, send } from "../link/request";
import { pathOf, resource } from "../link/schema";
import { Button } from "../part/button";
import { Meter } from "../part/chart";
import { Icon } from "../part/icon";
import { refusalSentence, whySentence } from "../word/refusal";
import { bytes, length } from "../word/time";
import { t } from "../word/words";
import { inputProps, type EditorProps } from "./editor";

/** What the box says of a file that it took. */
type Taken = { file: string; told: { extension?: string; duration?: number; size?: number } };

/** Where the box gives out a file of a noun, saved or not. */
export const fileAddress = (noun: string, hash: string) => `/panel/${pathOf(noun)}/files/${hash}`;

/** What an attachment is called; its hash stands before the slash. */
export const attachedName = (value: string) => value.slice(value.indexOf("/") + 1);

/** Where a file is sent to: an attachment with its name and with the part of the office that has the field. */
function uploadOf({ noun, field, form }: EditorProps, name: string): string {
  const to = `uploads/${pathOf(noun)}/${field.name}`;
  const within = resource(noun)?.within;
  return field.kind === "attachment" ? to + query({ ...(within ? { [within]: String(form?.[within] ?? "") } : {}), name }) : to;
}

/** An attachment that is saved: opened from the record that has it. */
function Attached({ props, value }: { props: EditorProps; value: string }) {
  const { noun, field, record, disabled } = props;
  const name = <bdi>{attachedName(value)}</bdi>;
  return (
    <div class="file-line">
      <Icon name="file" size={18} />
      {record ? <a href={`/panel/${pathOf(noun)}/${record}/file${query({ field: field.name })}`} download>{name}</a> : name}
      {!disabled && !field.required && <Button small look="quiet" icon="cross" label={t("file.clear")} onClick={() => props.onChange(null)} />}
    </div>
  );
}

export function FileInput(props: EditorProps) {
  const { noun, onChange, disabled, field } = props;
  const chooser = useRef<HTMLInputElement>(null);
  const [part, setPart] = useState<number | null>(null);
  const [slip, setSlip] = useState("");
  const [over, setOver] = useState(false);
  const [fresh, setFresh] = useState<(Taken & { name: string }) | null>(null);
  const value = typeof props.value === "string" ? props.value : "";
  const max = Number(field.schema["x-bytes"] ?? Infinity);
  const take = async (file: File | undefined) => {
    if (!file || part !== null) return;
    setSlip("");
    if (file.size > max) return setSlip(t("file.too_large", { max: bytes(max) }));
    setPart(0);
    const answer = await send<Taken>(uploadOf(props, file.name), file, setPart);
    setPart(null);
    if (chooser.current) chooser.current.value = "";
    if (!answer.ok) {
      const why = answer.refused.fields[field.name];
      return setSlip(why ? whySentence(noun, field.path, why) : refusalSentence(answer.refused));
    }
    setFresh({ ...answer.body, name: file.name });
    onChange(answer.body.file);
  };
  const { class: _, ...input } = inputProps(props);
  const accept = Array.isArray(field.schema["x-accept"]) ? field.schema["x-accept"].join(",") : undefined;
  const isNew = fresh !== null && fresh.file === value;
  const attached = field.kind === "attachment";
  return (
    <div
      class={over ? "file file-over" : "file"}
      onDragOver={(e) => (e.preventDefault(), setOver(!disabled))}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => (e.preventDefault(), setOver(false), !disabled && void take(e.dataTransfer?.files[0]))}
    >
      <input {...input} ref={chooser} class="unseen" type="file" aria-label={props.label ?? (attached ? String(field.schema.title ?? field.name) : t(`${noun}.${field.path}`))} tabIndex={-1} accept={accept} onChange={(e) => void take(e.currentTarget.files?.[0])} />
      {isNew && (
        <div class="file-line" role="status">
          <Icon name="file" size={18} />
          <span class="cell-two">
            <bdi>{fresh.name}</bdi>
            <span>{[bytes(fresh.told.size ?? 0), fresh.told.duration !== undefined && length(fresh.told.duration), t("file.not_saved")].filter(Boolean).join(" · ")}</span>
          </span>
          {(field.nullable || (attached && !field.required)) && !disabled && <Button small look="quiet" icon="cross" label={t("file.clear")} onClick={() => onChange(null)} />}
        </div>
      )}
      {attached && value && !isNew && <Attached props={props} value={value} />}
      {value && String(field.schema["x-type"] ?? "").startsWith("audio/") && <audio controls preload="none" src={fileAddress(noun, value)} />}
      {part === null ? (
        !disabled && <span class="cell-line"><Button icon="upload" onClick={() => chooser.current?.click()}>{t(value ? "file.replace" : "file.choose")}</Button><span class="small soft">{t("file.drop")}</span></span>
      ) : (
        <Meter value={part} max={1} text={part < 1 ? t("file.sending", { n: Math.round(part * 100) }) : t(attached ? "file.keeping" : "file.looking")} />
      )}
      {slip && <p class="field-error" role="alert"><Icon name="warning" size={16} /> <span>{slip}</span></p>}
    </div>
  );
}
