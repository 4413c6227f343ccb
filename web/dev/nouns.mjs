// Invented declarations for drawing pages before the box has them: every kind of field and every rule at least once.

const text = (kind, max = 40, more = {}) => ({ type: "string", maxLength: max, "x-kind": kind, ...more });
const some = (schema) => ({ ...schema, type: [schema.type, "null"], default: null });
const whole = (kind, minimum, maximum, more = {}) => ({ type: "integer", minimum, maximum, "x-kind": kind, ...more });
const choice = (...words) => ({ type: "string", enum: words, "x-kind": "choice", default: words[0] });
const ref = (noun) => ({ type: "string", minLength: 1, maxLength: 20, "x-kind": "ref", "x-to": noun });
const list = (items, maxItems = 100, minItems = 0) => ({ type: "array", items, minItems, maxItems, "x-kind": "list", default: [] });
const yes = (value = false) => ({ type: "boolean", "x-kind": "switch", default: value });
const row = (properties, required = Object.keys(properties)) => ({ type: "object", "x-kind": "row", properties, required });
const types = ["ivr", "ring_group", "condition", "playlist", "agent_group", "agent", "outside_number", "hang_up"];
const destination = { type: "object", "x-kind": "destination", "x-types": types, properties: { type: { enum: types }, target: { type: "string" } } };

function noun(name, path, menu, properties, more = {}) {
  const required = more.required ?? [Object.keys(properties)[0]];
  const tabs = more.tabs ?? [{ name: "general", fields: Object.keys(properties) }];
  return { name, path, menu, held: "snapshot", list: Object.keys(properties).slice(0, 6), search: [Object.keys(properties)[0]], filters: [], batch: [], counts: [], rules: [], may: ["add", "edit", "delete", "clone", "export", "batch_edit"], ...more, tabs, schema: { type: "object", required, properties } };
}

const permissions = ["panel.sign_in", "panel.profile", ...["account", "agent", "agent_group", "role", "department", "ivr", "call_record", "customer", "monitor"].flatMap((one) => ["view", "add", "edit", "delete", ...(one === "agent" ? ["batch_add", "batch_edit", "sign_in_as"] : one === "monitor" ? ["listen", "whisper", "barge"] : one === "customer" ? ["import", "export", "assign"] : [])].map((action) => `${one}.${action}`))];
const scoped = ["call_record", "contact_record", "customer", "review", "report", "monitor"];

export const nouns = [
  noun(
    "agent",
    "agents",
    "people",
    {
      agent_number: text("internal_number", 6, { minLength: 2 }),
      first_name: text("name", 40, { minLength: 1 }),
      last_name: text("text", 40, { default: "" }),
      role: some(ref("role")),
      department: some(ref("department")),
      status: choice("enabled", "disabled"),
      sip_password: text("secret", 32, { minLength: 8, writeOnly: true }),
      web_password: text("password", 64, { minLength: 8, writeOnly: true }),
      phone_password: text("pin", 255, { minLength: 1, writeOnly: true, default: "123456" }),
      click_to_call_only: yes(),
    },
    { required: ["agent_number", "first_name", "web_password"], list: ["agent_number", "first_name", "last_name", "status", "role", "department"], filters: ["status", "role", "department"], batch: ["role", "department", "status", "click_to_call_only"], named: ["agent_number", "first_name", "last_name"], may: ["add", "edit", "delete", "batch_add", "batch_edit", "sign_in_as"], rules: [{ rule: "fixed", field: "agent_number" }, { rule: "generated", field: "sip_password" }] },
  ),
  noun("account", "accounts", "people", { username: text("username", 40), last_name: text("name"), first_name: text("name"), role: ref("role"), status: choice("enabled", "disabled"), password: text("password", 64, { minLength: 8, writeOnly: true }), remark: text("lines", 500, { default: "" }) }, { filters: ["role", "status"], tabs: [{ name: "general", fields: ["username", "last_name", "first_name", "password", "role", "status"] }, { name: "advanced", fields: ["remark"] }], list: ["username", "last_name", "first_name", "role", "status", "remark"], named: ["username"], may: ["add", "edit", "delete", "sign_in_as"] }),
  noun(
    "role",
    "roles",
    "people",
    { name: text("name", 80), hidden_fields: { type: "array", items: text("hidden_fields", 120), "x-kind": "hidden_fields", default: [] }, form_tabs: { type: "array", items: { type: "string", enum: ["agent.advanced", "agent_group.queue", "preferences.data"] }, "x-kind": "form_tabs", default: [] }, scopes: { type: "object", "x-kind": "scopes", default: {}, properties: Object.fromEntries(scoped.map((table) => [table, choice("self", "groups", "all")])) }, permissions: { type: "array", items: { type: "string", enum: permissions }, "x-kind": "permissions", "x-given": permissions.slice(0, 2), default: permissions.slice(0, 2) } },
    { list: ["name"], counts: [{ name: "agents_count", noun: "agent", field: "role" }, { name: "accounts_count", noun: "account", field: "role" }], tabs: [{ name: "general", fields: ["name"] }, { name: "advanced", fields: ["hidden_fields", "form_tabs", "scopes"] }, { name: "permissions", fields: ["permissions"] }] },
  ),
  noun("department", "departments", "people", { name: text("name", 80), parent: some(ref("department")), agents: list(ref("agent"), 500) }, { filters: ["parent"] }),
  noun("condition", "conditions", "routing", { name: text("name", 80), type: choice("weekly", "time", "date", "date_range"), periods: { type: "array", "x-kind": "weekly", items: { type: "object" }, default: [] }, time_from: some(text("time_of_day", 5)), time_to: some(text("time_of_day", 5, { "x-end": true })), date: some(text("date", 10)), inside_destination: some(destination), outside_destination: some(destination) }, { list: ["name", "type", "periods", "inside_destination", "outside_destination"], rules: [{ rule: "appears", field: "periods", when: "type", is: ["weekly"] }, { rule: "needs", field: "periods", when: "type", is: ["weekly"] }, { rule: "appears", field: "time_from", when: "type", is: ["time"] }, { rule: "needs", field: "time_from", when: "type", is: ["time"] }, { rule: "appears", field: "time_to", when: "type", is: ["time"] }, { rule: "appears", field: "date", when: "type", is: ["date"] }], filters: ["type"] }),
  noun("ivr", "ivrs", "routing", { name: text("name", 80), internal_number: some(text("internal_number", 6)), media: some(ref("media")), keys: list(row({ key: choice("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"), destination }), 12), timeout: whole("seconds", 1, 60, { default: 10 }), share: whole("percent", 0, 100, { default: 50 }), status: choice("enabled", "disabled") }, { list: ["name", "internal_number", "media", "keys", "timeout", "share", "status"], tabs: [{ name: "general", fields: ["name", "internal_number", "status", "media", "timeout", "share"] }, { name: "destinations", fields: ["keys"] }] }),
  noun("media", "media", "numbers", { name: text("name", 80), type: choice("voice", "hold_music"), file: text("file", 64, { minLength: 64, "x-accept": [".wav", ".mp3"], "x-bytes": 20971520, "x-type": "audio/wav" }), remark: text("lines", 500, { default: "" }) }, { filters: ["type"] }),
  noun("data_source", "data_sources", "customers", { name: text("name", 80), color: text("color", 7, { default: "#2557a7" }), remark: text("lines", 500, { default: "" }) }),
  noun("custom_field", "custom_fields", "customers", { name: text("line", 63), type: choice("input", "number", "linked", "date", "link", "email"), levels: { type: "array", "x-kind": "levels", "x-depth": 5, items: { type: "object" }, default: [] }, pattern: some(text("regex", 200)), width: whole("number", 1, 12, { default: 6 }), homepage: some(text("link", 200)), contact: some(text("email", 254)), phone: some(text("phone", 15, { minLength: 2 })), fee: some(text("decimal", 20)), begins_at: some(text("moment", 30)), day: some(text("date", 10)), kinds: list(choice("a", "b", "c", "d")) }, { rules: [{ rule: "appears", field: "levels", when: "type", is: ["linked"] }, { rule: "shown", field: "width" }] }),
  noun("email_template", "email_templates", "campaigns", { name: text("name", 80), subject: text("template", 200, { "x-variables": ["name", "phone", "agent_number"] }), body: text("rich", 20000, { "x-variables": ["name", "phone"] }) }),
  noun("phone_template", "phone_templates", "lines", { name: text("name", 80), brand: text("name", 40), body: text("code", 100000) }),
  noun("outbound_profile", "outbound_profiles", "lines", { name: text("name", 80), rules: list(row({ name: text("name", 40), pattern: text("regex", 100), strip: whole("number", 0, 20), prefix: text("digits", 10), condition: some(ref("condition")), trunks: list(ref("media"), 5), caller: some(text("phone", 15)) }, ["name"]), 30) }, { rules: [{ rule: "given", field: "name" }] }),
  noun("preferences", "preferences", "system", { time_zone: text("time_zone", 40, { default: "Asia/Shanghai" }), country: text("country", 2, { default: "CN" }), currency: text("currency", 3, { default: "CNY" }), language: choice("zh", "ja", "en"), auto_bind_phone: yes(), default_phone_template: some(ref("phone_template")), ip_allowlist: list(text("network", 43), 200) }, { held: "single", list: [], may: ["edit"], tabs: [{ name: "general", fields: ["time_zone", "country", "language", "auto_bind_phone", "default_phone_template", "ip_allowlist"] }, { name: "currency", fields: ["currency"] }], rules: [{ rule: "appears", field: "default_phone_template", when: "auto_bind_phone", is: ["true"] }, { rule: "needs", field: "default_phone_template", when: "auto_bind_phone", is: ["true"] }] }),
];
