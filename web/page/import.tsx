// Rows of a noun out of a CSV file: the file, its columns, what becomes of the rows, and how it goes (CUS-49 to CUS-67).
import { useEffect, useRef, useState } from "preact/hooks";
import { jobs } from "../link/live";
import { choicesOf } from "../link/choices";
import { ask, query, send, type Refused } from "../link/request";
import { go, place } from "../link/route";
import type { JobRow } from "../link/rows";
import { alone, type Field, type Importing, type Resource } from "../link/schema";
import { Button } from "../part/button";
import { Meter } from "../part/chart";
import { Icon } from "../part/icon";
import { refusalSentence, whySentence } from "../word/refusal";
import { bytes } from "../word/time";
import { has, language, t } from "../word/words";
import { Head } from "./frame";
import { Choices, type Chosen } from "./import_choices";
import { ColumnsOf, Encodings, type Column, type Told } from "./import_columns";
import { JobFiles, Progress, progressWord, unfinished } from "./jobs";


/** The fields that are chosen once for all rows, as editors know them. */
export function chosenFields(importing: Importing): Field[] {
  return Object.entries(importing.chosen_fields).map(([name, schema]) => ({ ...alone(name, schema["x-kind"] ?? "text", schema), required: importing.required.includes(name) }));
}

/** What the address has chosen already: a campaign whose customers are imported (CMP-10). */
function presets(importing: Importing): Record<string, unknown> {
  const asked = place.value.query;
  const names = chosenFields(importing).filter((field) => field.kind === "ref" && asked.get(field.name));
  return Object.fromEntries(names.map((field) => [field.name, asked.get(field.name)]));
}

export function Import({ declared }: { declared: Resource }) {
  const importing = declared.import!;
  const [told, setTold] = useState<Told | null>(null);
  const [columns, setColumns] = useState<Column[]>([]);
  const [confirmed, setConfirmed] = useState(false);
  const [chosen, setChosen] = useState<Chosen>({ values: presets(importing), dealt: [], duplicates: "skip", remove_zero: false, first_row: false, required: [], fill: null, key: "" });
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const [number, setNumber] = useState<string | null>(null);
  const within = importing.within ? String(chosen.values[importing.within] ?? "") : "";

  const look = async (upload: string, encoding: string | null) => {
    const answer = await ask<Told>("GET", `${declared.path}/import${query({ upload, encoding, ...(importing.within ? { [importing.within]: within } : {}) })}`);
    if (!answer.ok) return setRefused(answer.refused);
    setRefused(null);
    setTold(answer.body);
    setColumns(answer.body.columns.map(({ column, field }) => ({ column, field: field ?? "", label: "" })));
  };
  // Where there is one place to go, they go there.
  useEffect(() => {
    const to = importing.within && chosenFields(importing).find((field) => field.name === importing.within)?.to;
    if (to) void choicesOf(to, "", {}, 2).then(({ items }) => items.length === 1 && setChosen((was) => ({ ...was, values: { [importing.within!]: items[0]!.id, ...was.values } })));
  }, []);
  // The fields of the office differ from package to package.
  useEffect(() => void (told && look(told.upload, told.encoding)), [within]);

  const start = async () => {
    if (!told || busy) return;
    setBusy(true);
    const { values, ...rest } = chosen;
    const mapped = columns.filter((column) => column.field).map(({ column, field, label }) => (field === "new" ? { column, new_field: label } : { column, field }));
    const asked = {
      upload: told.upload,
      encoding: told.encoding,
      language: language.value,
      chosen: values,
      ...(importing.columns.fields ? { columns: mapped, ...(importing.again === "takes" ? {} : { duplicates: rest.duplicates }), remove_zero: rest.remove_zero, first_row: rest.first_row, required: rest.required.filter((field) => mapped.some((one) => one.field === field)) } : { key: rest.key }),
      ...(importing.dealt && rest.dealt.length ? { dealt: rest.dealt } : {}),
      ...(importing.fills && rest.fill ? { fill: rest.fill } : {}),
    };
    const answer = await ask<{ job_number: string }>("POST", `${declared.path}/import`, asked);
    setBusy(false);
    if (!answer.ok) return setRefused(answer.refused);
    setRefused(null);
    setNumber(answer.body.job_number);
  };
  const anew = () => (setTold(null), setNumber(null), setRefused(null), setConfirmed(false));
  const garbled = told !== null && told.encoding !== "utf-8";
  const named = columns.filter((column) => column.field === "new").every((column) => column.label.trim());
  return (
    <div class="import">
      <Head title={t("import.title", { many: t(`${declared.name}.many`) })} text={t("import.text")}>
        <Button icon="back" onClick={() => void go(`/${declared.path}`)}>{t("import.back")}</Button>
      </Head>
      {number ? (
        <Going number={number} anew={anew} path={declared.path} />
      ) : (
        <ol class="import-steps">
          <li class="panel">
            <h2>{t("import.file")}</h2>
            <FileStep to={declared} told={told} onTold={(upload) => void look(upload, null)} onAnew={anew} template={importing.columns.fields ? declared : null} />
            {told && <Encodings told={told} confirmed={confirmed} onConfirm={setConfirmed} onEncoding={(encoding) => void look(told.upload, encoding)} />}
          </li>
          {told?.encoding && (
            <>
              <li class="panel">
                <h2>{t("import.columns")}</h2>
                <ColumnsOf importing={importing} told={told} columns={columns} onColumns={setColumns} chosen={chosen} onChosen={setChosen} />
              </li>
              <li class="panel">
                <h2>{t("import.choices")}</h2>
                <Choices importing={importing} told={told} columns={columns} chosen={chosen} onChosen={setChosen} />
                {refused && <Slips refused={refused} noun={importing.noun} />}
                <div class="input-row import-start">
                  <Button look="primary" busy={busy} disabled={(garbled && !confirmed) || !named} onClick={() => void start()}>{t("import.start")}</Button>
                  {garbled && !confirmed && <span class="soft small">{t("import.confirm_first")}</span>}
                </div>
              </li>
            </>
          )}
          {refused && !told?.encoding && <Slips refused={refused} noun={importing.noun} />}
        </ol>
      )}
    </div>
  );
}

/** Every reason that the box gave, each at its place. */
function Slips({ refused, noun }: { refused: Refused; noun: string }) {
  const places = Object.entries(refused.fields);
  const word = (place: string) => {
    const name = place.replace(/^chosen\./, "");
    const key = place.startsWith("chosen.") ? `${noun}.${name}` : `import.of.${name}`;
    return has(key) ? t(key) : name;
  };
  return (
    <div class="notice tone-bad" role="alert">
      <Icon name="warning" size={18} />
      <span>{places.length ? places.map(([place, why]) => <span key={place} class="import-slip">{word(place)}: {has(`import.slip.${place}.${why.why}`) ? t(`import.slip.${place}.${why.why}`) : whySentence(noun, place.replace(/^chosen\./, ""), why)}</span>) : refusalSentence(refused)}</span>
    </div>
  );
}

function FileStep({ to, told, onTold, onAnew, template }: { to: Resource; told: Told | null; onTold: (upload: string) => void; onAnew: () => void; template: Resource | null }) {
  const chooser = useRef<HTMLInputElement>(null);
  const [part, setPart] = useState<number | null>(null);
  const [slip, setSlip] = useState("");
  const [over, setOver] = useState(false);
  const take = async (file: File | undefined) => {
    if (!file || part !== null) return;
    setSlip("");
    const max = to.import!.bytes_max;
    if (file.size > max) return setSlip(t("file.too_large", { max: bytes(max) }));
    onAnew();
    setPart(0);
    const answer = await send<{ upload: string }>(`uploads${query({ name: file.name, for: to.path })}`, file, setPart);
    setPart(null);
    answer.ok ? onTold(answer.body.upload) : setSlip(refusalSentence(answer.refused));
  };
  return (
    <div class={over ? "file file-over" : "file"} onDragOver={(e) => (e.preventDefault(), setOver(true))} onDragLeave={() => setOver(false)} onDrop={(e) => (e.preventDefault(), setOver(false), void take(e.dataTransfer?.files[0]))}>
      <input ref={chooser} class="unseen" type="file" tabIndex={-1} aria-label={t("import.file")} accept=".csv,text/csv,.txt" onChange={(e) => (void take(e.currentTarget.files?.[0]), (e.currentTarget.value = ""))} />
      {told && (
        <div class="file-line">
          <Icon name="file" size={18} />
          <span class="cell-two"><bdi>{told.name}</bdi><span>{bytes(told.bytes)}</span></span>
        </div>
      )}
      {part === null ? (
        <span class="cell-line"><Button look={told ? "plain" : "primary"} icon="upload" onClick={() => chooser.current?.click()}>{t(told ? "file.replace" : "file.choose")}</Button><span class="small soft">{t("file.drop")}</span></span>
      ) : (
        <Meter value={part} max={1} text={t("file.sending", { n: Math.round(part * 100) })} />
      )}
      {slip && <p class="field-error" role="alert"><Icon name="warning" size={16} /> <span>{slip}</span></p>}
      {!told && <p class="soft small">{t("import.file_help", { max: bytes(to.import!.bytes_max) })}{template && <> <a href={`/panel/${template.path}/import_template?language=${language.value}`} download="">{t("import.template")}</a></>}</p>}
    </div>
  );
}

/** The job as it goes, and what came of it. */
function Going({ number, anew, path }: { number: string; anew: () => void; path: string }) {
  const [first, setFirst] = useState<JobRow | null>(null);
  const told = jobs.value.find((job) => job.id === number);
  useEffect(() => void ask<JobRow>("GET", `jobs/${number}`).then((answer) => answer.ok && setFirst(answer.body)), [number]);
  const job = told ?? first;
  if (!job) return null;
  const over = !unfinished(job);
  const facts: [string, string | number][] = [["total", job.total ?? "…"], ["processed", job.processed], ["succeeded", job.succeeded], ["failed", job.failed]];
  return (
    <section class="panel import-going" aria-busy={!over}>
      <h2>{over ? t(`import.over.${job.status}`) : t("import.going")}</h2>
      <p role="status">{progressWord(job)}</p>
      {!over && <Progress job={job} />}
      <dl class="figures">{facts.map(([name, n]) => <div key={name}><dt>{t(`job.${name}`)}</dt><dd class="tabular">{n}</dd></div>)}</dl>
      {!over && <p class="soft">{t("import.leave")}</p>}
      <div class="input-row">
        <JobFiles job={job} />
        {over && <a class="button button-primary" href={`/${path}`}>{t("import.see")}</a>}
        {over && <Button icon="upload" onClick={anew}>{t("import.another")}</Button>}
        <a class="button button-quiet" href="/jobs">{t("job.all_link")}</a>
      </div>
    </section>
  );
}
