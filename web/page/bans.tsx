// Banned addresses: why, how often, until when, and how they are let in again (BOX-146).
import { useEffect, useRef, useState } from "preact/hooks";
import { box, sinceSeconds } from "../link/live";
import { ask } from "../link/request";
import type { BanRow } from "../link/rows";
import { allowed } from "../link/session";
import { Button } from "../part/button";
import { Empty } from "../part/empty";
import { Table, type Column } from "../part/table";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { figure, fully, moment } from "../word/time";
import { t } from "../word/words";
import { useListing } from "./listing";
import { ListRefused, Pager } from "./tools";

/** How often the list is fetched although nothing is known to have changed, in milliseconds. */
const every = 30_000;

const at = (when: string) => <time class="tabular" dateTime={when} title={fully(when)}>{moment(when)}</time>;

export function Bans() {
  return allowed("box.view") ? <Listed mayLift={allowed("box.edit")} /> : null;
}

function Listed({ mayLift }: { mayLift: boolean }) {
  const [limit, setLimit] = useState(10);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const listing = useListing<BanRow>("bans", { limit });
  const again = useRef(listing.again);
  again.current = listing.again;
  const counted = box.value?.bans;
  const known = useRef(counted);
  useEffect(() => {
    if (counted !== known.current) again.current();
    known.current = counted;
  }, [counted]);
  useEffect(() => {
    const timer = setInterval(() => again.current(), every);
    return () => clearInterval(timer);
  }, []);
  const rows = listing.rows?.filter((ban) => sinceSeconds(ban.until) === 0) ?? null;
  const ticked = [...chosen].filter((address) => rows?.some((ban) => ban.address === address));

  const lift = async (addresses: string[]) => {
    if (busy) return;
    setBusy(true);
    const answer = await ask<{ deleted: number }>("POST", "bans/delete", { ids: addresses });
    setBusy(false);
    if (!answer.ok) return say(refusalSentence(answer.refused), "bad");
    // What had ended meanwhile is let in as well.
    say(addresses.length === 1 ? t("bans.lifted_one", { address: addresses[0]! }) : t("bans.lifted", { n: addresses.length }));
    setChosen(new Set());
    listing.again();
  };

  const columns: Column<BanRow>[] = [
    { name: "address", label: t("bans.address"), main: true, cell: (ban) => <bdi class="mono">{ban.address}</bdi> },
    { name: "reason", label: t("bans.reason"), cell: (ban) => t(`bans.reason.${ban.reason}`) },
    { name: "times", label: t("bans.times"), figure: true, cell: (ban) => figure(ban.times) },
    { name: "since", label: t("bans.since"), cell: (ban) => at(ban.since) },
    { name: "until", label: t("bans.until"), cell: (ban) => at(ban.until) },
  ];
  if (mayLift) columns.push({ name: "lift", label: "", cell: (ban) => <Button small icon="unlock" disabled={busy} onClick={() => void lift([ban.address])}>{t("bans.lift")}</Button> });
  return (
    <section class="panel panel-wide" aria-busy={listing.busy}>
      <header class="panel-head">
        <h2>{t("bans.title")}</h2>
        {ticked.length > 0 && <Button icon="unlock" busy={busy} onClick={() => void lift(ticked)}>{t("bans.lift_chosen", { n: ticked.length })}</Button>}
      </header>
      {rows?.length ? <p class="soft">{t("bans.text")}</p> : null}
      {listing.refused && !listing.rows ? (
        <ListRefused refused={listing.refused} again={listing.again} />
      ) : (
        <Table label={t("bans.title")} columns={columns} rows={rows} id={(ban) => ban.address} name={(ban) => ban.address} chosen={new Set(ticked)} onChoose={mayLift ? setChosen : undefined} empty={<Empty icon="check" title={t("bans.empty_title")} text={t("bans.empty_text")} />} />
      )}
      {listing.total > 10 && <Pager listing={listing} limit={limit} onLimit={setLimit} />}
    </section>
  );
}
