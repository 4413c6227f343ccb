// The fields that the office added to this kind of record: each is drawn in its place in the form (`page/laid.tsx`).
import type { EditorProps } from "./editor";

export function Custom(_: EditorProps) {
  return <></>;
}
