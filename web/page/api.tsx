// The API as its own document tells it: every path with its fields, its refusals and a request to type, searched.
import { useEffect, useState } from "preact/hooks";
import { ask, type Refused } from "../link/request";
import { look, place } from "../link/route";
import { resource, resources } from "../link/schema";
import { Badge, type Tone } from "../part/badge";
import { Copy } from "../part/copy";
import { Empty } from "../part/empty";
import { Icon } from "../part/icon";
import { Skeleton } from "../part/skeleton";
import { answerOf, bodyOf, curl, formOf, groups, isMeant, refusalsOf, type Document, type Group, type Operation, type Schema } from "../word/openapi";
import { refusalSentence } from "../word/refusal";
import { begin, has, many, t } from "../word/words";
import { Head } from "./frame";
import { Search } from "./tools";

const tones: Record<string, Tone> = { GET: "good", POST: "busy", PATCH: "wait", DELETE: "bad" };
const facts = ["base", "key", "limits", "lists", "changes", "once", "refusals", "growth"];

/** The noun under a path, also where the panel has it in the operator's place. */
function nounOf(name: string): string | undefined {
  return resources.value?.find((one) => one.path === name || one.path === `given_${name}`)?.name;
}

/** What the panel calls the things under a path. */
function groupName(name: string): string {
  const noun = nounOf(name);
  if (noun) return many(noun);
  return has(`api.group.${name}`) ? t(`api.group.${name}`) : begin(name.replaceAll("_", " "));
}

function fieldLabel(group: string, name: string, schema: Schema): string {
  const noun = nounOf(group);
  if (noun && has(`${noun}.${name}`)) return t(`${noun}.${name}`);
  return has(`row.${name}`) ? t(`row.${name}`) : (schema.title ?? "");
}

export function ApiPage() {
  const [document, setDocument] = useState<Document | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const typed = place.value.query.get("search") ?? "";
  useEffect(() => void ask<Document>("GET", "openapi.json").then((answer) => (answer.ok ? setDocument(answer.body) : setRefused(answer.refused))), []);
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const told = document ? groups(document) : [];
  const labels = (group: Group) => [groupName(group.name), ...Object.entries(bodyFields(document!, group)).map(([name, schema]) => fieldLabel(group.name, name, schema))].join(" ");
  const shown = told.map((group) => ({ ...group, operations: group.operations.filter((one) => isMeant(document!, one, labels(group), words)) })).filter((group) => group.operations.length);
  return (
    <>
      <Head title={t("menu.api")} text={t("api.text")}>
        {resource("api_access") && <a class="button button-plain" href="/api_access"><Icon name="key" size={18} /> <span>{many("api_access")}</span></a>}
        <a class="button button-plain" href="/panel/openapi.json" download="callbox-api.json"><Icon name="download" size={18} /> <span>{t("api.download")}</span></a>
      </Head>
      <div class="tools">
        <Search value={typed} onChange={(text) => void look({ search: text || null }, true)} label={t("api.search")} to={() => window.document.querySelector<HTMLElement>(".api-group > summary")?.focus()} />
      </div>
      {refused && <p class="notice tone-bad" role="alert"><Icon name="warning" size={18} /> <span>{refusalSentence(refused)}</span></p>}
      {!document && !refused && <div class="panel"><Skeleton lines={10} /></div>}
      {document && (
        <div class="api-page">
          {!words.length && <Facts />}
          {shown.map((group) => <GroupOf key={group.name} document={document} group={group} open={words.length > 0 && shown.length <= 3} />)}
          {!shown.length && <Empty icon="search" title={t("api.nothing")} text={t("api.nothing_text")} />}
        </div>
      )}
    </>
  );
}

function bodyFields(document: Document, group: Group): Record<string, Schema> {
  return Object.assign({}, ...group.operations.map((one) => bodyOf(document, one.told)?.properties ?? {}));
}

function Facts() {
  const values = { base: `${location.origin}/api/v1` };
  return (
    <section class="panel">
      <h2>{t("api.facts")}</h2>
      <dl class="facts facts-told api-facts">
        {facts.map((name) => (
          <div key={name}>
            <dt>{t(`api.fact.${name}`)}</dt>
            <dd>{t(`api.fact.${name}.text`, values)}</dd>
          </div>
        ))}
        <div>
          <dt>{t("certificate.title")}</dt>
          <dd><a href="/ca.crt" download="callbox-ca.crt">callbox-ca.crt</a></dd>
        </div>
      </dl>
    </section>
  );
}

function GroupOf({ document, group, open }: { document: Document; group: Group; open: boolean }) {
  return (
    <details class="panel api-group" open={open}>
      <summary>
        <span class="api-name">{groupName(group.name)}</span>
        <bdi class="mono soft">/{group.name}</bdi>
        <span class="soft small api-methods">{[...new Set(group.operations.map((one) => one.method))].join(" · ")}</span>
      </summary>
      {group.operations.map((one) => <OperationOf key={`${one.method} ${one.path}`} document={document} group={group} operation={one} />)}
    </details>
  );
}

function OperationOf({ document, group, operation }: { document: Document; group: Group; operation: Operation }) {
  const { method, path, verb, told } = operation;
  const [opened, setOpened] = useState(false);
  return (
    <details class="api-operation" onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>
        <Badge tone={tones[method] ?? "plain"}>{method}</Badge>
        <bdi class="mono api-path">{document.servers[0]!.url}{path}</bdi>
        <span class="soft">{t(`api.verb.${verb}`)}</span>
      </summary>
      {opened && <Inside document={document} group={group} operation={operation} told={told} />}
    </details>
  );
}

function Inside({ document, group, operation, told }: { document: Document; group: Group; operation: Operation; told: Operation["told"] }) {
  const command = curl(location.origin, document, operation);
  const body = bodyOf(document, told);
  const answer = answerOf(document, told);
  const item = answer?.schema?.properties?.items?.items;
  const row = item?.$ref ? document.components.schemas[item.$ref.split("/").pop()!] : answer?.schema;
  return (
    <div class="api-inside">
      <div class="api-curl">
        <pre tabIndex={0}><code>{command}</code></pre>
        <Copy text={command} what="curl" />
      </div>
      {told["x-limit"] && <p class="small soft">{t("api.limited", { limit: has(`api_access.${told["x-limit"]}`) ? t(`api_access.${told["x-limit"]}`) : told["x-limit"] })}</p>}
      {told.parameters && <Fields title={t("api.parameters")} group={group.name} fields={told.parameters.map((one) => ({ name: one.name, schema: { ...one.schema, description: one.description }, required: one.required ?? false, where: one.in }))} />}
      {body && <Fields title={t("api.body")} group={group.name} fields={listed(body)} />}
      {row?.properties && <Fields title={t(item ? "api.answer_items" : "api.answer", { status: answer!.status })} group={group.name} fields={listed(row).map((one) => ({ ...one, required: false }))} folded />}
      {answer && !row && <p class="small soft">{t("api.answer_empty", { status: answer.status })}</p>}
      <Refusals document={document} told={told} />
    </div>
  );
}

type Line = { name: string; schema: Schema; required: boolean; where?: string };

const listed = (schema: Schema): Line[] => Object.entries(schema.properties ?? {}).map(([name, field]) => ({ name, schema: field, required: schema.required?.includes(name) ?? false }));

function Fields({ title, group, fields, folded = false }: { title: string; group: string; fields: Line[]; folded?: boolean }) {
  const table = (
    <div class="api-scroll">
      <table class="api-fields">
        <thead><tr><th scope="col">{t("api.field")}</th><th scope="col">{t("api.form")}</th><th scope="col">{t("api.meaning")}</th></tr></thead>
        <tbody>
          {fields.map(({ name, schema, required, where }) => (
            <tr key={name}>
              <th scope="row"><bdi class="mono">{name}</bdi>{required && <span class="small api-required">{t("api.required")}</span>}{where && where !== "query" && <span class="small soft">{where}</span>}</th>
              <td><bdi class="mono small">{formOf(schema)}</bdi></td>
              <td><span>{fieldLabel(group, name, schema)}</span>{schema.description && <span class="small soft" lang="en">{schema.description}</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
  if (!folded) return <section><h3>{title}</h3>{table}</section>;
  return <details class="api-folded"><summary>{title}</summary>{table}</details>;
}

function Refusals({ document, told }: { document: Document; told: Operation["told"] }) {
  return (
    <details class="api-folded">
      <summary>{t("api.refusals")}</summary>
      <dl class="facts">
        {refusalsOf(document, told).flatMap(({ status, words }) =>
          words.map((word) => (
            <div key={status + word}>
              <dt class="mono">{status} {word}</dt>
              <dd>{has(`error.${word}`) ? t(`error.${word}`, { max: "…", n: 2 }) : ""}</dd>
            </div>
          )),
        )}
      </dl>
    </details>
  );
}
