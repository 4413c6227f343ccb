// A phone's configuration, or the name of its file, with ##variables##.
import { useRef } from "preact/hooks";
import { Code } from "./code";
import type { EditorProps } from "./editor";
import { LineInput } from "./line";
import { VariableMenu } from "./template";

/** Longer than the name of a file. */
const oneLine = 255;

export function PhoneTemplate(props: EditorProps) {
  const self = useRef<HTMLDivElement>(null);
  if ((props.field.schema.maxLength ?? Infinity) <= oneLine) return <LineInput props={props} />;
  const put = (mark: string) => {
    const area = self.current?.querySelector("textarea");
    if (!area) return;
    area.setRangeText(mark, area.selectionStart, area.selectionEnd, "end");
    props.onChange(area.value);
    area.focus();
  };
  return (
    <div class="stacked" ref={self}>
      <Code {...props} />
      <VariableMenu props={props} onPick={put} />
    </div>
  );
}
