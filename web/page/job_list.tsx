// Background jobs: what waits and runs, or every job there was; downloaded, cancelled, deleted (JOB-2 to JOB-6).
import { useEffect, useRef, useState } from "preact/hooks";
import { columnsOf, showColumns } from "../link/columns";
import { jobs } from "../link/live";
import { ask } from "../link/request";
import type { JobRow } from "../link/rows";
import { look, place } from "../link/route";
import { self } from "../link/session";
import { Badge, type Tone } from "../part/badge";
import { Button } from "../part/button";
import { confirm } from "../part/dialog";
import { Empty } from "../part/empty";
import { Icon } from "../part/icon";
import { Item, Menu } from "../part/menu";
import { Table, type Column } from "../part/table";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { figure, fully, moment } from "../word/time";
import { t } from "../word/words";
import { Head } from "./frame";
import { failureWord, JobFiles, jobTitle, pageWord, Progress, unfinished } from "./jobs";
import { useKept, useListing, useSettled } from "./listing";
import { Columns, firstRow, ListRefused, Pager, Search } from "./tools";

/** How often jobs that others started are looked at anew, in milliseconds. */
const every = 2_000;
const tones: Record<JobRow["status"], Tone> = { waiting: "wait", running: "busy", done: "good", failed: "bad", cancelled: "off" };

const at = (when: string | null) => when && <time class="tabular" dateTime={when} title={fully(when)}>{moment(when)}</time>;
const count = (n: number | null) => (n === null ? null : figure(n));

function columns(): Column<JobRow>[] {
  const label = (name: string) => t(`job.${name}`);
  return [
    { name: "job_number", label: label("job_number"), main: true, cell: (job) => <span class="tabular">{job.job_number}</span> },
    { name: "job_type", label: label("job_type"), cell: (job) => t(`job.job_type.${job.job_type}`) },
    { name: "page", label: label("page"), cell: (job) => pageWord(job) },
    { name: "file_name", label: label("file_name"), cell: (job) => <bdi>{job.file_name}</bdi> },
    { name: "status", label: label("status"), cell: (job) => <span class="cell-line"><Badge tone={tones[job.status]}>{t(`job.status.${job.status}`)}</Badge>{job.status === "running" && <Progress job={job} />}</span> },
    { name: "files", label: "", cell: (job) => <span class="cell-line"><JobFiles job={job} /></span> },
    { name: "total", label: label("total"), figure: true, cell: (job) => count(job.total) },
    { name: "processed", label: label("processed"), figure: true, cell: (job) => figure(job.processed) },
    { name: "succeeded", label: label("succeeded"), figure: true, cell: (job) => figure(job.succeeded) },
    { name: "failed", label: label("failed"), figure: true, cell: (job) => figure(job.failed) },
    { name: "failure_reason", label: label("failure_reason"), cell: (job) => failureWord(job) || null },
    { name: "created_by", label: label("created_by"), cell: (job) => job.created_by && <bdi>{job.created_by}</bdi> },
    { name: "created_at", label: label("created_at"), cell: (job) => at(job.created_at) },
    { name: "ended_at", label: label("ended_at"), cell: (job) => at(job.ended_at) },
    { name: "server_name", label: label("server_name"), wideOnly: true, cell: (job) => <bdi>{job.server_name}</bdi> },
    { name: "options", label: label("options"), wideOnly: true, cell: (job) => <bdi class="mono small cell-clip" title={job.options}>{job.options}</bdi> },
  ];
}

export function JobList() {
  const asked = place.value.query;
  const all = asked.get("all") === "true";
  const [limit, setLimit] = useKept(self(), "jobs", "limit", 20);
  const [typed, setTyped] = useState(asked.get("search") ?? "");
  const search = useSettled(typed.trim());
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const listing = useListing<JobRow>("jobs", { search, limit, all: all ? "true" : null });
  const again = useRef(listing.again);
  again.current = listing.again;
  useEffect(() => setChosen(new Set()), [search, limit, all]);
  useEffect(() => again.current(), [jobs.value.map((job) => job.id + job.status).join()]);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && again.current(), every);
    return () => clearInterval(timer);
  }, []);
  // What is told live is newer than what was listed.
  const live = new Map(jobs.value.map((job) => [job.id, job]));
  const rows = listing.rows?.map((job) => live.get(job.id) ?? job).filter((job) => all || unfinished(job)) ?? null;

  const told = columns();
  const kept = columnsOf("jobs");
  const shown = (name: string) => !kept || kept.includes(name);
  const show = (name: string, on: boolean) => showColumns("jobs", told.map((one) => one.name).filter((each) => (each === name ? on : shown(each))));

  const removeOne = async (job: JobRow) => {
    const word = unfinished(job) ? "cancel" : "delete";
    if (!(await confirm({ title: t(`job.${word}_title`, { n: job.job_number }), text: t(`job.${word}_text`), yes: t(`job.${word}`), danger: true }))) return;
    const answer = await ask("DELETE", `jobs/${job.id}`);
    if (!answer.ok) return say(refusalSentence(answer.refused), "bad");
    listing.again();
  };
  const removeSeveral = async (which: Record<string, unknown>) => {
    const counted = await ask<{ count: number }>("POST", "jobs/count", which);
    if (!counted.ok) return say(refusalSentence(counted.refused), "bad");
    const n = counted.body.count;
    if (!n || !(await confirm({ title: t("delete.title", { n }), text: t("job.several_text"), yes: t("delete.yes", { n }), danger: true }))) return;
    const answer = await ask<{ deleted: number; refused: unknown[] }>("POST", "jobs/delete", which);
    if (!answer.ok) return say(refusalSentence(answer.refused), "bad");
    say(answer.body.refused.length ? t("job.some_stay", { n: answer.body.refused.length }) : t("job.removed"));
    setChosen(new Set());
    listing.again();
  };

  const menu = (job: JobRow) => (
    <Menu label={t("list.row_menu_of", { name: job.job_number })} icon="more" look="button button-quiet button-small" iconOnly>
      {(shut) => (
        <>
          {job.own && !unfinished(job) && (job.job_type === "import" || job.status === "done") && <a class="menu-item" href={`/panel/jobs/${job.id}/file`} download={job.file_name} onClick={shut}><Icon name="download" size={18} /> <span>{t("job.download")}</span></a>}
          {job.may_delete && <Item icon={unfinished(job) ? "cross" : "trash"} danger label={t(unfinished(job) ? "job.cancel" : "job.delete")} onClick={() => (shut(), void removeOne(job))} />}
        </>
      )}
    </Menu>
  );
  const empty = search ? (
    <Empty icon="search" title={t("list.nothing_found")} text={t("list.nothing_found_text", { search })}>
      <Button onClick={() => setTyped("")}>{t("list.clear_search")}</Button>
    </Empty>
  ) : (
    <Empty icon="jobs" title={t(all ? "job.none_ever" : "job.none_now")} text={t("job.none_text")}>
      {!all && <Button onClick={() => void look({ all: "true" })}>{t("job.show_all")}</Button>}
    </Empty>
  );
  return (
    <div class="page-fill">
      <Head title={t("menu.jobs")} text={t("job.text")}>
        <Button icon="history" aria-pressed={all} onClick={() => void look({ all: all ? null : "true" })}>{t(all ? "job.show_now" : "job.show_all")}</Button>
        <Menu label={t("list.more")} icon="more" iconOnly>
          {(shut) => (
            <>
              <Item icon="trash" label={t("delete.chosen", { n: chosen.size })} disabled={!chosen.size} onClick={() => (shut(), void removeSeveral({ ids: [...chosen] }))} />
              <Item icon="trash" danger label={t("delete.found", { n: listing.total })} disabled={!listing.total} onClick={() => (shut(), void removeSeveral({ search, all }))} />
            </>
          )}
        </Menu>
      </Head>
      <div class="tools">
        <Search value={typed} onChange={setTyped} label={t("job.search")} to={firstRow} />
        <span class="tools-space" />
        <Columns columns={told.filter((column) => column.label)} shown={shown} onShow={show} />
      </div>
      {listing.refused && !listing.rows ? (
        <div class="table-frame"><ListRefused refused={listing.refused} again={listing.again} /></div>
      ) : (
        <Table label={t("menu.jobs")} columns={told.filter((column) => !column.label || shown(column.name))} rows={rows} id={(job) => job.id} name={jobTitle} chosen={chosen} onChoose={setChosen} menu={menu} empty={empty} />
      )}
      <Pager listing={listing} limit={limit} onLimit={setLimit} />
    </div>
  );
}
