// A country by its ISO 3166-1 code, shown by its name in the language of the page.
import { among, Combo } from "../part/combo";
import { named } from "../word/named";
import { tag } from "../word/words";
import { inputProps, text, type EditorProps } from "./editor";

const codes = `ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW`.match(/../g)!;

export function Coded({ props, type, codes }: { props: EditorProps; type: "region" | "currency"; codes: string[] }) {
  const value = text(props.value);
  const options = codes.map((id) => ({ id, name: named(type, id), note: id })).sort((a, b) => a.name.localeCompare(b.name, tag()));
  return <Combo input={inputProps(props)} shown={value && `${named(type, value)} (${value})`} find={among(options, 300)} chosen={new Set([value])} onChoose={(one) => props.onChange(one.id)} />;
}

export function Country(props: EditorProps) {
  return <Coded props={props} type="region" codes={codes} />;
}
