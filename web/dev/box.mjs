// A stand-in for the box while pages are drawn: answers the panel's contract from an invented office in memory and
// serves `dist/` with the box's headers. Not shipped. Options: --port N, --setup, --closed, --empty.
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { nouns } from "./nouns.mjs";
import { Office } from "./office.mjs";
import { accept } from "./socket.mjs";
import { No, Store } from "./store.mjs";

const options = process.argv.slice(2);
const port = Number(options[options.indexOf("--port") + 1] || 8100) || 8100;
const has = (word) => options.includes(word);
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json" };
const policy = "media-src 'self'; default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const office = new Office(has("--empty") || has("--setup"));
const store = new Store(nouns);
const at = (noun) => store.nouns.find((one) => one.name === noun);
if (!has("--empty") && !has("--setup")) {
  const roles = ["Supervisor", "Agent", "检查员", "管理者"].map((name) => store.add(at("role"), { name }, false));
  const departments = ["Sales", "售后", "サポート"].map((name) => store.add(at("department"), { name, agents: [] }, false));
  office.agents.toReversed().forEach(({ agent_number, first_name, last_name, status, created_at }, n) => store.add(at("agent"), { agent_number, first_name, last_name, status, sip_password: "secret-word", role: roles[n % 3].id, department: n % 4 === 3 ? null : departments[n % 3].id }, false, created_at));
  for (let n = 0; n < 260; n++) store.add(at("agent"), { agent_number: String(2000 + n), first_name: `Person ${n}`, last_name: "", status: n % 9 ? "enabled" : "disabled", sip_password: "secret-word", role: roles[n % 4].id }, false, new Date(Date.now() - 2e9 - n * 1e7).toISOString());
  const media = ["Welcome", "Hold music"].map((name, n) => store.add(at("media"), { name, type: n ? "hold_music" : "voice", file: "0a".repeat(32) }, false));
  store.add(at("condition"), { name: "Office hours", type: "weekly", periods: ["monday", "tuesday", "wednesday", "thursday", "friday"].flatMap((weekday) => [{ weekday, from: "09:00", to: "12:30" }, { weekday, from: "13:30", to: "18:00" }]), inside_destination: { type: "agent", target: "30" }, outside_destination: { type: "hang_up" } }, false);
  store.add(at("ivr"), { name: "Main menu", internal_number: "600", media: media[0].id, keys: [{ key: "1", destination: { type: "agent", target: "30" } }, { key: "2", destination: { type: "outside_number", target: "01088001234" } }, { key: "0", destination: { type: "hang_up" } }] }, false);
  ["#2557a7", "#1f7a45", "#c2417c"].forEach((color, n) => store.add(at("data_source"), { name: `2026-11-2${n} 09:00:00`, color }, false));
  store.add(at("email_template"), { name: "Welcome", subject: "Hello ##name##", body: "<h3>Hello</h3><p>We <b>called</b> you at <i>##phone##</i>.</p><ul><li>One</li><li>Two</li></ul>" }, false);
  store.add(at("outbound_profile"), { name: "Mobile first", rules: [{ name: "Mobiles", pattern: "^1[3-9]", strip: 0, prefix: "0", condition: null, trunks: [], caller: null }] }, false);
}
const owner = { username: "owner", password: "callbox-demo" };
let needed = has("--setup");
const sessions = new Set();
let failed = 0;
const lines = new Set();

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

/** Whatever stands in the declarations alone. */
function declared(method, noun, id, verb, query, body, headers) {
  const single = noun.held === "single";
  if (method === "GET" && id === "choices") return [200, store.choices(noun, query)];
  if (method === "GET" && (verb === "users" || (single && id === "users"))) return [200, { users: store.users(noun, id) }];
  if (method === "GET" && (verb === "history" || (single && id === "history"))) return [200, { items: store.past.get(store.find(noun, id).id) ?? [], next: null }];
  if (method === "POST" && (verb === "undo" || (single && id === "undo"))) return [200, store.shown(noun, store.undo(noun, single ? null : id, body))];
  if (method === "POST" && verb === "clone") return [201, store.shown(noun, store.add(noun, { ...Object.fromEntries(Object.entries(store.find(noun, id)).filter(([name]) => noun.schema.properties[name])), name: `${store.find(noun, id).name} (copy)` }))];
  if (method === "POST" && verb === "reveal") return [200, { sip_password: store.find(noun, id).sip_password }];
  if (method === "POST" && id === "count") return [200, { count: store.chosen(noun, body).length }];
  if (method === "POST" && id === "export") return [202, { job_number: "1" }];
  if (method === "POST" && id === "delete") {
    const { done, refused } = store.several(noun, store.chosen(noun, body), (one) => store.remove(noun, one));
    return [200, { deleted: done, refused }];
  }
  if (method === "PATCH" && !id && !single) {
    const { done, refused } = store.several(noun, store.chosen(noun, body), (one) => store.change(noun, one, body.value));
    return [200, { changed: done, refused }];
  }
  const rev = headers["if-match"]?.replaceAll('"', "");
  if (method === "PATCH") return [200, store.shown(noun, store.change(noun, id, body, rev))];
  if (method === "GET" && (id || single)) return [200, store.shown(noun, store.find(noun, id))];
  if (method === "GET") return [200, store.page(noun, query)];
  if (method === "DELETE") return store.remove(noun, id), [204];
  if (method !== "POST") throw new No(405, "method_not_allowed");
  const generated = noun.schema.properties.sip_password && !body.sip_password ? { sip_password: Math.random().toString(36).slice(2, 14) } : undefined;
  return [201, { ...store.shown(noun, store.add(noun, { ...body, ...generated })), generated }];
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
  if (ask === "GET schema") return [200, { resources: nouns, paths: {} }];
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
  if (ask === "POST uploads") return [201, { upload: crypto.randomUUID() }];
  if (noun === "me" && method === "GET") return [200, { columns: store.columns.get(verb) ?? null }];
  if (noun === "me") return store.columns.set(verb, body.columns), [204];
  return declared(method, found(store.by(noun)), id, verb, query, body, headers);
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
    send(no.status, { error: no.error, message: no.error, fields: no.fields, users: no.users }, no.headers);
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
