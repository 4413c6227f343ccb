// The one record of a noun that always is there, such as the preferences: its form as a page, saved from a bar at the foot.
import { useId, useState } from "preact/hooks";
import { place } from "../link/route";
import { loadResources, type Resource } from "../link/schema";
import { look as lookSession } from "../link/session";
import { Button } from "../part/button";
import { Dialog } from "../part/dialog";
import { Skeleton } from "../part/skeleton";
import { Tabs } from "../part/tabs";
import { t } from "../word/words";
import { tabsOf } from "./fields";
import { Made, Refusal, useWrong } from "./form";
import { Head } from "./frame";
import { History } from "./history";
import type { Own } from "./list";
import { saySaved, titleOf } from "./naming";
import { useRecord } from "./record";

export function Single({ declared, own = {} }: { declared: Resource; own?: Own }) {
  const self = useId();
  const wanted = place.value.query.get("field") ?? "";
  const home = declared.tabs.find((tab) => tab.fields.includes(wanted))?.name ?? "";
  const [tab, setTab] = useState(home);
  const [past, setPast] = useState(false);
  const kept = useRecord({ resource: declared, id: null, onWrong: useWrong(declared, self, setTab) });
  const { row, dirty, busy, locked, refused } = kept;
  const again = () => {
    void kept.load({});
    // Name, time zone and formats are the session's too, and new records of other nouns begin with what stands here.
    void lookSession();
    void loadResources(true);
  };
  const save = async () => {
    if (!dirty || locked) return;
    const saved = await kept.save();
    if (!saved) return;
    saySaved(declared, saved, false, again);
    again();
  };
  const tabs = tabsOf(kept, self);
  return (
    <div class="single">
      <Head title={titleOf(declared)} text={t(declared.acting ? "acting.text_of_list" : `${declared.name}.text`)}>
        {row && <Button icon="history" onClick={() => setPast(true)}>{t("tab.history")}</Button>}
      </Head>
      <form
        class="panel single-form"
        noValidate
        onSubmit={(e) => (e.preventDefault(), void save())}
        onKeyDown={(e) => {
          if (e.key === "s" && (e.ctrlKey || e.metaKey)) (e.preventDefault(), void save());
        }}
      >
        <Refusal kept={kept} />
        {!row && !refused && <Skeleton lines={8} />}
        {row && (tabs.length > 1 ? <Tabs id={`${self}-part`} label={t("form.parts")} tabs={tabs} chosen={tabs.some((one) => one.name === tab) ? tab : tabs[0]!.name} onChoose={setTab} /> : tabs[0]?.body)}
        {row && <Made row={row} only />}
        {row && !locked && (
          <footer class={dirty ? "single-foot single-dirty" : "single-foot"}>
            <span class="soft push" role="status">{dirty ? t("form.unsaved") : ""}</span>
            <Button disabled={!dirty || busy} onClick={() => void kept.load({})}>{t("form.discard")}</Button>
            <Button look="primary" submit busy={busy} disabled={!dirty}>{t("do.save")}</Button>
          </footer>
        )}
      </form>
      {row && own.below?.()}
      {past && row && (
        <Dialog drawer title={t("tab.history")} onClose={() => setPast(false)}>
          <History resource={declared} path={declared.path} row={row} onUndone={again} />
        </Dialog>
      )}
    </div>
  );
}
