// How one side of a call sounds: the word first, the figures behind it, what is wrong and where to look.
import { history, second } from "../link/live";
import type { SideRow } from "../link/rows";
import { Badge } from "../part/badge";
import { Sparkline } from "../part/chart";
import { Icon } from "../part/icon";
import { figure } from "../word/time";
import { t } from "../word/words";
import { quality, qualityTones } from "./quality";
import { sideIll } from "./trouble";

const room = 90;

export function QualityBadge({ mos, bare = false }: { mos: number | null; bare?: boolean }) {
  const word = quality(mos);
  return (
    <Badge tone={qualityTones[word]} bare={bare}>
      {t(`quality.${word}`)}
      {mos !== null && <span class="tabular"> {figure(mos, 1)}</span>}
    </Badge>
  );
}

export function Lock({ encrypted }: { encrypted: boolean }) {
  return (
    <span class={encrypted ? "lock lock-on" : "lock"} title={t(encrypted ? "sound.encrypted" : "sound.open")}>
      <Icon name={encrypted ? "lock" : "unlock"} size={16} />
      <span class="unseen">{t(encrypted ? "sound.encrypted" : "sound.open")}</span>
    </span>
  );
}

export function Figures({ lost, jitter_ms, round_trip_ms, codec, remote }: { lost: number; jitter_ms: number; round_trip_ms: number | null; codec: string; remote?: string }) {
  const unknown = "–";
  const parts: [string, string][] = [
    ["codec", codec || unknown],
    ["lost", figure(lost)],
    ["jitter", t("unit.ms", { n: figure(jitter_ms, 1) })],
    ["round_trip", round_trip_ms === null ? unknown : t("unit.ms", { n: figure(round_trip_ms) })],
  ];
  if (remote) parts.push(["remote", remote]);
  return (
    <dl class="figures">
      {parts.map(([word, value]) => (
        <div key={word}>
          <dt>{t(`sound.${word}`)}</dt>
          <dd class="tabular"><bdi>{value}</bdi></dd>
        </div>
      ))}
    </dl>
  );
}

export function Side({ call_id, n, side, name }: { call_id: string; n: number; side: SideRow; name: string }) {
  const ill = sideIll(side);
  // Read so that the drawing moves with the second.
  void second.value;
  const past = history(call_id, n);
  const tone = qualityTones[quality(side.mos)];
  return (
    <section class="call-side" aria-label={name}>
      <header class="call-side-head">
        <span class="cell-line"><Lock encrypted={side.encrypted} /><bdi>{name}</bdi></span>
        <QualityBadge mos={side.mos} />
      </header>
      <div class={`call-side-past tone-${tone}`}>
        <figure>
          <Sparkline values={past.map((one) => one.mos)} from={1} to={4.5} room={room} text={t("sound.mos_past")} />
          <figcaption>{t("sound.mos")}</figcaption>
        </figure>
        <figure>
          <Sparkline values={past.map((one) => one.level)} from={-70} to={0} room={room} text={t("sound.level_past")} />
          <figcaption>{t("sound.level")} <span class="tabular">{t("unit.db", { n: figure(side.level_dbfs) })}</span></figcaption>
        </figure>
      </div>
      <Figures {...side} />
      <div aria-live="polite">
        {ill && (
          <p class="notice tone-bad">
            <Icon name="warning" size={18} /> <span>{t(ill.word, ill.values)}</span>
          </p>
        )}
      </div>
    </section>
  );
}
