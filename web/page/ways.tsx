// What would happen to a call, in and out, decided by what decides real ones (OUT-32); and the picture of a DID.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { RefTo } from "../kind/ref";
import { ask, query, type Refused } from "../link/request";
import { look, place } from "../link/route";
import { alone, resource, resources } from "../link/schema";
import { allowed } from "../link/session";
import { Badge } from "../part/badge";
import { Button } from "../part/button";
import { Empty } from "../part/empty";
import { describedBy, Field } from "../part/field";
import { Icon } from "../part/icon";
import { Skeleton } from "../part/skeleton";
import { Table, type Column } from "../part/table";
import { Tabs, type Tab } from "../part/tabs";
import { barredSentence, classWord } from "../word/barred";
import { named } from "../word/named";
import { refusalSentence, whySentence } from "../word/refusal";
import { fromWall, toWall } from "../word/time";
import { one, t } from "../word/words";
import { FlowPicture, placeWord } from "./flow";
import type { Named } from "./flow_layout";
import { Head } from "./frame";
import { Steps, type Step } from "./steps";

type Used = { limit: string; used: number; allowed: number };
type Tried = {
  emergency: boolean;
  number: string;
  class: string;
  country: string | null;
  profile: Named | null;
  rule: number | null;
  sent: string | null;
  trunks: { trunk: Named; number: string; caller_id: string }[];
  limits: Used[];
  refused: ({ code: string; reason: string; why: string } & Record<string, string | number>) | null;
  steps: Step[];
};
type Stop = { place: string; row: Named | null; number: string };
type Goes = {
  did: Named | null;
  package: Named | null;
  shown: string;
  name_prefix: string;
  blacklisted: boolean;
  last_agent_first: string | null;
  stops: Stop[];
  refused: { code: number; record_code: string; reason: string } | null;
  outside: Tried | null;
  steps: Step[];
};

const hows = ["phone", "click_to_call", "dialer", "destination"];
/** What stands in the address is asked as soon as the page opens, so an answer can be sent to a colleague. */
function useAnswer<T>(path: string, names: string[]) {
  const asked = place.value.query;
  const [values, setValues] = useState<Record<string, string>>(Object.fromEntries(names.map((name) => [name, asked.get(name) ?? ""])));
  const [answer, setAnswer] = useState<T | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    void look(Object.fromEntries(names.map((name) => [name, values[name] || null])), true);
    const got = await ask<T>("GET", path + query(values));
    setBusy(false);
    setAnswer(got.ok ? got.body : null);
    setRefused(got.ok ? null : got.refused);
  };
  useEffect(() => {
    if (values.number) void run();
  }, []);
  return { values, answer, refused, busy, run, set: (name: string, value: string) => setValues((was) => ({ ...was, [name]: value })) };
}

type Asked = ReturnType<typeof useAnswer>;

function Question({ asked, children }: { asked: Asked; children: ComponentChildren }) {
  const { refused } = asked;
  return (
    <section class="panel">
      <form noValidate onSubmit={(e) => (e.preventDefault(), void asked.run())}>
        {refused && <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{Object.keys(refused.fields).length ? t("form.look_at_fields") : refusalSentence(refused)}</span></p>}
        <div class="form-fields">{children}</div>
        <p class="ways-ask"><Button look="primary" submit busy={asked.busy}>{t("ways.ask")}</Button></p>
      </form>
    </section>
  );
}

function Typed({ asked, name, label, help, mode = "tel" }: { asked: Asked; name: string; label: string; help?: string; mode?: "tel" | "numeric" }) {
  const id = useId();
  const why = asked.refused?.fields[name];
  const slip = why && whySentence("ways", name, why);
  return (
    <Field id={id} label={label} help={help} error={slip} half>
      <input id={id} class="input mono" dir="ltr" inputMode={mode} autocomplete="off" aria-invalid={slip ? true : undefined} aria-describedby={describedBy(id, help, slip)} value={asked.values[name]} onInput={(e) => asked.set(name, e.currentTarget.value)} />
    </Field>
  );
}

function When({ asked }: { asked: Asked }) {
  const id = useId();
  const at = asked.values.at;
  return (
    <Field id={id} label={t("ways.at")} help={t("ways.at_help")} half>
      <input id={id} class="input input-moment" type="datetime-local" max="9999-12-31T23:59" aria-describedby={`${id}-help`} value={at ? toWall(at) : ""} onInput={(e) => asked.set("at", e.currentTarget.value ? fromWall(e.currentTarget.value) : "")} />
    </Field>
  );
}

function CallIn() {
  const asked = useAnswer<Goes>("dids/would_go", ["number", "caller", "last_agent", "at"]);
  return (
    <>
      <Question asked={asked as Asked}>
        <Typed asked={asked as Asked} name="number" label={t("ways.called")} help={t("ways.called_help")} />
        <Typed asked={asked as Asked} name="caller" label={t("ways.caller")} help={t("ways.caller_help")} />
        <When asked={asked as Asked} />
        <Typed asked={asked as Asked} name="last_agent" label={t("ways.last_agent")} help={t("ways.last_agent_help")} mode="numeric" />
      </Question>
      <div aria-live="polite">{asked.answer ? <Gone goes={asked.answer} /> : <Empty icon="calls" title={t("ways.in_empty")} text={t("ways.in_empty_text")} />}</div>
    </>
  );
}

function Gone({ goes }: { goes: Goes }) {
  const name = (stop: Stop) => [placeWord(stop.place), stop.row?.name ?? stop.number].filter(Boolean).join(" ");
  return (
    <>
      <section class="panel">
        <header class="panel-head"><h2>{t("ways.goes")}</h2>{goes.blacklisted && <Badge tone="bad">{t("ways.blacklisted")}</Badge>}</header>
        {goes.refused && <p class="notice tone-bad"><Icon name="warning" size={18} /> <span>{t("ways.refused", { code: goes.refused.record_code, reason: t(`hangup_reason.${goes.refused.reason}`) })}</span></p>}
        {goes.stops.length > 0 && <ol class="ways-stops">{goes.stops.map((stop, n) => <li key={n}><bdi>{name(stop)}</bdi></li>)}</ol>}
        <dl class="facts facts-told">
          <Fact label={one("did")} value={goes.did?.name ?? t("ways.no_did")} />
          <Fact label={one("package")} value={goes.package?.name} />
          <Fact label={t("ways.shown")} value={[goes.name_prefix, goes.shown || t("ways.withheld")].filter(Boolean).join(" ")} />
          <Fact label={t("ways.first")} value={goes.last_agent_first} />
        </dl>
      </section>
      {goes.outside && <Sent tried={goes.outside} />}
      <Steps steps={goes.outside ? [...goes.steps, ...goes.outside.steps] : goes.steps} />
    </>
  );
}

const Fact = ({ label, value }: { label: string; value: string | null | undefined }) => (value ? <div><dt>{label}</dt><dd><bdi>{value}</bdi></dd></div> : null);

function CallOut() {
  const id = useId();
  const asked = useAnswer<Tried>("outbound_profiles/try", ["number", "agent", "campaign", "how", "at"]);
  const campaign = { ...alone("campaign", "ref", { type: "string", "x-to": "campaign" }), nullable: true };
  const why = asked.refused?.fields.campaign;
  return (
    <>
      <Question asked={asked as Asked}>
        <Typed asked={asked as Asked} name="number" label={t("ways.number")} help={t("ways.number_help")} />
        <When asked={asked as Asked} />
        <Typed asked={asked as Asked} name="agent" label={t("ways.agent")} help={t("ways.agent_help")} mode="numeric" />
        {resource("campaign") && (
          <Field id={`${id}-campaign`} label={t("ways.campaign")} error={why && whySentence("ways", "campaign", why)} half>
            <RefTo noun="campaign" props={{ id: `${id}-campaign`, noun: "ways", field: campaign, value: asked.values.campaign, onChange: (value) => asked.set("campaign", value ? String(value) : ""), wrong: Boolean(why), describedBy: undefined, adding: false, disabled: false, first: false }} />
          </Field>
        )}
        <Field id={`${id}-how`} label={t("ways.how")} half>
          <select id={`${id}-how`} class="input" value={asked.values.how || hows[0]} onChange={(e) => asked.set("how", e.currentTarget.value)}>
            {hows.map((how) => <option key={how} value={how}>{t(`ways.how.${how}`)}</option>)}
          </select>
        </Field>
      </Question>
      <div aria-live="polite">{asked.answer ? <><Sent tried={asked.answer} /><Steps steps={asked.answer.steps} /></> : <Empty icon="phone" title={t("ways.out_empty")} text={t("ways.out_empty_text")} />}</div>
    </>
  );
}

function Sent({ tried }: { tried: Tried }) {
  const trunks: Column<Tried["trunks"][number]>[] = [
    { name: "trunk", label: one("trunk"), main: true, cell: (line) => <bdi>{line.trunk.name}</bdi> },
    { name: "number", label: t("ways.sent"), cell: (line) => <bdi class="mono">{line.number}</bdi> },
    { name: "caller_id", label: one("caller_id"), cell: (line) => <bdi class="mono">{line.caller_id || t("ways.anonymous")}</bdi> },
  ];
  const limits: Column<Used>[] = [
    { name: "limit", label: t("ways.limits"), main: true, cell: (used) => t(`ways.limit.${used.limit}`) },
    { name: "used", label: t("ways.used"), figure: true, cell: (used) => used.used },
    { name: "left", label: t("ways.left"), figure: true, cell: (used) => Math.max(0, used.allowed - used.used) },
  ];
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{t("ways.outside")}</h2>
        <Badge tone={tried.refused ? "bad" : "good"}>{t(tried.refused ? "ways.is_refused" : tried.emergency ? "ways.is_emergency" : "ways.is_sent")}</Badge>
      </header>
      {tried.refused && <p class="notice tone-bad"><Icon name="warning" size={18} /> <span>{barredSentence({ ...tried.refused, rule: tried.rule })} <span class="mono">{tried.refused.code}</span></span></p>}
      <dl class="facts facts-told">
        <Fact label={t("ways.compared")} value={tried.number} />
        <Fact label={t("ways.class")} value={[classWord(tried.class), tried.country && named("region", tried.country)].filter(Boolean).join(" · ")} />
        <Fact label={one("outbound_profile")} value={tried.profile && (tried.rule ? t("ways.profile_rule", { name: tried.profile.name, rule: tried.rule }) : tried.profile.name)} />
        <Fact label={t("ways.sent")} value={tried.sent} />
      </dl>
      {tried.trunks.length > 0 && <Table label={t("ways.trunks")} columns={trunks} rows={tried.trunks} id={(line) => line.trunk.id} name={(line) => line.trunk.name} />}
      {tried.limits.length > 0 && <Table label={t("ways.limits")} columns={limits} rows={tried.limits} id={(used) => used.limit} name={(used) => t(`ways.limit.${used.limit}`)} />}
    </section>
  );
}

function Picture() {
  const id = useId();
  const did = place.value.query.get("did") ?? "";
  const chosen = { ...alone("did", "ref", { type: "string", "x-to": "did" }), nullable: true };
  return (
    <section class="panel">
      <div class="form-fields">
        <Field id={id} label={one("did")}>
          <RefTo noun="did" props={{ id, noun: "ways", field: chosen, value: did, onChange: (value) => void look({ did: value ? String(value) : null }), wrong: false, describedBy: undefined, adding: false, disabled: false, first: false }} />
        </Field>
      </div>
      {did ? <FlowPicture key={did} did={did} /> : <Empty icon="tree" title={t("flow.empty")} text={t("flow.empty_text")} />}
    </section>
  );
}

export function Ways() {
  const may = { in: allowed("did.view"), out: allowed("outbound_profile.view"), flow: allowed("did.view") };
  const bodies: [keyof typeof may, () => ComponentChildren][] = [["in", () => <CallIn />], ["out", () => <CallOut />], ["flow", () => <Picture />]];
  const open = bodies.filter(([name]) => may[name]);
  const asked = place.value.query.get("tab");
  const chosen = open.find(([name]) => name === asked)?.[0] ?? open[0]?.[0] ?? "in";
  const tabs: Tab[] = open.map(([name, body]) => ({ name, label: t(`ways.tab.${name}`), body: name === chosen ? <div class="ways">{body()}</div> : null }));
  const turn = (name: string) => void look({ tab: name, ...Object.fromEntries(["number", "caller", "last_agent", "agent", "campaign", "how", "at", "did"].map((each) => [each, null])) });
  return (
    <>
      <Head title={t("menu.ways")} text={t("ways.text")} />
      {resources.value ? <Tabs id="ways" label={t("menu.ways")} tabs={tabs} chosen={chosen} onChoose={turn} /> : <Skeleton lines={6} />}
    </>
  );
}
