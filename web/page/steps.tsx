// The rules that were asked when a way was chosen, in order, each with what came of it.
import { Badge } from "../part/badge";
import { Table, type Column } from "../part/table";
import { named } from "../word/named";
import { has, t } from "../word/words";
import type { Named } from "./flow_layout";

export type Step = { rule: string; row: Named | null; found: string; value: string; wanted: string; limit: string | null };

const goodFound = ["decides", "passes", "inside"];
const badFound = ["denies", "not_allowed", "used_up", "disabled", "down", "full", "reserved", "no_answer"];

/** What was compared, in words where the box has a code for it. */
function compared(step: Step): string {
  if (step.rule === "number_class") return has(`fraud_limit.allowed_classes.${step.value}`) ? t(`fraud_limit.allowed_classes.${step.value}`) : step.value;
  if (step.rule === "country" && /^[A-Z]{2}$/.test(step.value)) return named("region", step.value);
  return [step.value, step.rule !== "outbound_rule" && step.wanted].filter(Boolean).join(" / ");
}

export function Steps({ steps }: { steps: Step[] }) {
  const numbered = steps.map((step, n) => ({ ...step, n }));
  const columns: Column<Step & { n: number }>[] = [
    { name: "rule", label: t("ways.asked"), main: true, cell: (step) => [t(`ways.rule.${step.rule}`), step.limit && t(`ways.limit.${step.limit}`)].filter(Boolean).join(": ") },
    { name: "row", label: t("ways.by"), cell: (step) => (step.row ? <bdi>{step.row.name}{step.rule === "outbound_rule" && ` · ${step.wanted}`}</bdi> : null) },
    { name: "value", label: t("ways.value"), cell: (step) => (compared(step) ? <bdi class={/^[\d+]/.test(compared(step)) ? "mono" : undefined}>{compared(step)}</bdi> : null) },
    { name: "found", label: t("ways.found"), cell: (step) => <Badge tone={goodFound.includes(step.found) ? "good" : badFound.includes(step.found) ? "bad" : "off"}>{t(`ways.found.${step.found}`)}</Badge> },
  ];
  return (
    <section class="panel">
      <h2>{t("ways.why")}</h2>
      <Table label={t("ways.why")} columns={columns} rows={numbered} id={(step) => String(step.n)} name={(step) => t(`ways.rule.${step.rule}`)} />
    </section>
  );
}
