// The fields that the office added to this kind of record.
import type { EditorProps } from "./editor";

export function Custom(_: EditorProps) {
  return <></>;
}
