// The picture of a DID: every way that calls to it can go, walked with the arrow keys as a tree and heard as one.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ask, type Refused } from "../link/request";
import { openOver } from "../link/stack";
import { resource } from "../link/schema";
import { Icon } from "../part/icon";
import { Skeleton } from "../part/skeleton";
import { refusalSentence } from "../word/refusal";
import { t } from "../word/words";
import { beside, height, layOut, type Box, type Edge, type Flow, type Node } from "./flow_layout";

/** What kind of place it is, in the words of destinations. */
export const placeWord = (place: string) => (place === "did" ? t("flow.did") : t(`destination.${place}`));
const nameOf = (node: Node) => node.row?.name ?? node.number;
const byWord = (edge: Edge) => t(`flow.by.${edge.by}`, { text: edge.text });

function heard(flow: Flow, box: Box): string {
  const node = flow.nodes[box.node]!;
  const parts = [box.by && byWord(box.by), placeWord(node.place), nameOf(node), node.rings.length && t("flow.rings", { numbers: node.rings.join(", ") }), box.again && t("flow.again")];
  return parts.filter(Boolean).join(", ");
}

/** Its place among those that the same box leads to. */
const placeOf = (box: Box) => box.above?.below.indexOf(box) ?? 0;
/** A text cut to so many letters, of which one of Chinese or Japanese counts as two. */
function clip(text: string, most: number): string {
  const letters = [...text];
  let left = most;
  const at = letters.findIndex((letter) => (left -= letter > "\u2e7f" ? 1.8 : 1) < 0);
  return at < 0 ? text : `${letters.slice(0, Math.max(1, at - 1)).join("")}…`;
}

export function FlowPicture({ did }: { did: string }) {
  const [flow, setFlow] = useState<Flow | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  useEffect(() => {
    let here = true;
    setFlow(null);
    setRefused(null);
    void ask<Flow>("GET", `dids/${did}/flow`).then((answer) => here && (answer.ok ? setFlow(answer.body) : setRefused(answer.refused)));
    return () => void (here = false);
  }, [did]);
  if (refused) return <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{refusalSentence(refused)}</span></p>;
  return flow ? <Drawn flow={flow} /> : <Skeleton lines={6} />;
}

/** How wide the place is in which a thing stands, as long as it stands there. */
function useRoom() {
  const frame = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<number | null>(null);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(() => frame.current && setRoom(frame.current.clientWidth));
    watch.observe(frame.current!);
    setRoom(frame.current!.clientWidth);
    return () => watch.disconnect();
  }, []);
  return { frame, room };
}

function Drawn({ flow }: { flow: Flow }) {
  const { frame, room } = useRoom();
  return (
    <>
      <p class="soft flow-text">{t("flow.text")}</p>
      {flow.cut && <p class="notice tone-wait"><Icon name="info" size={18} /> <span>{t("flow.cut")}</span></p>}
      <div class="flow" ref={frame}>{room !== null && <Picture flow={flow} room={room - 2 * edge} />}</div>
    </>
  );
}

/** Around the picture, so that no line is cut. */
const edge = 2;

function Picture({ flow, room }: { flow: Flow; room: number }) {
  const layout = layOut(flow, room);
  const { boxes, wide } = layout;
  const [at, setAt] = useState(boxes[0]!.key);
  const picture = useRef<SVGSVGElement>(null);
  const open = (box: Box) => {
    const row = flow.nodes[box.node]!.row;
    if (row && resource(row.noun)) openOver({ noun: row.noun, id: row.id });
  };
  const keys = (event: KeyboardEvent) => {
    const box = boxes.find((one) => one.key === at)!;
    if (event.key === "Enter" || event.key === " ") return event.preventDefault(), open(box);
    const to = beside(layout, box, event.key);
    if (!to) return;
    event.preventDefault();
    setAt(to.key);
    picture.current?.querySelector<SVGGElement>(`[data-key="${to.key}"]`)?.focus();
  };
  const [high, broad] = [layout.height + 2 * edge, layout.width + 2 * edge];
  return (
    <svg ref={picture} role="tree" aria-label={t("flow.title")} width={broad} height={high} viewBox={`${-edge} ${-edge} ${broad} ${high}`} onKeyDown={keys}>
      {boxes.map((box) => box.above && (wide ? <Curve key={`${box.key}-way`} box={box} /> : <Elbow key={`${box.key}-way`} box={box} />))}
      {wide && boxes.map((box) => box.by && <text key={`${box.key}-by`} aria-hidden="true" class="flow-by" x={box.x - 12} y={box.y + height / 2 - 6} text-anchor="end">{clip(byWord(box.by), 16)}</text>)}
      {boxes.map((box) => <Place key={box.key} flow={flow} box={box} wide={wide} here={box.key === at} onFocus={() => setAt(box.key)} onOpen={() => open(box)} />)}
    </svg>
  );
}

/** How many letters of a usual width fit. */
const fits = (box: Box) => Math.floor((box.width - 24) / 7.2);

function Place({ flow, box, wide, here, onFocus, onOpen }: { flow: Flow; box: Box; wide: boolean; here: boolean; onFocus: () => void; onOpen: () => void }) {
  const node = flow.nodes[box.node]!;
  const name = nameOf(node);
  const kind = [!wide && box.by && byWord(box.by), placeWord(node.place), box.again && t("flow.again")].filter(Boolean).join(" · ");
  return (
    <g role="treeitem" data-key={box.key} tabIndex={here ? 0 : -1} aria-level={box.level + 1} aria-posinset={placeOf(box) + 1} aria-setsize={box.above?.below.length ?? 1} aria-label={heard(flow, box)} class={`flow-box${box.again ? " flow-again" : ""}${node.row ? " flow-opens" : ""}`} transform={`translate(${box.x} ${box.y})`} onFocus={onFocus} onClick={onOpen}>
      <title>{heard(flow, box)}</title>
      <rect width={box.width} height={height} rx="8" />
      <text x="12" y={name ? 21 : 31} class="flow-kind">{clip(kind, fits(box))}</text>
      {name && <text x="12" y="39" class="flow-name">{clip(name, fits(box))}</text>}
    </g>
  );
}

function Curve({ box }: { box: Box }) {
  const [x1, y1] = [box.above!.x + box.above!.width, box.above!.y + height / 2];
  const [x2, y2] = [box.x, box.y + height / 2];
  const half = (x1 + x2) / 2;
  return (
    <g aria-hidden="true">
      <path class="flow-way" d={`M${x1} ${y1}C${half} ${y1} ${half} ${y2} ${x2 - 5} ${y2}`} />
      <path class="flow-tip" d={`M${x2 - 7} ${y2 - 4}L${x2} ${y2}L${x2 - 7} ${y2 + 4}z`} />
    </g>
  );
}

function Elbow({ box }: { box: Box }) {
  const x = box.above!.x + 7;
  const y = box.y + height / 2;
  return <path aria-hidden="true" class="flow-way" d={`M${x} ${box.above!.y + height}V${y}H${box.x}`} />;
}
