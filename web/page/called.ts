// Who was called, as it is said of a record: who took the call, who was to take it, else the number of ours that was called.
import { nameOf } from "../link/people";
import type { CallRecord } from "../link/rows";

export const called = (record: CallRecord) => record.actual_called_number || record.original_called_number || record.access_number;

/** The name kept with the call where it is the called one's; else that of the DID, or of the agent who has the number now. */
export function calledName(record: CallRecord): string {
  const number = called(record);
  if (record.agent_number === number) return record.agent_name;
  return number === record.access_number ? record.did_name : nameOf(number);
}

/** Who hung up: a side, the box, or whoever had the box do it. Pure. */
export function ended(record: CallRecord): { word: string; name: string } {
  return record.ended_by ? { word: `ended_by.${record.ended_by.who}`, name: record.ended_by.name } : { word: `step.ended_${record.hangup_by}`, name: "" };
}
