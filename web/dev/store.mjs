// The records of the stand-in: kept in memory, checked a little, with names, counts, history and who uses whom.

export class No extends Error {
  constructor(status, error, fields, headers) {
    super(error);
    Object.assign(this, { status, error, fields, headers });
  }
}

const hidden = new Set(["secret", "password", "pin"]);
const now = () => new Date().toISOString();

export class Store {
  constructor(nouns) {
    this.nouns = nouns;
    this.tables = new Map(nouns.map((noun) => [noun.name, []]));
    this.past = new Map();
    this.columns = new Map();
    this.serial = 20;
    for (const noun of nouns) if (noun.held === "single") this.add(noun, {}, false);
  }

  by(path) {
    return this.nouns.find((noun) => noun.path === path);
  }

  rows(noun) {
    return this.tables.get(noun.name);
  }

  name(noun, row) {
    return (noun.named ?? ["name"]).map((field) => row[field]).filter(Boolean).join(" ");
  }

  find(noun, id) {
    const found = noun.held === "single" ? this.rows(noun)[0] : this.rows(noun).find((row) => row.id === id);
    if (!found) throw new No(404, "not_found");
    return found;
  }

  check(noun, value, adding) {
    const fields = {};
    for (const [name, schema] of Object.entries(noun.schema.properties)) {
      const given = value[name];
      if (given === undefined || given === "") {
        if (adding && noun.schema.required.includes(name)) fields[name] = { why: "required" };
      } else if (typeof given === "string" && [...given].length > (schema.maxLength ?? 1e9)) fields[name] = { why: "too_long", max: schema.maxLength };
      else if (typeof given === "string" && given.includes("\0")) fields[name] = { why: "pattern" };
    }
    if (Object.keys(fields).length) throw new No(422, "invalid", fields);
    const unique = noun.schema.properties.agent_number ? "agent_number" : "name";
    if (value[unique] && this.rows(noun).some((row) => row[unique] === value[unique] && row.id !== value.id)) throw new No(409, unique === "name" ? "name_taken" : "number_taken", { [unique]: { why: "taken" } });
  }

  defaults(noun) {
    return Object.fromEntries(Object.entries(noun.schema.properties).flatMap(([name, schema]) => (schema.default === undefined ? [] : [[name, schema.default]])));
  }

  add(noun, value, check = true, at = now()) {
    if (check) this.check(noun, value, true);
    const row = { id: String(this.serial++), rev: 1, created_at: at, updated_at: at, ...this.defaults(noun), ...value };
    this.rows(noun).unshift(row);
    this.past.set(row.id, [{ revision: 1, at, by: { kind: "account", name: "owner" }, action: "add", changes: [] }]);
    return row;
  }

  change(noun, id, value, rev) {
    const row = this.find(noun, id);
    if (rev && rev !== String(row.rev)) throw new No(409, "changed_meanwhile");
    this.check(noun, { ...value, id }, false);
    const changes = Object.entries(value).map(([field, after]) => ({ field, before: row[field], after }));
    Object.assign(row, value, { rev: row.rev + 1, updated_at: now() });
    this.past.get(row.id).unshift({ revision: row.rev, at: row.updated_at, by: { kind: "account", name: "owner" }, action: "edit", changes });
    return row;
  }

  /** As on the box a write has a number of its own in the history, and leaves the row at a `rev`; here they are the same. */
  undo(noun, id, { revision, rev }) {
    const entry = this.past.get(id ?? this.rows(noun)[0]?.id)?.find((one) => one.revision === (revision ?? rev));
    if (!entry) throw new No(404, "not_found");
    if (entry.row) return this.rows(noun).unshift(entry.row), entry.row;
    return this.change(noun, id, Object.fromEntries(entry.changes.map(({ field, before }) => [field, before])));
  }

  users(noun, id) {
    const found = [];
    for (const other of this.nouns)
      for (const row of this.rows(other))
        for (const [field, schema] of Object.entries(other.schema.properties)) {
          const value = row[field];
          const points = (schema["x-to"] === noun.name && value === id) || (schema.items?.["x-to"] === noun.name && value?.includes(id)) || (schema["x-kind"] === "destination" && value?.type === noun.name && value.target === id);
          if (points) found.push({ noun: other.name, id: row.id, name: this.name(other, row) || other.name, field });
        }
    return found;
  }

  remove(noun, id) {
    const row = this.find(noun, id);
    const users = this.users(noun, id);
    if (users.length) throw Object.assign(new No(409, "in_use"), { users, row: this.name(noun, row) });
    this.past.get(id).unshift({ revision: row.rev + 1, action: "delete", at: now(), by: { kind: "account", name: "owner" }, changes: [], row });
    this.tables.set(noun.name, this.rows(noun).filter((one) => one !== row));
  }

  meeting(noun, search = "", filters = {}) {
    const text = search.trim().toLowerCase();
    return this.rows(noun).filter((row) => (!text || noun.search.some((field) => String(row[field] ?? "").toLowerCase().includes(text))) && Object.entries(filters).every(([field, values]) => [values].flat().includes(String(row[field] ?? ""))));
  }

  chosen(noun, { ids, search, filters }) {
    return ids ?? this.meeting(noun, search, filters).map((row) => row.id);
  }

  several(noun, ids, deed) {
    const refused = [];
    for (const id of ids)
      try {
        deed(id);
      } catch (no) {
        refused.push({ id, name: no.row ?? id, error: no.error, users: no.users });
      }
    return { done: ids.length - refused.length, refused };
  }

  shown(noun, row) {
    const counts = Object.fromEntries(noun.counts.map(({ name, noun: other, field }) => [name, this.tables.get(other).filter((one) => one[field] === row.id).length]));
    const secrets = Object.entries(noun.schema.properties).filter(([, schema]) => hidden.has(schema["x-kind"])).map(([name]) => [name, "***"]);
    return { ...row, ...counts, ...Object.fromEntries(secrets) };
  }

  names(noun, rows) {
    const names = {};
    const note = (to, id) => {
      const target = this.nouns.find((one) => one.name === to);
      const row = target && this.rows(target).find((one) => one.id === id);
      if (row) (names[to] ??= {})[id] = this.name(target, row);
    };
    for (const row of rows)
      for (const [field, schema] of Object.entries(noun.schema.properties)) {
        if (schema["x-to"]) note(schema["x-to"], row[field]);
        if (schema.items?.["x-to"]) row[field]?.forEach((id) => note(schema.items["x-to"], id));
        if (schema["x-kind"] === "destination" && row[field]) note(row[field].type, row[field].target);
      }
    return names;
  }

  page(noun, query) {
    const filters = Object.fromEntries(noun.filters.filter((name) => query.get(name)).map((name) => [name, query.get(name).split(",")]));
    const found = this.meeting(noun, query.get("search") ?? "", filters);
    const sort = query.get("sort");
    const by = sort?.replace("-", "");
    if (by) found.sort((a, b) => String(a[by] ?? "").localeCompare(String(b[by] ?? ""), undefined, { numeric: true }) * (sort[0] === "-" ? -1 : 1));
    const [limit, from] = [Number(query.get("limit") ?? 20), Number(query.get("cursor") ?? 0)];
    const rows = found.slice(from, from + limit);
    return { items: rows.map((row) => this.shown(noun, row)), next: from + limit < found.length ? String(from + limit) : null, total: found.length, names: this.names(noun, rows) };
  }

  choices(noun, query) {
    const ids = query.get("ids")?.split(",");
    const text = (query.get("search") ?? "").toLowerCase();
    const found = this.rows(noun).filter((row) => (ids ? ids.includes(row.id) : this.name(noun, row).toLowerCase().includes(text)));
    return { items: found.slice(0, Number(query.get("limit") ?? 30)).map((row) => ({ id: row.id, name: this.name(noun, row) })), next: null };
  }
}
