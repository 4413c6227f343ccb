// The recording of a call: both sides drawn, heard at any speed, moved through with the keyboard (CDR-10).
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { ask } from "../link/request";
import type { CallRecord } from "../link/rows";
import { allowed } from "../link/session";
import { ringing } from "../link/ringing";
import { Button } from "../part/button";
import { confirm } from "../part/dialog";
import { Icon } from "../part/icon";
import { say } from "../part/toast";
import { fetchFile } from "../word/csv";
import { refusalSentence } from "../word/refusal";
import { length } from "../word/time";
import { t } from "../word/words";
import { pathOfPeaks, seekBy } from "./wave";

export const speeds = [0.5, 0.75, 1, 1.25, 1.5, 2];

type Shape = { left: number[]; right: number[] };

/** Only one recording plays at a time (DSK-189). */
let playing: HTMLAudioElement | null = null;

export const isThere = (record: CallRecord) => record.recording?.state === "kept" || record.recording?.state === "incomplete";
export const recordingAddress = (record: CallRecord) => `/panel/call_records/${encodeURIComponent(record.call_id)}/recording`;

/** What is to be said where there is nothing, or not all, to be heard. */
function trouble(record: CallRecord): string | null {
  if (record.recording_found && record.recording_found !== "as_it_was") return `recording.${record.recording_found}`;
  const state = record.recording?.state;
  return state && state !== "kept" ? `recording.${state}` : null;
}

const asked = (record: CallRecord) => ask<CallRecord>("GET", `call_records/${encodeURIComponent(record.call_id)}`);

/** The record, once it is known how its file is found (BOX-61); null until then. */
export function useFound(record: CallRecord): CallRecord | null {
  const [found, setFound] = useState<CallRecord | null>(null);
  useEffect(() => void asked(record).then((answer) => setFound(answer.ok ? answer.body : record)), [record.call_id]);
  return found;
}

/** Says first what is wrong with the file, and whether there is one (BOX-61). */
export async function download(record: CallRecord): Promise<void> {
  const answer = await asked(record);
  if (!answer.ok) return say(refusalSentence(answer.refused), "bad");
  const ill = trouble(answer.body);
  if (!isThere(answer.body) || answer.body.recording_found === "gone") return say(t(ill ?? "recording.gone"), "bad");
  if (ill && !(await confirm({ title: t("recording.download_title"), text: t(ill), yes: t("action.download") }))) return;
  fetchFile(`${recordingAddress(record)}/file`, `${record.call_id}.wav`);
}

export function Recorded({ record, autoplay = false }: { record: CallRecord; autoplay?: boolean }) {
  const ill = trouble(record);
  const there = isThere(record) && record.recording_found !== "gone";
  return (
    <section class="recording">
      <h3>{t("recording.title")}</h3>
      {ill && <p class={`notice tone-${record.recording?.state === "open" ? "wait" : "bad"}`}><Icon name="warning" size={18} /> <span>{t(ill)}</span></p>}
      {there && allowed("call_record.play") && <Player record={record} autoplay={autoplay} />}
      {there && allowed("call_record.download") && <p><a class="button button-plain" href={`${recordingAddress(record)}/file`} download={`${record.call_id}.wav`}><Icon name="download" size={18} /> <span>{t("action.download")}</span></a></p>}
    </section>
  );
}

export function Player({ record, autoplay }: { record: CallRecord; autoplay: boolean }) {
  const audio = useRef<HTMLAudioElement>(null);
  const [shape, setShape] = useState<Shape | null>(null);
  const [at, setAt] = useState(0);
  const [runs, setRuns] = useState(false);
  const [speed, setSpeed] = useState(1);
  const [failed, setFailed] = useState(false);
  // The record counts begun seconds; the file itself says how long it is.
  const [long, setLong] = useState(record.recording?.seconds ?? 0);
  useEffect(() => void ask<Shape>("GET", `call_records/${encodeURIComponent(record.call_id)}/recording/shape`).then((answer) => answer.ok && setShape(answer.body)), [record.call_id]);
  useEffect(() => () => void (playing === audio.current && (playing = null)), []);
  // A phone that rings goes before what one listens to (DSK-190).
  const rings = ringing.value;
  useEffect(() => {
    if (rings) audio.current?.pause();
  }, [rings]);
  useEffect(() => {
    if (audio.current) audio.current.playbackRate = speed;
  }, [speed]);
  const toggle = () => {
    const own = audio.current!;
    if (!own.paused) return own.pause();
    if (playing && playing !== own) playing.pause();
    playing = own;
    void own.play().catch(() => setFailed(true));
  };
  const go = (seconds: number) => {
    const own = audio.current!;
    own.currentTime = Math.max(0, Math.min(seconds, own.duration || long));
    setAt(own.currentTime);
  };
  /** To where the pointer is, as long as it is held down. */
  const follow = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const frame = event.currentTarget.getBoundingClientRect();
    go(((event.clientX - frame.left) / frame.width) * long);
  };
  const keys = (event: KeyboardEvent) => {
    const to = seekBy(event.key, at, long);
    if (to === null) return;
    event.preventDefault();
    to === "toggle" ? toggle() : go(to);
  };
  return (
    <div class="player" role="group" aria-label={t("recording.title")}>
      <audio ref={audio} preload="metadata" autoplay={autoplay} src={recordingAddress(record)} onLoadedMetadata={(e) => Number.isFinite(e.currentTarget.duration) && setLong(e.currentTarget.duration)} onPlay={() => ((playing = audio.current), setRuns(true))} onPause={() => setRuns(false)} onTimeUpdate={(e) => setAt(e.currentTarget.currentTime)} onError={() => setFailed(true)} />
      <div
        class="wave"
        role="slider"
        tabIndex={0}
        data-first
        aria-label={t("recording.place")}
        aria-valuemin={0}
        aria-valuemax={Math.round(long)}
        aria-valuenow={Math.round(at)}
        aria-valuetext={t("recording.at", { at: length(at), of: length(long) })}
        onKeyDown={keys}
        onPointerDown={(e) => {
          if (e.button !== 0) return;
          e.currentTarget.setPointerCapture(e.pointerId);
          follow(e);
        }}
        onPointerMove={(e) => e.currentTarget.hasPointerCapture(e.pointerId) && follow(e)}
      >
        {shape ? <Wave shape={shape} done={long ? at / long : 0} /> : <span class="soft">{t("recording.drawing")}</span>}
      </div>
      <div class="player-row">
        <Button look="primary" icon={runs ? "pause" : "play"} label={t(runs ? "recording.pause" : "recording.play")} onClick={toggle} />
        <span class="tabular">{length(at)} / {length(long)}</span>
        <span class="tools-space" />
        <label class="player-speed">
          <span>{t("recording.speed")}</span>
          <select class="input" value={String(speed)} onChange={(e) => setSpeed(Number(e.currentTarget.value))}>
            {speeds.map((one) => <option key={one} value={String(one)}>{one}×</option>)}
          </select>
        </label>
      </div>
      <p class="small soft">{t("recording.sides")}</p>
      {failed && <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{t("recording.failed")}</span></p>}
    </div>
  );
}

/** Agents above the line, the other side below. */
function Wave({ shape, done }: { shape: Shape; done: number }) {
  const id = useId();
  const width = Math.max(shape.left.length, 1);
  const drawn = useMemo(() => pathOfPeaks(shape.left, shape.right), [shape]);
  return (
    <svg viewBox={`0 0 ${width} 100`} preserveAspectRatio="none" aria-hidden="true">
      <line class="wave-middle" x1="0" x2={width} y1="50" y2="50" />
      <path class="wave-rest" d={drawn} />
      <clipPath id={id}><rect x="0" y="0" width={done * width} height="100" /></clipPath>
      <path class="wave-done" clip-path={`url(#${id})`} d={drawn} />
      <line class="wave-at" x1={done * width} x2={done * width} y1="0" y2="100" />
    </svg>
  );
}
