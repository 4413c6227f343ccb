// Why did this call …: what was asked on its way, where it was, who rang and refused, how it sounded, and its SIP
// messages, from what was kept when it happened (BOX-119 to BOX-123).
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, type Refused } from "../link/request";
import { place } from "../link/route";
import type { CallRecord } from "../link/rows";
import { Badge, type Tone } from "../part/badge";
import { Empty } from "../part/empty";
import { Icon } from "../part/icon";
import { Skeleton } from "../part/skeleton";
import { Table, type Column } from "../part/table";
import { figure, fully, length } from "../word/time";
import { has, one, t } from "../word/words";
import { called, ended } from "./called";
import { Head } from "./frame";
import { Ladder, type Message } from "./ladder";
import { QualityBadge } from "./sound";
import { OutcomeBadge, Who } from "./state";
import { Steps, type Step } from "./steps";
import { ListRefused } from "./tools";

type Sound = { codec: string; codecs: string[]; encrypted: boolean; told_address: string; seen_address: string; signalling_address: string; packets_received: number; packets_sent: number; lost: number; lost_there: number; jitter_ms: number; round_trip_ms: number | null; mos: number | null; strangers: number; unproven: number };
type Leg = { leg: string; part: string; number: string; name: string; trunk_name: string; begun_ms: number; rang_ms: number | null; answered_ms: number | null; ended_ms: number | null; end: string | null; code: number; sound: Sound | null; fault: string | null };
type Story = { steps: { after_ms: number; step: Step }[]; legs: Leg[]; ladder: Message[] | null; cut: boolean; kept: boolean };

const placeWord = (place: string) => (has(`destination.${place}`) ? t(`destination.${place}`) : t(`place.${place}`));
const after = (ms: number) => t("why_call.after", { s: figure(ms / 1000, 1) });

export function Why() {
  const call = place.value.query.get("call") ?? "";
  const [record, setRecord] = useState<CallRecord | null>(null);
  const [story, setStory] = useState<Story | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const load = async () => {
    setRefused(null);
    const path = `call_records/${encodeURIComponent(call)}`;
    const [found, told] = await Promise.all([ask<CallRecord>("GET", path), ask<Story>("GET", `${path}/story`)]);
    if (found.ok) setRecord(found.body);
    if (told.ok) setStory(told.body);
    const wrong = [found, told].find((answer) => !answer.ok);
    if (wrong && !wrong.ok) setRefused(wrong.refused);
  };
  useEffect(() => {
    if (call) void load();
  }, [call]);
  if (!call) return <><Head title={t("why_call.title")} /><Empty icon="records" title={t("why_call.which")} text={t("why_call.which_text")}><a class="button button-primary" href="/call_records">{t("menu.call_records")}</a></Empty></>;
  return (
    <>
      <Head title={t("why_call.title")} text={record ? `${record.original_caller_number} → ${called(record)} · ${fully(record.started_at)}` : undefined}>
        <a class="button button-plain" href={`/call_records?open=${encodeURIComponent(call)}`}><Icon name="back" size={18} /> <span>{one("call_record")}</span></a>
      </Head>
      {refused && <ListRefused refused={refused} again={() => void load()} />}
      {!refused && (!record || !story) && <Skeleton lines={9} />}
      {record && story && <Told record={record} story={story} />}
    </>
  );
}

function Told({ record, story }: { record: CallRecord; story: Story }) {
  // Whoever called goes first among those that began in one moment.
  const legs = [...story.legs].sort((a, b) => a.begun_ms - b.begun_ms || Number(b.part === "caller") - Number(a.part === "caller"));
  return (
    <div class="ways">
      <End record={record} legs={legs} />
      {!story.kept && <p class="notice tone-wait"><Icon name="warning" size={18} /> <span>{t("why_call.not_kept")}</span></p>}
      {story.steps.length > 0 && <Steps steps={story.steps.map(({ step }) => step)} />}
      <Places record={record} />
      <Legs legs={legs} />
      <Attempts record={record} />
      <Sounds legs={legs} />
      {story.ladder && story.ladder.length > 0 && (
        <Panel title={t("why_call.ladder")}>
          <p class="soft">{t("why_call.ladder_text")}</p>
          <Ladder messages={story.ladder} legs={legs.map(({ leg, number, name, trunk_name }) => ({ leg, name: name || number || trunk_name, number: name ? number : trunk_name }))} />
          {story.cut && <p class="soft">{t("why_call.cut")}</p>}
        </Panel>
      )}
    </div>
  );
}

/** How it ended, and what was wrong, first. */
function End({ record, legs }: { record: CallRecord; legs: Leg[] }) {
  const ills = legs.filter((leg) => leg.fault);
  return (
    <section class="panel">
      <header class="panel-head"><h2>{t("why_call.end")}</h2><OutcomeBadge outcome={record.call_outcome} /></header>
      <p>
        {t(ended(record).word, { name: ended(record).name })} · {t(`hangup_reason.${record.hangup_reason}`)} · <span class="mono">{record.sip_code}</span> {has(`sip_code.${record.sip_code}`) ? t(`sip_code.${record.sip_code}`) : record.sip_code_text}
        {record.answered_at && <> · {t("call_record.talk_seconds")} {length(record.talk_seconds)}</>}
      </p>
      {ills.map((leg) => <p key={leg.leg} class="notice tone-bad"><Icon name="warning" size={18} /> <span>{t(`sound_fault.${leg.fault}`, { number: leg.number || leg.trunk_name, told: leg.sound?.told_address ?? "", seen: leg.sound?.seen_address ?? "" })}</span></p>)}
    </section>
  );
}

function Places({ record }: { record: CallRecord }) {
  const places = (record.places ?? []).map((visit, n) => ({ ...visit, n }));
  if (!places.length) return null;
  const columns: Column<(typeof places)[number]>[] = [
    { name: "after", label: t("why_call.when"), cell: (visit) => <span class="tabular">{after(visit.after_ms)}</span> },
    { name: "place", label: t("why_call.place"), main: true, cell: (visit) => placeWord(visit.place) },
    { name: "name", label: t("why_call.name"), cell: (visit) => (visit.name ? <bdi>{visit.name}</bdi> : null) },
  ];
  return (
    <Panel title={t("why_call.places")}>
      <Table label={t("why_call.places")} columns={columns} rows={places} id={(visit) => String(visit.n)} name={(visit) => visit.place} />
      {record.customer_keys && <p>{t("call_record.customer_keys")}: <bdi class="mono">{record.customer_keys}</bdi></p>}
    </Panel>
  );
}

const endTones: Record<string, Tone> = { hung_up: "plain", cancelled: "wait", refused: "bad", timed_out: "bad", lost: "bad", ours: "off" };

function Legs({ legs }: { legs: Leg[] }) {
  if (!legs.length) return null;
  const moment = (ms: number | null) => (ms === null ? null : <span class="tabular">{after(ms)}</span>);
  const columns: Column<Leg>[] = [
    { name: "who", label: t("why_call.who"), main: true, cell: (leg) => <Who number={leg.number} name={leg.name} /> },
    { name: "part", label: t("why_call.part"), cell: (leg) => [t(`leg_part.${leg.part}`), leg.trunk_name].filter(Boolean).join(" · ") },
    { name: "begun", label: t("why_call.begun"), cell: (leg) => moment(leg.begun_ms) },
    { name: "rang", label: t("why_call.rang"), cell: (leg) => moment(leg.rang_ms) },
    { name: "answered", label: t("why_call.answered"), cell: (leg) => moment(leg.answered_ms) },
    { name: "ended", label: t("why_call.ended"), cell: (leg) => moment(leg.ended_ms) },
    { name: "end", label: t("why_call.how"), cell: (leg) => (leg.end ? <Badge tone={endTones[leg.end] ?? "plain"}>{t(`leg_end.${leg.end}`)}{leg.code > 0 && ` ${leg.code}`}</Badge> : null) },
  ];
  return <Panel title={t("why_call.legs")}><Table label={t("why_call.legs")} columns={columns} rows={legs} id={(leg) => leg.leg} name={(leg) => leg.number} /></Panel>;
}

function Attempts({ record }: { record: CallRecord }) {
  const attempts = (record.attempts ?? []).map((attempt, n) => ({ ...attempt, n }));
  if (!attempts.length) return null;
  const columns: Column<(typeof attempts)[number]>[] = [
    { name: "trunk", label: one("trunk"), main: true, cell: (attempt) => <bdi>{attempt.trunk_name}</bdi> },
    { name: "code", label: t("call_record.sip_code"), cell: (one) => <span class="mono">{one.code || t("why_call.no_answer")}</span> },
    { name: "ms", label: t("why_call.took"), figure: true, cell: (one) => t("unit.ms", { n: figure(one.milliseconds) }) },
  ];
  return <Panel title={t("why_call.attempts")}><Table label={t("why_call.attempts")} columns={columns} rows={attempts} id={(one) => String(one.n)} name={(one) => one.trunk_name} /></Panel>;
}

const packets = (came: number, missing: number) => (missing ? `${figure(came)} (−${figure(missing)})` : figure(came));

function Sounds({ legs }: { legs: Leg[] }) {
  const heard = legs.filter((leg): leg is Leg & { sound: Sound } => Boolean(leg.sound?.codec));
  if (!heard.length) return null;
  const columns: Column<(typeof heard)[number]>[] = [
    { name: "who", label: t("why_call.who"), main: true, cell: (leg) => <Who number={leg.number} name={leg.name} /> },
    { name: "quality", label: t("call_record.sound"), cell: ({ sound }) => (sound.mos === null ? "–" : <QualityBadge mos={sound.mos} />) },
    { name: "codec", label: t("sound.codec"), cell: ({ sound }) => [sound.codec, sound.encrypted && "SRTP"].filter(Boolean).join(" · ") },
    { name: "came", label: t("why_call.came"), figure: true, cell: ({ sound }) => packets(sound.packets_received, sound.lost) },
    { name: "went", label: t("why_call.went"), figure: true, cell: ({ sound }) => packets(sound.packets_sent, sound.lost_there) },
    { name: "jitter", label: t("sound.jitter"), figure: true, cell: ({ sound }) => t("unit.ms", { n: figure(sound.jitter_ms, 1) }) },
    { name: "told", label: t("why_call.told"), cell: ({ sound }) => <bdi class="mono">{sound.told_address}</bdi> },
    { name: "seen", label: t("why_call.seen"), cell: ({ sound }) => (sound.seen_address ? <bdi class="mono">{sound.seen_address}</bdi> : null) },
    { name: "dropped", label: t("why_call.dropped"), figure: true, cell: ({ sound }) => figure(sound.strangers + sound.unproven) },
  ];
  return <Panel title={t("why_call.sounds")}><Table label={t("why_call.sounds")} columns={columns} rows={heard} id={(leg) => leg.leg} name={(leg) => leg.number} /></Panel>;
}

function Panel({ title, children }: { title: string; children: ComponentChildren }) {
  return <section class="panel"><h2>{title}</h2>{children}</section>;
}
