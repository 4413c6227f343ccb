// The box itself: its name and version, what phones need of it, its settings, its certificate, what it counts.
import { useState } from "preact/hooks";
import { box } from "../link/live";
import type { BoxRow } from "../link/rows";
import { resource } from "../link/schema";
import { session, sipAddress } from "../link/session";
import { Badge } from "../part/badge";
import { Copy } from "../part/copy";
import { Icon } from "../part/icon";
import { Meter } from "../part/chart";
import { Skeleton } from "../part/skeleton";
import { Tabs } from "../part/tabs";
import { figure, moment, span } from "../word/time";
import { t } from "../word/words";
import { Alarms } from "./alarms";
import { Bans } from "./bans";
import { Disk } from "./disk";
import { Flights } from "./flights";
import { Head } from "./frame";

const systems = ["windows", "macos", "ios", "android", "firefox"];

export function BoxPage() {
  const known = session.value?.box;
  return (
    <>
      <Head title={t("menu.box")} text={t("box.text")}>
        {resource("settings") && <a class="button button-plain" href="/settings"><Icon name="system" size={18} /> <span>{t("box.settings")}</span></a>}
      </Head>
      <div class="box-page">
        <Alarms />
        <State />
        <section class="panel">
          <h2>{t("box.about")}</h2>
          <dl class="facts">
            <div><dt>{t("box.name")}</dt><dd><bdi>{known?.name}</bdi></dd></div>
            <div><dt>{t("box.version")}</dt><dd class="mono">{known?.version}</dd></div>
            <Address />
          </dl>
        </section>
        <Bans />
        <Flights />
        <Certificate />
      </div>
    </>
  );
}

function Address() {
  const sip = sipAddress();
  const line = (word: string, value: string) => (
    <div key={word}>
      <dt>{word}</dt>
      <dd class="cell-line"><bdi class="mono">{value}</bdi><Copy text={value} what={word} /></dd>
    </div>
  );
  return (
    <>
      {line(t("softphone.server"), sip.host)}
      {sip.tls !== null && line("SIP TLS", String(sip.tls))}
      {sip.tcp !== null && line("SIP TCP", String(sip.tcp))}
      {sip.udp !== null && line("SIP UDP", String(sip.udp))}
    </>
  );
}

function State() {
  const figures = box.value;
  if (!figures) return <section class="panel"><h2>{t("box.state")}</h2><Skeleton /></section>;
  const full = figures.max_calls ? figures.calls / figures.max_calls : 0;
  const counted: [string, number][] = [
    ["registered_devices", figures.registered_devices],
    ["calls_refused", figures.calls_refused],
    ["messages_malformed", figures.messages_malformed],
    ["clock_sets", figures.clock_sets],
    ["recordings_lost", figures.recordings_lost],
  ];
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{t("box.state")}</h2>
        <span aria-live="polite"><Badge tone={figures.refusing ? "bad" : "good"}>{t(figures.refusing ? "now.refusing" : "box.taking")}</Badge></span>
      </header>
      <p class="cell-line"><span>{t("now.calls_of", { n: figure(figures.calls), max: figure(figures.max_calls) })}</span></p>
      <Meter value={figures.calls} max={figures.max_calls} tone={full > 0.9 ? "bad" : full > 0.7 ? "wait" : "good"} text={t("now.calls_of", { n: figures.calls, max: figures.max_calls })} />
      {figures.disk && <Disk disk={figures.disk} />}
      {figures.unsure && <TimeUnsure unsure={figures.unsure} />}
      <dl class="facts facts-counted">
        {counted.map(([name, n]) => (
          <div key={name}>
            <dt>{t(`box.${name}`)}<span class="small soft">{t(`box.${name}.help`)}</span></dt>
            <dd class="figure">{figure(n)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** BOX-54 */
function TimeUnsure({ unsure: { since, until, moved_ms } }: { unsure: NonNullable<BoxRow["unsure"]> }) {
  if (until === null) return <p class="notice tone-wait"><Icon name="warning" size={18} /> <span>{t("box.time_unsure", { since: moment(since) })}</span></p>;
  const moved = moved_ms === 0 ? "box.time_right" : moved_ms > 0 ? "box.time_later" : "box.time_earlier";
  return <p class="small soft">{t("box.time_was_unsure", { since: moment(since), until: moment(until) })} {t(moved, { span: span(Math.abs(moved_ms) / 1000) })}</p>;
}

function Certificate() {
  const [system, setSystem] = useState(systems[0]!);
  return (
    <section class="panel panel-wide">
      <h2>{t("certificate.title")}</h2>
      <p class="soft">{t("certificate.text")}</p>
      <p><a class="button button-plain" href="/ca.crt" download="callbox-ca.crt"><Icon name="download" size={18} /> <span>{t("certificate.download")}</span></a></p>
      <Tabs
        id="system"
        label={t("certificate.systems")}
        chosen={system}
        onChoose={setSystem}
        tabs={systems.map((name) => ({ name, label: t(`certificate.${name}`), body: <p class="soft">{t(`certificate.${name}.steps`)}</p> }))}
      />
    </section>
  );
}
