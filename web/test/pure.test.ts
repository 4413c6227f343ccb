// The pure parts of the panel: checks, names, times, languages, schema, live rows, drawings.
import { pathOfPeaks, seekBy } from "../page/wave";
import { describe, expect, it, vi } from "vitest";

vi.stubGlobal("window", Object.assign(globalThis, { setInterval: () => 0, addEventListener: () => undefined, location: { pathname: "/", search: "", hostname: "box", protocol: "https:", host: "box" } }));
vi.stubGlobal("document", { addEventListener: () => undefined, documentElement: { dataset: {} } });
vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined, removeItem: () => undefined });

const { check } = await import("../kind/check");
const { random } = await import("../kind/secret");
const { fill, preferred } = await import("../word/words");
const { clock, day, dayStart, figure, fully, hourOf, length, moment, setTimeFormats, setZone } = await import("../word/time");
const { backoff, changed } = await import("../link/live");
const { field, fields } = await import("../link/schema");
const { fullName } = await import("../link/session");
const { linePath } = await import("../part/chart");
const { money, setMoneyFormats } = await import("../word/money");
const { joined, readWeek, said, without, written } = await import("../kind/week");
const { formOf, readPeriod, writtenPeriod } = await import("../kind/periods");
const { outline, tree } = await import("../kind/outline");
const { clockTime } = await import("../kind/time_of_day");
const { answerOf, bodyOf, curl, formOf: form, groups, isMeant, refusalsOf } = await import("../word/openapi");
type Box = import("../page/flow_layout").Box;
type Document = import("../word/openapi").Document;
const { moved } = await import("../part/order");
const { slips } = await import("../kind/check");
const { appears, needed, overruled } = await import("../link/schema");
const { quality } = await import("../page/quality");
const { summed, wholeDay } = await import("../page/day");
const { fit } = await import("../page/finder");
const { steps } = await import("../page/call_records");
const { changesOf } = await import("../page/record");
const { beside, height: boxHeight, layOut, width: boxWidth } = await import("../page/flow_layout");
const { laneOf, nameOf, toneOf } = await import("../page/ladder_layout");
const { query } = await import("../link/request");
const { inPart } = await import("../page/filters");
const { inPortions } = await import("../page/delete");

const resource = {
  name: "agent",
  path: "agents",
  menu: "people",
  held: "snapshot" as const,
  schema: {
    required: ["agent_number", "first_name"],
    $defs: { Status: { type: "string", enum: ["enabled", "disabled"], "x-kind": "choice" } },
    properties: {
      agent_number: { type: "string", minLength: 2, maxLength: 6, "x-kind": "internal_number" },
      first_name: { type: "string", minLength: 1, maxLength: 40, "x-kind": "name" },
      status: { $ref: "#/$defs/Status", default: "enabled" },
      note: { anyOf: [{ type: "string", maxLength: 5, "x-kind": "text" }, { type: "null" }] },
      ring_timeout: { type: ["integer", "null"], minimum: 5, maximum: 300, "x-kind": "seconds" },
      sip_password: { type: "string", minLength: 8, maxLength: 32, "x-kind": "secret" },
    },
  },
  tabs: [{ name: "general", fields: ["agent_number", "first_name", "status", "note", "ring_timeout", "sip_password"] }],
  list: [],
  search: [],
  rules: [{ rule: "fixed", field: "agent_number" }, { rule: "generated", field: "sip_password" }],
};
const of = (name: string) => field(resource, name);

describe("a declaration", () => {
  it("gives each field its kind, choices and rules, through references and alternatives to null", () => {
    expect(of("status")).toMatchObject({ kind: "choice", choices: ["enabled", "disabled"], nullable: false });
    expect(of("note")).toMatchObject({ kind: "text", nullable: true, required: false });
    expect(of("ring_timeout")).toMatchObject({ kind: "seconds", nullable: true });
    expect(of("agent_number")).toMatchObject({ fixed: true, required: true });
    expect(of("sip_password").generated).toBe(true);
    expect(fields(resource).map((f) => f.name)).toEqual(resource.tabs[0]!.fields);
  });
});

/** AGT-8, ACC-16, LST-20, LST-21, LST-22 */
describe("a check before sending", () => {
  it.each([
    ["agent_number", "", "required"],
    ["agent_number", "8", "too_short"],
    ["agent_number", "1234567", "too_long"],
    ["agent_number", "01001", "pattern"],
    ["agent_number", "８０１", "pattern"],
    ["agent_number", " 801 ", null],
    ["first_name", "   ", "required"],
    ["first_name", "李".repeat(40), null],
    ["first_name", "😀".repeat(40), null],
    ["first_name", "李".repeat(41), "too_long"],
    ["status", "asleep", "choice"],
    ["ring_timeout", 4, "out_of_range"],
    ["ring_timeout", 301, "out_of_range"],
    ["ring_timeout", 30, null],
    ["ring_timeout", null, null],
    ["ring_timeout", NaN, "type"],
    ["sip_password", "with space", "pattern"],
    ["sip_password", undefined, null],
  ])("%s %j", (name, value, why) => expect(check(of(name), value)?.why ?? null).toBe(why));

  it("sends only what was changed, trimmed, and no untouched secret", () => {
    const before = { agent_number: "801", first_name: "Anna", note: null, sip_password: undefined };
    expect(changesOf(fields(resource), before, { ...before })).toEqual({});
    expect(changesOf(fields(resource), before, { ...before, first_name: " Ann " })).toEqual({ first_name: "Ann" });
    expect(changesOf(fields(resource), before, { ...before, sip_password: "abcdefgh" })).toEqual({ sip_password: "abcdefgh" });
  });
  it("sends a list without its empty lines, and only if an entry changed", () => {
    const networks = { ...of("note"), name: "networks", kind: "list" };
    const before = { networks: ["10.0.0.0/8", "fd00::/8"] };
    expect(changesOf([networks], before, { networks: ["10.0.0.0/8", "fd00::/8"] })).toEqual({});
    expect(changesOf([networks], before, { networks: [" 10.0.0.0/8", "", "203.0.113.7 "] })).toEqual({ networks: ["10.0.0.0/8", "203.0.113.7"] });
  });
});

describe("words", () => {
  it("takes the first language of ours, fills places, leaves unknown ones", () => {
    expect(preferred(["fr-FR", "ja-JP", "en"])).toBe("ja");
    expect(preferred(["zh-TW"])).toBe("zh");
    expect(preferred(["fr"])).toBe("en");
    expect(fill("{n} of {max}", { n: 3 })).toBe("3 of {max}");
  });
  it("joins names as phones show them", () => {
    expect(fullName({ first_name: "明", last_name: "李" })).toBe("李明");
    expect(fullName({ first_name: "Anna", last_name: "Berg" })).toBe("Anna Berg");
    expect(fullName({ first_name: "Anna", last_name: "" })).toBe("Anna");
    expect(fullName({ first_name: "Anna", last_name: "李" })).toBe("Anna 李");
  });
  it("says lengths and days", () => {
    expect([0, 7.9, 750, 3723, -4].map(length)).toEqual(["0:00", "0:07", "12:30", "1:02:03", "0:00"]);
    setZone("Asia/Tokyo");
    expect(dayStart("2026-11-23")).toBe("2026-11-22T15:00:00.000Z");
    expect(hourOf("2026-11-23T20:30:00.000Z")).toBe(5);
    setZone("Europe/Berlin");
    expect(dayStart("2026-10-25")).toBe("2026-10-24T22:00:00.000Z");
    expect(dayStart("2026-10-25", 1)).toBe("2026-10-25T23:00:00.000Z");
    setZone("Mars/Base");
    expect(hourOf(new Date(2026, 10, 23, 9).getTime())).toBe(9);
  });
  it("writes dates, times and lengths as the preferences say (PRF-11 to PRF-13)", () => {
    setZone("Asia/Shanghai");
    const at = "2026-11-23T04:05:09.120Z";
    expect([moment(at), clock(at), day("2026-11-23"), length(3723)]).toEqual(["2026-11-23 12:05:09", "12:05:09", "2026-11-23", "1:02:03"]);
    setTimeFormats({ date_format_mode: "exact", date_format: "DD/MM/YYYY", time_format: "hh:mm A", duration_format: "seconds" });
    expect([moment(at), day("2026-11-23"), length(3723), moment("no moment")]).toEqual(["23/11/2026 12:05 PM", "23/11/2026", "3723", ""]);
    setTimeFormats({ date_format_mode: "friendly", date_format: "DD/MM/YYYY", time_format: "HH:mm", duration_format: "hms" });
    expect(moment(at)).toBe("2026-11-23 12:05:09");
    setZone("Mars/Base");
  });
  it("writes money with the office's signs (PRF-28 to PRF-31, PRF-33)", () => {
    setMoneyFormats(undefined);
    expect(["1234567.5", "0", "-0.005", 12, "x"].map(money)).toEqual(["¥1,234,567.50", "¥0.00", "-¥0.01", "¥12.00", "x"]);
    setMoneyFormats({ currency_symbol: "€", currency_decimals: 0, decimal_separator: ",", thousands_separator: "." });
    expect(["1234.5", "999.49"].map(money)).toEqual(["€1.235", "€999"]);
  });
  it("writes names as the preferences say (PRF-15)", () => {
    expect(fullName({ first_name: "明", last_name: "李" }, "first_last")).toBe("明 李");
    expect(fullName({ first_name: "Anna", last_name: "Berg" }, "first_last")).toBe("Anna Berg");
    expect(fullName({ first_name: "Anna", last_name: "" }, "last_title")).toBe("Anna");
  });
  it("makes a query of what is given", () => {
    expect(query({ search: "a b", from: null, limit: 20, to: "" })).toBe("?search=a+b&limit=20");
    expect(query({})).toBe("");
  });
});

describe("live rows", () => {
  it("takes rows that came, changed and went, and leaves the old map alone", () => {
    const rows = new Map([["a", 1], ["b", 2]]);
    expect([...changed(rows, [["a", null], ["b", 3], ["c", 4]])]).toEqual([["b", 3], ["c", 4]]);
    expect(rows.size).toBe(2);
  });
  it("waits longer after each failure, within bounds", () => {
    expect(backoff(0, 0)).toBe(375);
    expect(backoff(3, 0.5)).toBe(4000);
    expect(backoff(99, 1)).toBeLessThanOrEqual(15_000 * 1.25);
  });
});

describe("emergency numbers", () => {
  it("go before what is dialed in the office, and before the slots behind the park number (OUT-49)", () => {
    const resource = { rules: [{ rule: "dialed", field: "park", after: 20 }, { rule: "dialed", field: "agent_number", after: 0 }] } as never;
    const of = (name: string, value: unknown) => overruled(resource, name, value, ["110", "911"]);
    expect([of("park", "911"), of("park", "891"), of("park", "890"), of("park", "912"), of("park", "100")]).toEqual([["911"], ["911"], [], [], ["110"]]);
    expect([of("agent_number", "911"), of("agent_number", "910"), of("agent_number", ""), of("name", "911")]).toEqual([["911"], [], [], []]);
  });
});

describe("sentences", () => {
  it("part Latin letters from Chinese and Japanese ones, and nothing else", () => {
    expect(["IVR 语音菜单", "坐席", "DID"].map((one) => fill("添加{one}", { one }))).toEqual(["添加 IVR 语音菜单", "添加坐席", "添加 DID"]);
    expect(fill("{many}はまだ登録されていません", { many: "DID" })).toBe("DID はまだ登録されていません");
    expect([fill("共{n}条", { n: 5 }), fill("Add {one}", { one: "DID" }), fill("「{name}」", { name: "A" }), fill("{a}{b} {c}", { a: "人", b: "B" })]).toEqual(["共5条", "Add DID", "「A」", "人B {c}"]);
  });
});

describe("figures", () => {
  it("groups what is long enough and writes what is not as it is", () => {
    expect([0, 7, 999, 1000, 1234567, -12].map((n) => figure(n))).toEqual(["0", "7", "999", "1,000", "1,234,567", "-12"]);
    expect([figure(12, 1), figure(0.25, 1), figure(1.5)]).toEqual(["12.0", "0.3", "2"]);
  });
  it("names the day of the week beside a moment", () => {
    setZone("Asia/Shanghai");
    expect([fully("2026-11-23T18:00:00.000Z"), fully("no moment")]).toEqual(["2026-11-24 02:00:00 Tue", ""]);
    setZone("Mars/Base");
  });
  it("says how a call sounds", () => {
    expect([4.4, 4.0, 3.7, 3.2, 1.2, null].map((mos) => quality(mos))).toEqual(["good", "good", "fair", "poor", "bad", "unknown"]);
  });
  it("draws a line with a gap where nothing is known", () => {
    expect(linePath([1, 3, null, 3], 1, 3, 30, 10, 4)).toBe("M0.0 10.0L10.0 0.0M30.0 0.0");
    expect(linePath([], 0, 1, 30, 10, 4)).toBe("");
  });
  it("counts a day by the hour", () => {
    const counted = [{ hour: 6, answered: 1, missed: 1 }, { hour: 20, answered: 1, missed: 0 }];
    const hours = wholeDay(counted, 20);
    expect([hours[0], hours[1], hours.at(-1), hours.length]).toEqual([counted[0], { hour: 7, answered: 0, missed: 0 }, counted[1], 15]);
    expect(wholeDay([], 3).map((one) => one.hour)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
    expect(summed(counted)).toEqual({ answered: 2, missed: 1 });
  });
  it("finds what is called so before what only has it in it", () => {
    expect([fit("Agents", "People", "agents"), fit("Agent groups", "People", "agent"), fit("Team of agents", "", "agents"), fit("Roles", "People", "people"), fit("Roles", "People", "x")]).toEqual([4, 3, 2, 1, 0]);
  });
  it("tells what happened in a call, in order", () => {
    const record = { started_at: "2026-11-23T01:00:00.000Z", answered_at: "2026-11-23T01:00:07.000Z", ended_at: "2026-11-23T01:02:00.000Z", hold_count: 1, hold_seconds: 20, transfer_type: "blind", hangup_by: "called", call_outcome: "answered" };
    expect(steps(record as never).map((s) => s.word)).toEqual(["step.started", "step.answered", "step.held", "step.transfer_blind", "step.ended_called"]);
    expect(steps({ ...record, answered_at: null, hold_count: 0, transfer_type: "none" } as never).map((s) => s.word)).toEqual(["step.started", "step.ended_called"]);
    const by = steps({ ...record, hangup_by: "system", ended_by: { who: "agent", name: "803 Cai" } } as never).at(-1)!;
    expect([by.word, by.name]).toEqual(["ended_by.agent", "803 Cai"]);
  });
});

/** CND-9, CND-10 */
describe("a week", () => {
  const periods = [{ weekday: "monday", from: "09:00", to: "12:30" }, { weekday: "tuesday", from: "09:00", to: "12:30" }, { weekday: "sunday", from: "00:00", to: "24:00" }];
  it("is read and written without loss, and said with like days together", () => {
    expect(written(readWeek(periods))).toEqual(periods);
    expect(said(readWeek(periods))).toEqual([{ first: 0, last: 1, times: "09:00–12:30" }, { first: 6, last: 6, times: "00:00–24:00" }]);
    expect(written(readWeek([{ weekday: "monday", from: "25:00", to: "x" }]))).toEqual([]);
  });
  it("joins spans that touch and takes out what is rubbed out", () => {
    expect(joined([{ from: 60, to: 120 }, { from: 0, to: 60 }, { from: 300, to: 360 }])).toEqual([{ from: 0, to: 120 }, { from: 300, to: 360 }]);
    expect(without([{ from: 0, to: 120 }], { from: 30, to: 60 })).toEqual([{ from: 0, to: 30 }, { from: 60, to: 120 }]);
    expect(without([{ from: 0, to: 120 }], { from: 0, to: 240 })).toEqual([]);
  });
  it.each([["fri 09:00-24:00", "weekly"], ["22:00:00-06:30:15", "time"], ["2026-10-01", "date"], ["2026-02-08 12:00 - 2026-02-09 11:00", "date_range"]] as const)("reads %s as it is kept", (line, form) => {
    expect(formOf(line)).toBe(form);
    expect(writtenPeriod(form, readPeriod(line))).toBe(line);
  });
  it("takes times as people type them", () => {
    expect(["9", "930", "0930", "9:30", "24：00", "noon"].map(clockTime)).toEqual(["09:00", "09:30", "09:30", "09:30", "24:00", "noon"]);
  });
});

/** FLD-22 */
describe("values in levels", () => {
  it("are read from an outline and written as one", () => {
    const text = "Guangdong\n  Shenzhen\n    Nanshan\n  Zhuhai\nTokyo";
    expect(tree(text)).toEqual([{ value: "Guangdong", below: [{ value: "Shenzhen", below: [{ value: "Nanshan" }] }, { value: "Zhuhai" }] }, { value: "Tokyo" }]);
    expect(outline(tree(text))).toBe(text);
    expect(outline(tree("a\n      too deep\n\n-- two"))).toBe("a\n  too deep\n    two");
    expect(outline(tree("a\n  b\n    c", 2))).toBe("a\n  b\n  c");
  });
});

describe("a form", () => {
  const declared = { ...resource, rules: [{ rule: "appears", field: "note", when: "status", is: ["enabled"] }, { rule: "needs", field: "note", when: "status", is: ["enabled"] }, { rule: "appears", field: "ring_timeout", when: "note", is: ["x"] }] };
  it("shows and asks for what other fields say", () => {
    expect(appears(declared, "note", { status: "enabled" })).toBe(true);
    expect(appears(declared, "note", { status: "disabled" })).toBe(false);
    expect(appears(declared, "ring_timeout", { status: "disabled", note: "x" })).toBe(false);
    expect(needed(declared, field(declared, "note"), { status: "enabled" })).toBe(true);
    expect(needed(declared, field(declared, "note"), { status: "disabled" })).toBe(false);
  });
  it("names the place of a slip in a row, and the first in a list", () => {
    const rules = { ...resource, schema: { properties: { rules: { type: "array", maxItems: 2, "x-kind": "list", items: { type: "object", "x-kind": "row", required: ["name"], properties: { name: { type: "string", minLength: 1, maxLength: 3, "x-kind": "name" } } } }, numbers: { type: "array", minItems: 1, "x-kind": "list", items: { type: "string", minLength: 2, maxLength: 15, "x-kind": "dialable" } } } } };
    expect(slips(field(rules, "rules"), [{ name: "abc" }, { name: "abcd" }])).toEqual({ "rules.1.name": { why: "too_long", max: 3 } });
    expect(slips(field(rules, "rules"), [{}, {}, {}])).toEqual({ rules: { why: "too_many", max: 2 } });
    expect(slips(field(rules, "numbers"), [])).toEqual({ numbers: { why: "required" } });
    expect(slips(field(rules, "numbers"), ["+86 10-8800", "8"])).toEqual({ numbers: { why: "too_short", min: 2 } });
  });
  it("moves a line of a list", () => {
    expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  });
});

/** AGT-19, AGT-21 readings */
describe("a made password", () => {
  it("has the length and the characters asked for", () => {
    expect(random(12)).toMatch(/^[a-km-zA-HJ-NP-Z2-9]{12}$/);
    expect(random(6, "0123456789")).toMatch(/^\d{6}$/);
    expect(new Set(Array.from({ length: 50 }, () => random(12))).size).toBe(50);
  });
});

describe("a CSV file", () => {
  it("quotes everything and holds no formula", async () => {
    const { csv } = await import("../word/csv");
    expect(csv([["801", 'Li "Bo"'], ["=1+1", "a,b"]])).toBe('\ufeff"801","Li ""Bo"""\r\n"\'=1+1","a,b"\r\n');
  });
});

describe("a list with approval", () => {
  it("shows what waits in a view of its own (POP-10, BLK-9, DNC-9)", async () => {
    const { viewed } = await import("../page/views");
    const declared = { ...resource, approval: "status", schema: { properties: { status: { type: "string", enum: ["enabled", "disabled", "pending"], "x-kind": "choice" } } } };
    expect(viewed(declared, {})).toEqual({ status: "enabled,disabled" });
    expect(viewed(declared, { status: "pending" })).toEqual({ status: "pending" });
    expect(viewed(resource, {})).toEqual({});
  });
});

describe("the API's own document", () => {
  const field = { type: "string", title: "Name", minLength: 1, maxLength: 40, "x-kind": "name" };
  const document: Document = {
    info: { version: "1" },
    servers: [{ url: "/api/v1" }],
    paths: {
      "/tags": {
        get: { summary: "", tags: ["tags"], parameters: [{ name: "limit", in: "query", schema: { type: "integer" } }], responses: { "200": {}, "401": { $ref: "#/components/responses/401" } } },
        post: { summary: "", tags: ["tags"], requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/tag_new" } } } }, responses: { "201": { content: { "application/json": { schema: { $ref: "#/components/schemas/tag" } } } } } },
      },
      "/tags/{id}": { delete: { summary: "", tags: ["tags"], parameters: [{ name: "If-Match", in: "header", schema: {} }], responses: { "204": {} } } },
    },
    components: { schemas: { tag: { properties: { id: {} } }, tag_new: { properties: { name: field }, required: ["name"], examples: [{ name: "Mei's" }] } }, responses: { "401": { "x-errors": ["unauthorized"] } } },
  };
  const [group] = groups(document);
  const [list, add, remove] = group!.operations;

  it("stands under the first word of its paths, with its fields and refusals", () => {
    expect(group!.operations.map((one) => `${one.method} ${one.path} ${one.verb}`)).toEqual(["GET /tags list", "POST /tags add", "DELETE /tags/{id} remove"]);
    expect(Object.keys(bodyOf(document, add!.told)!.properties!)).toEqual(["name"]);
    expect(answerOf(document, add!.told)!.status).toBe("201");
    expect(refusalsOf(document, list!.told)).toEqual([{ status: "401", words: ["unauthorized"] }]);
  });

  it("gives a request to type, with the box's own address and no key", () => {
    expect(curl("https://box", document, list!)).toBe("curl --cacert callbox-ca.crt \\\n  -H \"Authorization: Bearer $CALLBOX_KEY\" \\\n  'https://box/api/v1/tags?limit=10'");
    expect(curl("https://box", document, add!)).toContain(`-d '{"name":"Mei'\\''s"}'`);
    expect(curl("https://box", document, remove!)).toContain(`-X DELETE`);
    expect(curl("https://box", document, remove!)).toContain(`'https://box/api/v1/tags/1'`);
  });

  it("is found by path, method, field and label", () => {
    const meant = (text: string) => group!.operations.filter((one) => isMeant(document, one, "Labels", text.split(" "))).length;
    expect([meant("tags"), meant("post"), meant("name"), meant("labels"), meant("if-match"), meant("post limit")]).toEqual([3, 1, 1, 3, 1, 0]);
    expect(form(field)).toBe("string 1–40");
    expect([form({ type: ["string", "null"], "x-kind": "ref" }), form({ enum: ["a", "b", null] }), form({ type: "array", items: { type: "integer", maximum: 9 }, maxItems: 3 })]).toEqual(["ref", "a | b", "[ integer ≤ 9 ] ≤ 3"]);
  });
});

describe("very many records", () => {
  it("CUS-1, FLD-2: a list stands on its usual part until another is chosen", () => {
    const customers = { within: "package", part: "1" } as never;
    expect(inPart(customers, { stage: "3" })).toEqual({ stage: "3", package: "1" });
    expect(inPart(customers, { package: "2" })).toEqual({ package: "2" });
    expect(inPart({} as never, { stage: "3" })).toEqual({ stage: "3" });
  });

  it("CUS-10: go a portion at a time to their end, and what stood in the way is told", async () => {
    const asked: Record<string, unknown>[] = [];
    const answers = [{ assigned: 5000, refused: [{ id: "7", error: "invalid" }], next: "5001-ab" }, { assigned: 12, refused: [], next: null }];
    vi.stubGlobal("fetch", async (_: string, sent: { body: string }) => {
      asked.push(JSON.parse(sent.body));
      return new Response(JSON.stringify(answers.shift()), { status: 200, headers: { "content-type": "application/json" } });
    });
    const heard: number[] = [];
    const done = await inPortions("customers/assign", { search: "x", filters: { stage: "1,2" }, total: 5013 }, { campaign: "4" }, "assigned", (n) => heard.push(n));
    expect(done).toEqual({ done: 5012, refused: [{ id: "7", error: "invalid" }] });
    expect(heard).toEqual([5000, 5012]);
    expect(asked).toEqual([
      { search: "x", filters: { stage: ["1", "2"] }, campaign: "4" },
      { search: "x", filters: { stage: ["1", "2"] }, campaign: "4", cursor: "5001-ab" },
    ]);
  });
});

describe("the picture of a call's ways (OUT-32, DST-1)", () => {
  const place = (word: string) => ({ place: word, row: null, number: "", rings: [] });
  const edge = (from: number, to: number, by = "always", text = "") => ({ from, to, by, text });
  // A DID, a condition, a menu that begins again and rings a group, and a hang-up that three places share.
  const flow = { nodes: ["did", "condition", "ivr", "ring_group", "hang_up"].map(place), edges: [edge(0, 1), edge(1, 2, "inside"), edge(1, 4, "outside"), edge(2, 3, "key", "1"), edge(2, 2, "timeout"), edge(2, 4, "invalid"), edge(3, 4, "unanswered")], cut: false };

  it("draws every way once, and a place with its ways once", () => {
    const { boxes } = layOut(flow);
    expect(boxes).toHaveLength(flow.edges.length + 1);
    expect(boxes.filter((box) => box.again).map((box) => box.node)).toEqual([2]);
    expect(boxes.filter((box) => box.node === 4 && !box.again)).toHaveLength(3);
  });

  it.each([Infinity, 320])("lays no two boxes on one another, and all inside of the picture, with room for %d", (room) => {
    const { boxes, width, height, wide } = layOut(flow, room);
    expect(wide).toBe(room === Infinity);
    if (!wide) expect(width).toBe(room);
    for (const [n, box] of boxes.entries()) {
      expect(box.x >= 0 && box.x + box.width <= width && box.y >= 0 && box.y + boxHeight <= height).toBe(true);
      for (const other of boxes.slice(n + 1)) expect(box.x + box.width <= other.x || other.x + other.width <= box.x || Math.abs(box.y - other.y) >= boxHeight).toBe(true);
    }
  });

  it("is walked with the arrow keys", () => {
    const layout = layOut(flow);
    const { boxes } = layout;
    const to = (box: Box | undefined, key: string) => box && beside(layout, box, key);
    const menu = to(to(boxes[0], "ArrowRight"), "ArrowRight");
    expect(menu?.node).toBe(2);
    expect(to(menu, "ArrowDown")?.node).toBe(4);
    expect(to(menu, "ArrowLeft")?.node).toBe(1);
    expect([to(boxes[0], "ArrowLeft"), to(boxes[0], "ArrowUp"), to(menu, "ArrowUp"), to(menu, "x")]).toEqual([undefined, undefined, undefined, undefined]);
    expect([to(menu, "Home")?.node, to(to(menu, "End"), "ArrowDown")]).toEqual([0, undefined]);
  });

  it.each([Infinity, 320])("up and down lead to every box of a column, with room for %d", (room) => {
    const layout = layOut(flow, room);
    for (const level of new Set(layout.boxes.map((box) => (layout.wide ? box.level : 0)))) {
      const column = layout.boxes.filter((box) => !layout.wide || box.level === level);
      const seen: Box[] = [];
      for (let at: Box | undefined = column.reduce((a, b) => (a.y < b.y ? a : b)); at; at = beside(layout, at, "ArrowDown")) seen.push(at);
      expect(new Set(seen)).toEqual(new Set(column));
    }
  });

  it("draws a loop and a lone number", () => {
    const round = { nodes: [place("did"), place("playlist")], edges: [edge(0, 1), edge(1, 1, "ended")], cut: false };
    expect(layOut(round).boxes.map((box) => box.again)).toEqual([false, false, true]);
    expect(layOut({ nodes: [place("did")], edges: [], cut: false })).toMatchObject({ width: boxWidth, height: boxHeight });
  });
});

it("moves through a recording by keys and draws both sides (CDR-10)", () => {
  expect([seekBy("ArrowRight", 10, 60), seekBy("ArrowLeft", 2, 60), seekBy("End", 0, 60), seekBy("5", 0, 60)]).toEqual([15, 0, 60, 30]);
  expect([seekBy(" ", 1, 60), seekBy("x", 1, 60), seekBy("ArrowUp", 50, 60)]).toEqual(["toggle", null, 60]);
  expect(pathOfPeaks([127, 0], [0, 127])).toBe("M0.5 2V50M1.5 50V98");
});

it("puts each message of a call on its ladder, and says what it is", () => {
  expect(["a", "b", "c"].map((leg) => laneOf(["a", "b", "c"], leg))).toEqual([0, 2, 3]);
  expect(nameOf("INVITE sip:802@box SIP/2.0\r\nCSeq: 1 INVITE\r\n")).toEqual({ what: "INVITE", of: "" });
  expect(nameOf("SIP/2.0 486 Busy Here\r\nVia: x\r\ncseq: 12 INVITE\r\n")).toEqual({ what: "486 Busy Here", of: "INVITE" });
  expect(["INVITE", "180 Ringing", "200 OK", "302 Moved", "401 Unauthorized", "407 Proxy", "486 Busy Here"].map(toneOf)).toEqual(["busy", "off", "good", "wait", "wait", "wait", "bad"]);
});
