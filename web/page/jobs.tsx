// Long work that goes on by itself: started here, its progress at the top right, its list on a page (JOB rows).
import { ask } from "../link/request";
import type { Column } from "../part/table";
import { say } from "../part/toast";
import { refusalSentence } from "../word/refusal";
import { t } from "../word/words";
import { conditionOf, type Chosen } from "./delete";

/** Has the box write a file of these records with the columns that are shown. */
export async function startExport<R>(path: string, chosen: Chosen, columns: Column<R>[]): Promise<void> {
  const answer = await ask<{ job_number: string }>("POST", `${path}/export`, { ...conditionOf(chosen), columns: columns.map((column) => column.name) });
  if (answer.ok) say(t("export.started"));
  else say(refusalSentence(answer.refused), "bad");
}

export function JobsButton() {
  return null;
}
