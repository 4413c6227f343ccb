// How full the disk of the box is, and when it will be full (BOX-62).
import type { BoxRow } from "../link/rows";
import { Meter } from "../part/chart";
import { bytes, moment } from "../word/time";
import { t } from "../word/words";

/** At the pace of the last days. */
export const fullAt = (at: string | null) => (at === null ? t("disk.full_unknown") : t("disk.full_at", { at: moment(at) }));

export function Disk({ disk }: { disk: NonNullable<BoxRow["disk"]> }) {
  const text = t("disk.used", { percent: disk.percent, total: bytes(disk.total_bytes) });
  return (
    <>
      <p class="cell-line"><span>{text}</span></p>
      <Meter value={disk.percent} max={100} tone={disk.percent >= 90 ? "bad" : disk.percent >= 80 ? "wait" : "good"} text={text} />
      {disk.full_at !== null && <p class="small soft">{fullAt(disk.full_at)}</p>}
    </>
  );
}
