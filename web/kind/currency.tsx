// A currency by its ISO 4217 code, shown by its name in the language of the page.
import { Coded } from "./country";
import type { EditorProps } from "./editor";

export function Currency(props: EditorProps) {
  return <Coded props={props} type="currency" codes={Intl.supportedValuesOf("currency")} />;
}
