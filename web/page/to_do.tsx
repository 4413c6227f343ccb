// What waits for somebody: what is to be approved, what the office lacks, which jobs run or failed. Each leads to its place.
import { useEffect, useState } from "preact/hooks";
import { jobs, known, second } from "../link/live";
import { may, resources, type Resource } from "../link/schema";
import { Icon, type IconName } from "../part/icon";
import { t } from "../word/words";
import { approvals, approvalsPath, approvalsWord, countApprovals, countOf } from "./approvals";
import { iconOf } from "./menu_icon";

type Deed = { key: string; icon: IconName; text: string; to: string };

/** How often it is asked for, in milliseconds. */
const every = 30_000;
/** Without these nobody outside is reached: what lacks first is what to do first. */
const lines = ["trunk", "did", "outbound_profile"];

/** What waits to be approved by this person. */
function ofApprovals(all: Resource[]): Deed[] {
  return all.flatMap((one) => {
    const n = approvals.value.get(one.name);
    return n ? [{ key: one.name, icon: iconOf(one.menu), text: approvalsWord(one, n), to: approvalsPath(one) }] : [];
  });
}

/** The first thing that this person could add so that calls come in and go out. */
async function lacking(all: Resource[]): Promise<Deed[]> {
  for (const noun of lines) {
    const one = all.find((each) => each.name === noun && may(each, "add"));
    if (one && (await countOf(one)) === 0) return [{ key: noun, icon: iconOf(one.menu), text: t(`to_do.${noun}`), to: `/${one.path}?open=new` }];
  }
  return [];
}

function ofJobs(): Deed[] {
  const [busy, failed] = [jobs.value.filter((job) => job.status === "running" || job.status === "waiting").length, jobs.value.filter((job) => job.status === "failed").length];
  const deed = (key: string, n: number): Deed[] => (n ? [{ key, icon: "history", text: t(`to_do.${key}`, { n }), to: "/jobs" }] : []);
  return [...deed("jobs_failed", failed), ...deed("jobs_running", busy)];
}

export function ToDo() {
  const [found, setFound] = useState<Deed[]>([]);
  const all = resources.value;
  const turn = Math.floor(second.value / every);
  useEffect(() => {
    let late = false;
    if (all && document.visibilityState === "visible") void Promise.all([lacking(all), countApprovals()]).then(([deeds]) => !late && setFound(deeds));
    return () => void (late = true);
  }, [all, turn]);
  const deeds = known.value ? [...ofApprovals(all ?? []), ...found, ...ofJobs()] : [];
  return (
    <nav class="to-do" aria-label={t("to_do.title")}>
      {deeds.map((deed) => (
        <a key={deed.key} href={deed.to}>
          <Icon name={deed.icon} size={18} />
          <span>{deed.text}</span>
          <Icon name="next" size={16} />
        </a>
      ))}
    </nav>
  );
}
