// A stand-in for the box while pages are drawn: answers the panel's contract from an invented office in memory and
// serves `dist/` with the box's headers. Not shipped. Options: --port N, --setup, --closed, --empty.
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { Office } from "./office.mjs";
import { accept } from "./socket.mjs";

const options = process.argv.slice(2);
const port = Number(options[options.indexOf("--port") + 1] || 8100) || 8100;
const has = (word) => options.includes(word);
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json" };
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const office = new Office(has("--empty") || has("--setup"));
const owner = { username: "owner", password: "callbox-demo" };
let needed = has("--setup");
const sessions = new Set();
let failed = 0;
const lines = new Set();

const line = (kind, min, max, more = {}) => ({ type: "string", maxLength: max, "x-kind": kind, ...(min ? { minLength: min } : {}), ...more });
const schema = {
  type: "object",
  required: ["agent_number", "first_name", "web_password"],
  properties: {
    agent_number: line("internal_number", 2, 6),
    first_name: line("name", 1, 40),
    last_name: line("text", 0, 40, { default: "" }),
    status: { type: "string", enum: ["enabled", "disabled"], "x-kind": "choice", default: "enabled" },
    sip_password: line("secret", 8, 32, { writeOnly: true }),
    web_password: line("password", 8, 64, { writeOnly: true }),
    phone_password: line("pin", 1, 255, { writeOnly: true, default: "123456" }),
  },
};
const resources = [{ name: "agent", path: "agents", menu: "people", schema, tabs: [{ name: "general", fields: ["agent_number", "first_name", "last_name", "sip_password", "web_password", "phone_password", "status"] }], list: ["agent_number", "first_name", "last_name", "status"], search: ["agent_number"], rules: [{ rule: "free_number", field: "agent_number" }, { rule: "fixed", field: "agent_number" }, { rule: "generated", field: "sip_password" }] }];

class No extends Error {
  constructor(status, error, fields, headers) {
    super(error);
    Object.assign(this, { status, error, fields, headers });
  }
}

function wrong(body, adding, row) {
  const fields = {};
  for (const [name, rule] of Object.entries(schema.properties)) {
    const value = body[name];
    if (value === undefined || value === "") {
      if (adding && schema.required.includes(name)) fields[name] = { why: "required" };
    } else if ([...String(value)].length > (rule.maxLength ?? 999)) fields[name] = { why: "too_long", max: rule.maxLength };
    else if ([...String(value)].length < (rule.minLength ?? 0)) fields[name] = { why: "too_short", min: rule.minLength };
  }
  if (Object.keys(fields).length) throw new No(422, "invalid", fields);
  if (office.agents.some((one) => one.agent_number === body.agent_number && one !== row)) throw new No(409, "number_taken", { agent_number: { why: "taken" } });
}

const shown = ({ sip_password, web_password, phone_password, ...row }) => ({ ...row, sip_password: "***", web_password: "***", phone_password: "***" });
const whole = () => ({ account: { id: "1", username: owner.username, first_name: "Mei", last_name: "Chen", role: "owner" }, box: { name: "Front office", version: "0.1.0", language: "zh", sip: { host: "192.168.1.20", udp: 5060, tcp: 5060, tls: 5061 } } });
const found = (row) => row ?? (() => { throw new No(404, "not_found"); })();

function page(rows, query) {
  const limit = Number(query.get("limit") ?? 20);
  const from = Number(query.get("cursor") ?? 0);
  return { items: rows.slice(from, from + limit), next: from + limit < rows.length ? String(from + limit) : null, total: rows.length };
}

function begin() {
  const session = crypto.randomUUID();
  sessions.add(session);
  return { "Set-Cookie": `callbox=${session}; HttpOnly; SameSite=Strict; Path=/` };
}

function tell(calls, agents) {
  office.count();
  for (const one of lines) one.send({ kind: "change", calls, agents, box: office.box, now: new Date().toISOString() });
}

function remove(id) {
  const agent = found(office.agents.find((row) => row.id === id));
  if (["talking", "ringing"].includes(office.live.get(agent.agent_number)?.state)) throw new No(409, "in_call");
  office.agents = office.agents.filter((row) => row !== agent);
  office.live.delete(agent.agent_number);
  tell([], [{ agent_number: agent.agent_number, row: null }]);
}

const sessionOf = (request) => /callbox=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];

async function answer(method, path, query, body, signedIn, headers) {
  const [noun, id, verb] = path.split("/");
  const ask = `${method} ${noun}`;
  if (ask === "GET setup") return [200, { needed, open: !has("--closed"), box: { name: "Front office", language: "zh" } }];
  if (ask === "POST setup") {
    if (!needed) throw new No(404, "not_found");
    if (has("--closed")) throw new No(403, "setup_closed");
    Object.assign(owner, { username: body.username, password: body.password });
    needed = false;
    return [201, whole(), begin()];
  }
  if (ask === "POST session") {
    if (failed >= 5) throw new No(429, "too_many_attempts", undefined, { "Retry-After": "754" });
    if (body.username !== owner.username || body.password !== owner.password) throw (failed++, new No(401, "sign_in_failed"));
    failed = 0;
    return [200, whole(), begin()];
  }
  if (!signedIn) throw new No(401, "unauthorized");
  if (ask === "GET session") return [200, whole()];
  if (ask === "DELETE session") return sessions.delete(signedIn), [204];
  if (ask === "GET schema") return [200, { resources }];
  if (ask === "GET call_records" && id) return [200, found(office.records.find((r) => r.call_id === id))];
  if (ask === "GET call_records") {
    const text = (query.get("search") ?? "").toLowerCase();
    const [from, to] = [query.get("from") ?? "", query.get("to") ?? "9"];
    return [200, page(office.records.filter((r) => r.started_at >= from && r.started_at < to && [r.original_caller_number, r.original_caller_name, r.original_called_number, r.agent_name].some((v) => v.toLowerCase().includes(text))), query)];
  }
  if (ask === "DELETE calls") {
    if (!office.end(id, "system")) throw new No(409, "no_call");
    return tell([{ call_id: id, row: null }], [...office.live.values()].map((row) => ({ agent_number: row.agent_number, row }))), [204];
  }
  if (noun !== "agents") throw new No(404, "not_found");
  if (method === "GET" && !id) return [200, page(office.agents.filter((a) => a.agent_number.includes((query.get("search") ?? "").trim())).map(shown), query)];
  if (method === "POST" && id === "delete") {
    const refused = [];
    for (const one of body.ids) try { remove(one); } catch (no) { refused.push({ id: one, error: no.error }); }
    return [200, { deleted: body.ids.length - refused.length, refused }];
  }
  if (method === "POST" && !id) {
    wrong(body, true);
    const generated = body.sip_password ? undefined : { sip_password: Math.random().toString(36).slice(2, 14) };
    const row = office.add({ ...body, ...generated });
    tell([], [{ agent_number: row.agent_number, row: office.live.get(row.agent_number) }]);
    return [201, { ...shown(row), generated }];
  }
  const agent = found(office.agents.find((row) => row.id === id));
  if (method === "POST" && verb === "reveal") return [200, { sip_password: agent.sip_password }];
  if (method === "GET") return [200, shown(agent), { ETag: `"${agent.rev}"` }];
  if (method === "DELETE") return remove(id), [204];
  if (method !== "PATCH") throw new No(405, "method_not_allowed");
  if (headers["if-match"] && headers["if-match"].replaceAll('"', "") !== String(agent.rev)) throw new No(409, "changed_meanwhile");
  wrong(body, false, agent);
  Object.assign(agent, body, { rev: agent.rev + 1, updated_at: new Date().toISOString() });
  return [200, shown(agent)];
}

function file(path, response) {
  const wanted = join(dist, normalize(path));
  const real = extname(path) && existsSync(wanted) ? wanted : join(dist, "index.html");
  response.writeHead(200, { "Content-Type": types[extname(real)] ?? "application/octet-stream", "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": path.startsWith("/assets/") ? "max-age=31536000, immutable" : "no-cache" });
  createReadStream(real).pipe(response);
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://box");
  if (url.pathname === "/ca.crt") return response.writeHead(200, { "Content-Type": "application/x-x509-ca-cert" }).end("-----BEGIN CERTIFICATE-----\n");
  if (!url.pathname.startsWith("/panel/")) return file(url.pathname, response);
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const send = (status, body, headers = {}) => response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers }).end(body === undefined ? "" : JSON.stringify(body));
  try {
    if (request.method !== "GET" && request.headers["x-callbox"] !== "1") throw new No(403, "cross_site");
    const session = sessionOf(request);
    const signedIn = sessions.has(session) ? session : null;
    const body = chunks.length ? JSON.parse(Buffer.concat(chunks).toString()) : {};
    send(...(await answer(request.method, decodeURIComponent(url.pathname.slice("/panel/".length)), url.searchParams, body, signedIn, request.headers)));
  } catch (no) {
    if (!(no instanceof No)) throw no;
    send(no.status, { error: no.error, message: no.error, fields: no.fields }, no.headers);
  }
});

server.on("upgrade", (request, socket) => {
  if (request.url !== "/panel/live" || !sessions.has(sessionOf(request))) return socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
  const one = accept(request, socket);
  office.count();
  one.send({ kind: "all", calls: [...office.calls.values()], agents: [...office.live.values()], box: office.box, now: new Date().toISOString() });
  lines.add(one);
  one.onClose(() => lines.delete(one));
});

setInterval(() => {
  const touched = [...office.step()];
  tell(touched.map((call_id) => ({ call_id, row: office.calls.get(call_id) ?? null })), [...office.live.values()].map((row) => ({ agent_number: row.agent_number, row })));
}, 1000);

server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/  ${owner.username} / ${owner.password}`));
