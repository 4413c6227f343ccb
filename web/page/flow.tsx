// The picture of a DID: every way that calls to it can go, walked with the arrow keys as a tree and heard as one.
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, type Refused } from "../link/request";
import { openOver } from "../link/stack";
import { resource } from "../link/schema";
import { Icon } from "../part/icon";
import { Skeleton } from "../part/skeleton";
import { refusalSentence } from "../word/refusal";
import { t } from "../word/words";
import { beside, height, layOut, width, type Box, type Edge, type Flow, type Node } from "./flow_layout";

/** What kind of place it is, in the words of destinations. */
export const placeWord = (place: string) => (place === "did" ? t("flow.did") : t(`destination.${place}`));
const nameOf = (node: Node) => node.row?.name ?? node.number;
const byWord = (edge: Edge) => t(`flow.by.${edge.by}`, { text: edge.text });

function heard(flow: Flow, box: Box): string {
  const node = flow.nodes[box.node]!;
  const parts = [box.by && byWord(box.by), placeWord(node.place), nameOf(node), node.rings.length && t("flow.rings", { numbers: node.rings.join(", ") }), box.again && t("flow.again")];
  return parts.filter(Boolean).join(", ");
}

const clip = (text: string, most: number) => ([...text].length > most ? `${[...text].slice(0, most - 1).join("")}…` : text);

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

function Drawn({ flow }: { flow: Flow }) {
  const { boxes, width: wide, height: high } = layOut(flow);
  const [at, setAt] = useState(boxes[0]!.key);
  const picture = useRef<SVGSVGElement>(null);
  const open = (box: Box) => {
    const row = flow.nodes[box.node]!.row;
    if (row && resource(row.noun)) openOver({ noun: row.noun, id: row.id });
  };
  const keys = (event: KeyboardEvent) => {
    const box = boxes.find((one) => one.key === at)!;
    if (event.key === "Enter" || event.key === " ") return event.preventDefault(), open(box);
    const to = event.key === "Home" ? boxes[0] : beside(box, event.key);
    if (!to) return;
    event.preventDefault();
    setAt(to.key);
    picture.current?.querySelector<SVGGElement>(`[data-key="${to.key}"]`)?.focus();
  };
  return (
    <>
      <p class="soft">{t("flow.text")}</p>
      {flow.cut && <p class="notice tone-wait"><Icon name="info" size={18} /> <span>{t("flow.cut")}</span></p>}
      <div class="flow">
        <svg ref={picture} role="tree" aria-label={t("flow.title")} width={wide + 4} height={high + 4} viewBox={`-2 -2 ${wide + 4} ${high + 4}`} onKeyDown={keys}>
          {boxes.map((box) => box.above && <Way key={`${box.key}-way`} box={box} />)}
          {boxes.map((box) => {
            const node = flow.nodes[box.node]!;
            return (
              <g key={box.key} role="treeitem" data-key={box.key} tabIndex={box.key === at ? 0 : -1} aria-level={box.level + 1} aria-label={heard(flow, box)} class={`flow-box${box.again ? " flow-again" : ""}${node.row ? " flow-opens" : ""}`} transform={`translate(${box.x} ${box.y})`} onFocus={() => setAt(box.key)} onClick={() => open(box)}>
                <title>{heard(flow, box)}</title>
                <rect width={width} height={height} rx="8" />
                <text x="12" y={nameOf(node) ? 21 : 31} class="flow-kind">{placeWord(node.place)}</text>
                {nameOf(node) && <text x="12" y="39" class="flow-name">{clip(nameOf(node), 24)}</text>}
              </g>
            );
          })}
        </svg>
      </div>
    </>
  );
}

function Way({ box }: { box: Box }) {
  const [x1, y1] = [box.above!.x + width, box.above!.y + height / 2];
  const [x2, y2] = [box.x, box.y + height / 2];
  const half = (x1 + x2) / 2;
  return (
    <g aria-hidden="true">
      <path class="flow-way" d={`M${x1} ${y1}C${half} ${y1} ${half} ${y2} ${x2 - 5} ${y2}`} />
      <path class="flow-tip" d={`M${x2 - 7} ${y2 - 4}L${x2} ${y2}L${x2 - 7} ${y2 + 4}z`} />
      <text class="flow-by" x={x2 - 12} y={y2 - 6} text-anchor="end">{clip(byWord(box.by!), 16)}</text>
    </g>
  );
}
