// Long work that goes on by itself: started here, its progress at the top right of every page (JOB-21, JOB-22).
import { useEffect, useState } from "preact/hooks";
import { jobs } from "../link/live";
import { ask } from "../link/request";
import type { JobRow } from "../link/rows";
import { resources } from "../link/schema";
import { Icon } from "../part/icon";
import { Menu } from "../part/menu";
import type { Column } from "../part/table";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { figure } from "../word/time";
import { has, language, many, t } from "../word/words";
import { conditionOf, type Chosen } from "./delete";

/** Has the box write a file of these records with the columns that are shown. */
export async function startExport<R>(path: string, chosen: Chosen, columns: Column<R>[], sort: string | null): Promise<void> {
  // Ticked records are of one part, whose own fields are columns too.
  const { filters } = conditionOf({ ...chosen, ids: undefined });
  const asked = { ...conditionOf(chosen), filters, columns: columns.map((column) => column.name), sort, language: language.value };
  const answer = await ask<{ job_number: string }>("POST", `${path}/export`, asked);
  if (answer.ok) say(t("export.started"));
  else say(refusalSentence(answer.refused), "bad");
}

export const unfinished = (job: JobRow) => job.status === "waiting" || job.status === "running";

/** What list it came from. */
export function pageWord(job: JobRow): string {
  const declared = resources.value?.find((one) => one.path === job.page);
  if (declared) return many(declared.name);
  return job.page === "call_records" ? many("call_record") : job.page;
}

/** The same with what kind of work it is. */
export function jobTitle(job: JobRow): string {
  return t("job.title", { type: t(`job.job_type.${job.job_type}`), page: pageWord(job) });
}

/** How far it is, in words. */
export function progressWord(job: JobRow): string {
  if (job.status === "waiting") return t("job.status.waiting");
  if (job.status === "running") return job.total === null ? t("job.begins") : t("job.of", { n: figure(job.processed), total: figure(job.total) });
  if (job.status === "failed") return failureWord(job);
  if (job.failed) return t("job.done_with_failed", { n: figure(job.succeeded), failed: figure(job.failed) });
  return t(job.status === "cancelled" ? "job.cancelled_after" : "job.done_rows", { n: figure(job.succeeded) });
}

export function failureWord(job: JobRow): string {
  const key = `job.reason.${job.failure_reason}`;
  return job.failure_reason ? (has(key) ? t(key) : t("job.reason.broken")) : "";
}

export function Progress({ job }: { job: JobRow }) {
  return <progress class="progress" max={Math.max(1, job.total ?? 1)} value={job.total === null ? undefined : job.processed} aria-label={jobTitle(job)} />;
}

/** The file of an ended job, and the rows that failed: links, so that the browser keeps them. */
export function JobFiles({ job }: { job: JobRow }) {
  if (!job.own || unfinished(job)) return null;
  return (
    <>
      {job.status === "done" && job.job_type === "export" && <a class="button button-plain button-small" href={`/panel/jobs/${job.id}/file`} download={job.file_name}><Icon name="download" size={16} /> <span>{t("job.download")}</span></a>}
      {job.reported > 0 && <a class="button button-plain button-small" href={`/panel/jobs/${job.id}/failed`} download=""><Icon name="warning" size={16} /> <span>{t("job.failed_rows", { n: job.reported })}</span></a>}
    </>
  );
}

export function JobsButton() {
  const own = jobs.value;
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const busy = own.filter(unfinished);
  // What ended while one was here is shown until one has looked at it.
  const ended = own.filter((job) => !unfinished(job) && !seen.has(job.id));
  if (!busy.length && !ended.length) return null;
  const shown = [...busy, ...ended].sort((a, b) => Number(b.id) - Number(a.id));
  const running = busy.find((job) => job.status === "running" && job.total);
  const percent = running ? Math.floor((100 * running.processed) / running.total!) : null;
  const face = busy.length ? (percent === null ? t("job.waiting", { n: busy.length }) : t("job.percent", { n: percent })) : t("job.ready", { n: ended.length });
  return (
    <Menu label={`${t("menu.jobs")}: ${face}`} look="button button-quiet jobs-button" face={<><Icon name={busy.length ? "jobs" : "check"} size={18} /><span class={percent === null ? "tabular jobs-face" : "tabular"}>{face}</span></>}>
      {(close) => <JobsMenu shown={shown} leave={() => setSeen(new Set([...seen, ...ended.map((job) => job.id)]))} close={close} />}
    </Menu>
  );
}

function JobsMenu({ shown, leave, close }: { shown: JobRow[]; leave: () => void; close: () => void }) {
  useEffect(() => leave, []);
  return (
    <div class="jobs-menu">
      <p class="menu-title">{t("menu.jobs")}</p>
      <ul class="job-lines">
        {shown.map((job) => (
          <li key={job.id} class="job-line">
            <strong>{jobTitle(job)}</strong>
            <span class="soft small" role="status">{progressWord(job)}</span>
            {unfinished(job) && <Progress job={job} />}
            <span class="cell-line"><JobFiles job={job} /></span>
          </li>
        ))}
      </ul>
      <a class="menu-item" href="/jobs" onClick={close}><Icon name="jobs" size={18} /> <span>{t("job.all_link")}</span></a>
    </div>
  );
}
