// What became of a trunk: its calls of today, how long it was up, every outage with its cause, each change of its state
// (TRK-48 to TRK-50).
import { useEffect, useState } from "preact/hooks";
import { trunks } from "../link/live";
import { ask, type Refused } from "../link/request";
import type { Row, TrunkState } from "../link/rows";
import { Badge } from "../part/badge";
import { Skeleton } from "../part/skeleton";
import { refusalSentence } from "../word/refusal";
import { figure, fully, moment, span } from "../word/time";
import { t } from "../word/words";
import { Cause, Changed, trunkTones } from "./own/trunk";

type Why = { reason: string; code: number | null; text: string };
type Outage = Why & { began_at: string; ended_at: string | null };
type Turn = Why & { at: string; from: TrunkState; to: TrunkState; address: string | null; ms: number | null };
type Told = { items: Turn[]; up_day: number | null; up_month: number | null; outages: Outage[] };

const percent = (share: number | null) => (share === null ? t("trunk.unknown") : `${figure(share * 100, share > 0.99 && share < 1 ? 2 : 0)} %`);
const seconds = (outage: Outage) => ((outage.ended_at ? Date.parse(outage.ended_at) : Date.now()) - Date.parse(outage.began_at)) / 1000;

type Day = { calls_in: number; calls_out: number; answered: number; refused: Record<string, number>; ringing_ms: number | null; most: number; lost_in: number | null; lost_out: number | null };

const loss = (share: number | null) => (share === null ? t("trunk.unknown") : `${figure(share * 100, 2)} %`);

/** What went over it since midnight (TRK-50). */
function Today({ row }: { row: Row }) {
  const [day, setDay] = useState<Day | null>(null);
  const now = trunks.value.get(String(row.id))?.calls_now;
  useEffect(() => void ask<Day>("GET", `trunks/${row.id}/today`).then((answer) => answer.ok && setDay(answer.body)), [row.id, now]);
  if (!day) return <Skeleton lines={2} />;
  const refused = Object.entries(day.refused);
  return (
    <section>
      <h3>{t("trunk.today")}</h3>
      {day.calls_in + day.calls_out === 0 ? <p class="soft">{t("trunk.today.none")}</p> : (
        <dl class="facts">
          <div><dt>{t("trunk.today.in")}</dt><dd class="tabular">{figure(day.calls_in)}</dd></div>
          <div><dt>{t("trunk.today.out")}</dt><dd class="tabular">{figure(day.calls_out)}</dd></div>
          <div><dt>{t("trunk.today.answered")}</dt><dd class="tabular">{figure(day.answered)}</dd></div>
          <div><dt>{t("trunk.today.refused")}</dt><dd class="tabular">{refused.length ? refused.map(([code, n]) => <span key={code} class="cell-line"><span class="mono">{code === "0" ? t("trunk.call.no_code") : code}</span> {figure(n)}</span>) : figure(0)}</dd></div>
          <div><dt>{t("trunk.today.ringing")}</dt><dd class="tabular">{day.ringing_ms === null ? t("trunk.unknown") : t("trunk.ms", { n: figure(day.ringing_ms) })}</dd></div>
          <div><dt>{t("trunk.today.most")}</dt><dd class="tabular">{figure(day.most)}</dd></div>
          <div><dt>{t("trunk.today.lost_in")}</dt><dd class="tabular">{loss(day.lost_in)}</dd></div>
          <div><dt>{t("trunk.today.lost_out")}</dt><dd class="tabular">{loss(day.lost_out)}</dd></div>
        </dl>
      )}
    </section>
  );
}

export function TrunkPast({ row }: { row: Row }) {
  const [told, setTold] = useState<Told | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const since = trunks.value.get(String(row.id))?.state_since;
  useEffect(() => {
    void ask<Told>("GET", `trunks/${row.id}/states`).then((answer) => (answer.ok ? setTold(answer.body) : setRefused(answer.refused)));
  }, [row.id, since]);
  if (refused) return <p class="soft">{refusalSentence(refused)}</p>;
  if (!told) return <Skeleton lines={4} />;
  if (!told.items.length) return <div class="story"><Today row={row} /><p class="soft">{t("trunk.nothing_yet")}</p></div>;
  return (
    <div class="story">
      <Changed row={row} />
      <Today row={row} />
      <dl class="facts">
        <div><dt>{t("trunk.up_day")}</dt><dd class="tabular">{percent(told.up_day)}</dd></div>
        <div><dt>{t("trunk.up_month")}</dt><dd class="tabular">{percent(told.up_month)}</dd></div>
      </dl>
      <section>
        <h3>{t("trunk.outages")}</h3>
        {told.outages.length === 0 && <p class="soft">{t("trunk.no_outage")}</p>}
        <ol class="history">
          {told.outages.map((outage) => (
            <li key={outage.began_at}>
              <header class="history-head"><time class="tabular" dateTime={outage.began_at} title={fully(outage.began_at)}>{moment(outage.began_at)}</time></header>
              <p>{t(outage.ended_at ? "trunk.outage_for" : "trunk.outage_since", { span: span(seconds(outage)) })} · <Cause {...outage} /></p>
            </li>
          ))}
        </ol>
      </section>
      <section>
        <h3>{t("trunk.states")}</h3>
        <ol class="history">
          {told.items.map((turn, at) => (
            <li key={`${turn.at} ${at}`}>
              <header class="history-head">
                <time class="tabular" dateTime={turn.at} title={fully(turn.at)}>{moment(turn.at)}</time>
                <Badge tone={trunkTones[turn.to]}>{t(`trunk.state.${turn.to}`)}</Badge>
              </header>
              <p>
                <Cause {...turn} />
                {turn.address && <> · <bdi class="mono small">{turn.address}</bdi></>}
                {turn.ms !== null && <> · <span class="tabular small">{t("trunk.ms", { n: turn.ms })}</span></>}
              </p>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}
