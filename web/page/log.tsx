// What became of the numbers of a list, also of those that are gone, and the calls that it turned away (BLK-8).
import { useState } from "preact/hooks";
import type { Resource } from "../link/schema";
import { allowed, self } from "../link/session";
import { Badge, type Tone } from "../part/badge";
import { Empty } from "../part/empty";
import { Table, type Column } from "../part/table";
import { fully, moment } from "../word/time";
import { t } from "../word/words";
import { Head } from "./frame";
import { useKept, useListing, useSettled } from "./listing";
import { titleOf } from "./naming";
import { firstRow, ListRefused, Pager, Search } from "./tools";
import { Views } from "./views";

type Word = "added" | "approved" | "rejected" | "removed" | "call";
type Logged = { at: string; word: Word; by: { kind: string; name?: string } | null; named: string | null; reason: string | null; call_id: string | null };

const tones: Record<Word, Tone> = { added: "wait", approved: "good", rejected: "off", removed: "off", call: "bad" };

function columns(): Column<Logged>[] {
  return [
    { name: "at", label: t("log.at"), cell: (one) => <time class="tabular" dateTime={one.at} title={fully(one.at)}>{moment(one.at)}</time> },
    { name: "named", label: t("log.number"), main: true, cell: (one) => <bdi class="mono">{one.named}</bdi> },
    { name: "word", label: t("log.word"), cell: (one) => <Badge tone={tones[one.word]}>{t(`log.word.${one.word}`)}</Badge> },
    { name: "by", label: t("log.by"), cell: (one) => (one.by ? <bdi>{one.by.name || t(`by.${one.by.kind}`)}</bdi> : allowed("call_record.view") && one.call_id ? <a href={`/call_records?open=${encodeURIComponent(one.call_id)}`}>{t("log.open_call")}</a> : null) },
    { name: "reason", label: t("log.reason"), cell: (one) => <bdi>{one.reason}</bdi> },
  ];
}

export function Log({ declared }: { declared: Resource }) {
  const [limit, setLimit] = useKept(self(), declared.path, "limit", 20);
  const [typed, setTyped] = useState("");
  const search = useSettled(typed.trim());
  const listing = useListing<Logged>(`${declared.path}/log`, { search, limit });
  const empty = search ? <Empty icon="search" title={t("list.nothing_found")} text={t("list.nothing_found_text", { search })} /> : <Empty icon="records" title={t("log.empty_title")} text={t("log.empty_text")} />;
  return (
    <div class="page-fill">
      <Head title={titleOf(declared)} text={t("log.text")} />
      <div class="tools">
        <Search value={typed} onChange={setTyped} label={t("log.search")} to={firstRow} />
      </div>
      <Views resource={declared} />
      {listing.refused && !listing.rows ? (
        <div class="table-frame"><ListRefused refused={listing.refused} again={listing.again} /></div>
      ) : (
        <Table label={t("views.log")} columns={columns()} rows={listing.rows} id={(one) => `${one.at} ${one.word} ${one.named} ${one.call_id}`} name={(one) => `${one.named}, ${t(`log.word.${one.word}`)}, ${moment(one.at)}`} busy={listing.busy} empty={empty} />
      )}
      <Pager listing={listing} limit={limit} onLimit={setLimit} />
    </div>
  );
}
