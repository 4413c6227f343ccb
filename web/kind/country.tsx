// A country by its ISO 3166-1 code, shown by its name in the language of the page.
import { Button } from "../part/button";
import { among, Combo } from "../part/combo";
import { named } from "../word/named";
import { t, tag } from "../word/words";
import { inputProps, text, type EditorProps } from "./editor";

const codes = `ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW`.match(/../g)!;

export function Coded({ props, type, codes }: { props: EditorProps; type: "region" | "currency"; codes: string[] }) {
  const value = text(props.value);
  const options = codes.map((id) => ({ id, name: named(type, id), note: id })).sort((a, b) => a.name.localeCompare(b.name, tag()));
  return <Combo input={inputProps(props)} shown={value && `${named(type, value)} (${value})`} find={among(options, 300)} chosen={new Set([value])} onChoose={(one) => props.onChange(one.id)} />;
}

/** Several countries, as chips that are taken away one by one. */
export function Countries(props: EditorProps) {
  const chosen = Array.isArray(props.value) ? props.value.map(String) : [];
  const options = codes.map((id) => ({ id, name: named("region", id), note: id })).sort((a, b) => a.name.localeCompare(b.name, tag()));
  const toggle = (id: string) => props.onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return (
    <div class="refs">
      {chosen.length > 0 && (
        <div class="cell-line">
          {chosen.map((id) => (
            <span class="chip" key={id}>
              <bdi>{named("region", id)}</bdi>
              {!props.disabled && <Button small look="quiet" icon="cross" label={t("order.drop", { name: named("region", id) })} onClick={() => toggle(id)} />}
            </span>
          ))}
        </div>
      )}
      <Combo input={{ ...inputProps(props), placeholder: props.disabled ? "" : t("word.choose") }} shown="" several find={among(options, 300)} chosen={new Set(chosen)} onChoose={(one) => toggle(one.id)} />
    </div>
  );
}

export function Country(props: EditorProps) {
  return <Coded props={props} type="region" codes={codes} />;
}
