// Why an outside number is not called, in a sentence with what is in its way.
import { named } from "./named";
import { t } from "./words";

export type Barred = { why: string } & Record<string, string | number | null | undefined>;

export const classWord = (name: string) => t(`fraud_limit.allowed_classes.${name}`);

export function barredSentence({ why, class: kind, limit, country, used, allowed, rule }: Barred): string {
  return t(`ways.why.${why}`, { class: kind ? classWord(String(kind)) : "", limit: limit ? t(`ways.limit.${limit}`) : "", country: country ? named("region", String(country)) : "?", rule: rule ?? "", used: used ?? "", allowed: allowed ?? "" });
}
