// A pattern, with a line to try it on before it is saved.
import { useId, useState } from "preact/hooks";
import { Badge } from "../part/badge";
import { t } from "../word/words";
import { text, type EditorProps } from "./editor";
import { LineInput } from "./line";

/** What a pattern finds in a text: null where the pattern is none, else whether it fits, with its groups. */
export function tried(pattern: string, sample: string): { fits: boolean; groups: string[] } | null {
  try {
    const found = new RegExp(pattern, "u").exec(sample);
    return { fits: found !== null, groups: found ? found.slice(1).map((group) => group ?? "") : [] };
  } catch {
    return null;
  }
}

export function Regex(props: EditorProps) {
  const id = useId();
  const [sample, setSample] = useState("");
  const pattern = text(props.value);
  const result = pattern && sample ? tried(pattern, sample) : undefined;
  return (
    <div class="tried">
      <LineInput props={props} strip={/^\s+/g} />
      {!props.label && pattern && (
        <div class="tried-line">
          <label for={id} class="small soft">{t("regex.try")}</label>
          <input id={id} class="input input-small mono" dir="ltr" spellcheck={false} autocomplete="off" value={sample} onInput={(e) => setSample(e.currentTarget.value)} />
          <span role="status" class="cell-line small">
            {result === null && <Badge tone="bad">{t("regex.none")}</Badge>}
            {result && <Badge tone={result.fits ? "good" : "off"}>{t(result.fits ? "regex.fits" : "regex.not")}</Badge>}
            {result?.groups.map((group, n) => <span key={n} class="mono soft">${n + 1} = {group}</span>)}
          </span>
        </div>
      )}
    </div>
  );
}
