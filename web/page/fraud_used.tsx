// What is used of every limit on outside calls and what is left, and how long each agent called outside (OUT-69).
import { useEffect, useState } from "preact/hooks";
import { calls } from "../link/live";
import { ask, type Refused } from "../link/request";
import { Empty } from "../part/empty";
import { Skeleton } from "../part/skeleton";
import { Table, type Column } from "../part/table";
import { refusalSentence } from "../word/refusal";
import { figure } from "../word/time";
import { one, t } from "../word/words";

type Left = { limit: string; used: number; allowed: number | null };
type AgentUsed = { agent_number: string; name: string; limits: Left[] | null; minutes_month: number };
type TrunkUsed = { trunk: string; name: string; limits: Left[] };
type Used = { office: Left[]; agents: AgentUsed[]; trunks: TrunkUsed[] };

/** Minutes pass while somebody talks. */
const every = 15_000;
const ofAgent = ["agent_concurrent", "agent_attempts_minute", "agent_minutes_day", "dear_agent_minutes_day"];

const left = ({ used, allowed }: Left) => (allowed === null ? t("fraud_limit.used.unlimited") : figure(Math.max(0, allowed - used)));

function Share({ one: limit }: { one: Left | undefined }) {
  if (!limit) return <span class="soft">–</span>;
  const full = limit.allowed !== null && limit.used >= limit.allowed;
  return <span class={full ? "tabular tone-bad" : "tabular"}>{figure(limit.used)} / {limit.allowed === null ? t("fraud_limit.used.unlimited") : figure(limit.allowed)}</span>;
}

export function FraudUsed() {
  const [told, setTold] = useState<Used | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const look = async () => {
    const answer = await ask<Used>("GET", "fraud_limits/used");
    if (answer.ok) setTold(answer.body);
    setRefused(answer.ok ? null : answer.refused);
  };
  const up = calls.value.size;
  useEffect(() => {
    void look();
    const timer = setInterval(() => void look(), every);
    return () => clearInterval(timer);
  }, [up]);
  if (refused && !told) return <section class="panel"><p class="soft">{refusalSentence(refused)}</p></section>;
  if (!told) return <section class="panel"><Skeleton lines={6} /></section>;
  const limits: Column<Left>[] = [
    { name: "limit", label: t("ways.limits"), main: true, cell: (row) => t(`ways.limit.${row.limit}`) },
    { name: "used", label: t("ways.used"), figure: true, cell: (row) => figure(row.used) },
    { name: "left", label: t("ways.left"), figure: true, cell: left },
  ];
  const agents: Column<AgentUsed>[] = [
    { name: "agent", label: one("agent"), main: true, cell: (row) => <bdi>{row.agent_number} {row.name}</bdi> },
    ...ofAgent.map((limit) => ({ name: limit, label: t(`ways.limit.${limit}`), figure: true, cell: (row: AgentUsed) => <Share one={row.limits?.find((used) => used.limit === limit)} /> })),
    { name: "month", label: t("fraud_limit.used.month"), figure: true, cell: (row) => figure(row.minutes_month) },
  ];
  const trunks: Column<TrunkUsed>[] = [
    { name: "trunk", label: one("trunk"), main: true, cell: (row) => <bdi>{row.name}</bdi> },
    { name: "minutes", label: t("ways.limit.minutes_day"), figure: true, cell: (row) => <Share one={row.limits[0]} /> },
  ];
  return (
    <section class="panel" aria-labelledby="fraud-used">
      <header class="panel-head"><h2 id="fraud-used">{t("fraud_limit.used")}</h2></header>
      <p class="soft">{t("fraud_limit.used.text")}</p>
      <Table label={t("fraud_limit.used.office")} columns={limits} rows={told.office} id={(row) => row.limit} name={(row) => t(`ways.limit.${row.limit}`)} />
      {told.trunks.length > 0 && <Table label={t("ways.limit.minutes_day")} columns={trunks} rows={told.trunks} id={(row) => row.trunk} name={(row) => row.name} />}
      <Table label={t("fraud_limit.used.agents")} columns={agents} rows={told.agents} id={(row) => row.agent_number} name={(row) => row.agent_number} empty={<Empty icon="phone" title={t("fraud_limit.used.nobody")} text={t("fraud_limit.used.nobody_text")} />} />
    </section>
  );
}
