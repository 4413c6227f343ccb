// Flight recordings: what the box was told in the last hours, for whoever looks for a fault (BOX-125).
import type { FlightRow } from "../link/rows";
import { allowed } from "../link/session";
import { Empty } from "../part/empty";
import { Icon } from "../part/icon";
import { Table, type Column } from "../part/table";
import { bytes, fully, moment } from "../word/time";
import { t } from "../word/words";
import { useListing } from "./listing";
import { ListRefused } from "./tools";

const at = (when: string) => <time class="tabular" dateTime={when} title={fully(when)}>{moment(when)}</time>;
const file = (flight: FlightRow) => `/panel/flight_recordings/${flight.name}/file`;

const columns = (): Column<FlightRow>[] => [
  { name: "began", label: t("flight.began"), main: true, cell: (flight) => at(flight.began) },
  { name: "until", label: t("flight.until"), cell: (flight) => at(flight.until) },
  { name: "bytes", label: t("flight.bytes"), figure: true, cell: (flight) => bytes(flight.bytes) },
  {
    name: "download",
    label: "",
    cell: (flight) => (
      <a class="button button-plain button-small" href={file(flight)} download={`callbox-${flight.name}`} aria-label={t("flight.download_of", { at: moment(flight.began) })}>
        <Icon name="download" size={16} /> <span>{t("action.download")}</span>
      </a>
    ),
  },
];

export function Flights() {
  return allowed("box.diagnose") ? <Listed /> : null;
}

function Listed() {
  const listing = useListing<FlightRow>("flight_recordings", {});
  return (
    <section class="panel panel-wide" aria-busy={listing.busy}>
      <header class="panel-head"><h2>{t("flight.title")}</h2></header>
      <p class="soft">{t("flight.text")}</p>
      {listing.refused && !listing.rows ? (
        <ListRefused refused={listing.refused} again={listing.again} />
      ) : (
        <Table label={t("flight.title")} columns={columns()} rows={listing.rows} id={(flight) => flight.name} name={(flight) => moment(flight.began)} empty={<Empty icon="history" title={t("flight.empty_title")} text={t("flight.empty_text")} />} />
      )}
    </section>
  );
}
