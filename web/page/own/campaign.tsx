// Campaigns: whom they call comes out of a file, and which results their agents may pick (CMP-9 to CMP-16).
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { ask, query } from "../../link/request";
import type { Row } from "../../link/rows";
import { may, resource } from "../../link/schema";
import { Button } from "../../part/button";
import { Dialog } from "../../part/dialog";
import { Empty } from "../../part/empty";
import { Icon } from "../../part/icon";
import { Item } from "../../part/menu";
import { say } from "../../part/toast";
import { refusalSentence } from "../../word/refusal";
import { language, t } from "../../word/words";
import type { Own } from "../list";

/** More results than anybody tells apart. */
const resultsMax = 500;
const choosing = signal<Row | null>(null);

type Result = Row & { name: string; campaigns: string[] };

/** Which results agents may pick in a campaign; one that names no campaign is offered in all of them (RES-13). */
function Results({ campaign }: { campaign: Row }) {
  const [results, setResults] = useState<Result[] | null>(null);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const has = (one: Result) => one.campaigns.includes(campaign.id);
  useEffect(() => {
    void ask<{ items: Result[] }>("GET", `call_results${query({ limit: resultsMax, sort: "name" })}`).then((answer) => {
      if (!answer.ok) return say(refusalSentence(answer.refused), "bad");
      setResults(answer.body.items);
      setPicked(new Set(answer.body.items.filter(has).map((one) => one.id)));
    });
  }, []);
  const close = () => (choosing.value = null);
  const changed = (results ?? []).filter((one) => one.campaigns.length > 0 && has(one) !== picked.has(one.id));
  const save = async () => {
    setBusy(true);
    for (const one of changed) {
      const campaigns = picked.has(one.id) ? [...one.campaigns, campaign.id] : one.campaigns.filter((id) => id !== campaign.id);
      const answer = await ask<Row>("PATCH", `call_results/${one.id}`, { campaigns }, { "If-Match": `"${one.rev}"` });
      if (!answer.ok) return (setBusy(false), say(refusalSentence(answer.refused), "bad"));
    }
    close();
    say(t("campaign.results_saved", { name: String(campaign.name) }));
  };
  const toggle = (id: string) => setPicked((was) => (was.has(id) ? new Set([...was].filter((one) => one !== id)) : new Set([...was, id])));
  return (
    <Dialog
      title={t("campaign.results_title", { name: String(campaign.name) })}
      onClose={() => !busy && close()}
      foot={
        <>
          <Button disabled={busy} onClick={close}>{t("do.cancel")}</Button>
          <Button look="primary" busy={busy} disabled={!changed.length} onClick={() => void save()}>{t("do.save")}</Button>
        </>
      }
    >
      <p class="soft">{t("campaign.results_text")}</p>
      {results?.length === 0 && <Empty icon="bullets" title={t("campaign.results_none")} text={t("call_result.empty")}><a class="button button-plain" href="/call_results?open=new">{t("do.add_one", { one: t("call_result.one") })}</a></Empty>}
      <div class="ticks">
        {results?.map((one) => {
          const everywhere = one.campaigns.length === 0;
          // A result of no campaign would be one of all.
          const last = one.campaigns.length === 1 && has(one);
          return (
            <label key={one.id} class="tick">
              <input type="checkbox" checked={everywhere || picked.has(one.id)} disabled={busy || everywhere || last} onChange={() => toggle(one.id)} />
              <bdi>{one.name}</bdi>
              {(everywhere || last) && <span class="soft small">{t(everywhere ? "campaign.results_everywhere" : "campaign.results_last")}</span>}
            </label>
          );
        })}
      </div>
    </Dialog>
  );
}

export const campaign = (): Own => ({
  namesCopies: true,
  above: () => (choosing.value ? <Results key={choosing.value.id} campaign={choosing.value} /> : null),
  rowMore: (row, shut) => {
    const [customer, result] = [resource("customer"), resource("call_result")];
    const own = { package: String(row.package), campaign: row.id };
    return (
      <>
        {customer && may(customer, "import") && <a class="menu-item" href={`/${customer.path}/import${query(own)}`} onClick={shut}><Icon name="upload" size={18} /> <span>{t("campaign.import")}</span></a>}
        {customer && may(customer, "import") && <a class="menu-item" href={`/panel/${customer.path}/import_template${query({ package: own.package, language: language.value })}`} download onClick={shut}><Icon name="download" size={18} /> <span>{t("import.template")}</span></a>}
        {result && may(result, "edit") && may(resource("campaign")!, "edit") && <Item icon="bullets" label={t("campaign.results")} onClick={() => (shut(), void (choosing.value = row))} />}
      </>
    );
  },
});
