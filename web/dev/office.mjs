// An invented office for looking at the pages: agents, phones, calls that come and go, records of the day.

const names = [["801", "明", "李"], ["802", "Anna", "Berg"], ["803", "葵", "佐藤"], ["804", "小红", "王"], ["805", "Tom", "O'Neill"], ["806", "翔太", "鈴木"], ["807", "娜", "陈"], ["808", "Lucía", "Fernández"]];
const phones = ["Yealink SIP-T46U 108.86.0.20", "Grandstream GXP2170 1.0.11.64", "baresip v1.0.0 (x86_64/Linux)", "Linphone-Desktop/5.1.65", "Snom D785/10.1.175", "Fanvil X5U 2.12.16"];
const iso = (ms) => new Date(ms).toISOString();
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const between = (a, b) => a + Math.random() * (b - a);

export const reasons = { answered: ["normal"], not_answered: ["call_timeout", "called_busy", "caller_cancelled"], failed: ["no_answer", "call_failed"] };
const codes = { normal: ["200", "OK"], call_timeout: ["408", "Request Timeout"], called_busy: ["486", "Busy Here"], caller_cancelled: ["487", "Request Terminated"], no_answer: ["480", "Temporarily Unavailable"], call_failed: ["404", "Not Found"] };

export class Office {
  constructor(empty) {
    this.serial = 20;
    this.agents = [];
    this.live = new Map();
    this.calls = new Map();
    this.records = [];
    this.box = { calls: 0, max_calls: 300, registered_devices: 0, refusing: false, calls_refused: 3, messages_malformed: 41, bans: 1, clock_sets: 0, unsure: null, recordings_lost: 0, recording_fails: false };
    if (empty) return;
    names.forEach(([agent_number, first_name, last_name], n) => {
      this.add({ agent_number, first_name, last_name, status: n === 6 ? "disabled" : "enabled", sip_password: `secret${agent_number}x` }, Date.now() - (9 - n) * 86400e3);
      const row = this.live.get(agent_number);
      if (n >= 6) return;
      row.devices = [this.device(n)];
      if (n === 2) row.devices.push({ ...this.device(3), transport: "udp", address: "192.168.1.77:5060", reachable: false });
      row.state = "idle";
      row.dnd = n === 4;
    });
    this.past();
    this.ring("801", "802", true, 754e3);
    this.ring("806", "803", true, 62e3);
    this.ring("804", "805", false, 4e3);
  }

  device(n) {
    return { address: `192.168.1.${40 + n}:${5060 + n * 7}`, transport: ["tls", "udp", "tcp"][n % 3], user_agent: phones[n % phones.length], registered_at: iso(Date.now() - between(60e3, 9e6)), reachable: true };
  }

  add(fields, at = Date.now()) {
    const row = { id: String(this.serial++), rev: 1, created_at: iso(at), updated_at: iso(at), agent_number: "", first_name: "", last_name: "", status: "enabled", ...fields };
    this.agents.unshift(row);
    this.live.set(row.agent_number, { agent_number: row.agent_number, state: "phone_offline", since: iso(at), dnd: false, devices: [] });
    return row;
  }

  name(number) {
    const agent = this.agents.find((one) => one.agent_number === number);
    return agent ? (/[^\x00-\x7f]/.test(agent.last_name + agent.first_name) && !/[a-zA-Z]/.test(agent.first_name) ? agent.last_name + agent.first_name : `${agent.first_name} ${agent.last_name}`) : "";
  }

  side(number) {
    return { number, codec: pick(["PCMA", "G722"]), encrypted: number < "804", remote: this.live.get(number)?.devices[0]?.address ?? "192.168.1.9:4000", lost: 0, jitter_ms: 2, round_trip_ms: 9, mos: 4.3, level_dbfs: -22, trouble: null };
  }

  ring(caller, called, answered, ago = 0) {
    const now = Date.now() - ago;
    const call_id = `${now.toString(36)}-${caller}-${called}`;
    const sides = answered ? [this.side(caller), this.side(called)] : [];
    this.calls.set(call_id, { call_id, caller_number: caller, caller_name: this.name(caller), called_number: called, called_name: this.name(called), state: answered ? "talking" : "ringing", started_at: iso(now - 6e3), answered_at: answered ? iso(now) : null, since: iso(now), encrypted: sides.length > 0 && sides.every((s) => s.encrypted), recording: null, sides });
    for (const number of [caller, called]) Object.assign(this.live.get(number), { state: answered ? "talking" : "ringing", since: iso(now) });
    return call_id;
  }

  end(call_id, by = "caller") {
    const call = this.calls.get(call_id);
    if (!call) return false;
    this.calls.delete(call_id);
    const now = Date.now();
    this.records.unshift(this.record(call.caller_number, call.called_number, Date.parse(call.started_at), call.answered_at && Date.parse(call.answered_at), now, by));
    for (const number of [call.caller_number, call.called_number]) if (this.live.has(number)) Object.assign(this.live.get(number), { state: "idle", since: iso(now) });
    return true;
  }

  record(caller, called, start, answered, end, by = "caller") {
    const call_outcome = answered ? "answered" : Math.random() < 0.7 ? "not_answered" : "failed";
    const hangup_reason = pick(reasons[call_outcome]);
    const [sip_code, sip_code_text] = codes[hangup_reason];
    const talk = answered ? Math.floor((end - answered) / 1000) : 0;
    const hold_count = talk > 90 && Math.random() < 0.4 ? 2 : 0;
    const sound = answered ? [caller, called].map((number) => ({ number, codec: "PCMA", encrypted: number < "804", packets_received: talk * 50, packets_sent: talk * 50, lost: Math.floor(between(0, 20)), lost_there: 2, jitter_ms: between(0.4, 14), round_trip_ms: between(4, 60), mos: between(2.9, 4.4), one_way: false, silent: Math.random() < 0.05 })) : [];
    return {
      call_id: `${start.toString(36)}-${Math.random().toString(36).slice(2, 8)}`, parent_call_id: null, call_type: "internal", call_outcome, transfer_type: hold_count ? "attended" : "none", transferred_from: "",
      agent_number: called, agent_name: this.name(called), weekday: 1, is_holiday: false, call_hour: new Date(start).getHours(),
      original_caller_number: caller, original_caller_name: this.name(caller), actual_caller_number: caller, actual_caller_name: this.name(caller), original_called_number: called, actual_called_number: answered ? called : "",
      started_at: iso(start), answered_at: answered ? iso(answered) : null, ended_at: iso(end), talk_seconds: talk, billed_seconds: 0, total_seconds: Math.floor((end - start) / 1000),
      hangup_reason, hangup_by: by, sip_code, sip_code_text, hold_count, hold_seconds: hold_count * 17, server_name: "callbox", sound,
    };
  }

  past() {
    for (let n = 0; n < 140; n++) {
      const start = Date.now() - n * 11 * 60e3 - between(0, 6e5);
      const [a, b] = [pick(names)[0], pick(names)[0]];
      const answered = Math.random() < 0.75 ? start + between(3e3, 2e4) : null;
      this.records.push(this.record(a, a === b ? "899" : b, start, answered, (answered ?? start + 2e4) + (answered ? between(1e4, 6e5) : 0), pick(["caller", "called"])));
    }
    this.records.sort((a, b) => b.started_at.localeCompare(a.started_at));
  }

  /** Moves the sound figures; now and then a call begins, is answered or ends. Gives what changed. */
  step() {
    const touched = new Set();
    for (const call of this.calls.values()) {
      const bad = call.caller_number === "806";
      call.sides.forEach((side, n) => {
        side.mos = Math.max(1, Math.min(4.4, side.mos + between(-0.08, 0.08) + (bad && n ? (2.6 - side.mos) * 0.1 : (4.25 - side.mos) * 0.1)));
        side.jitter_ms = Math.max(0.3, side.jitter_ms + between(-0.6, 0.6));
        side.level_dbfs = between(-34, -16);
        side.lost += Math.random() < (bad ? 0.6 : 0.03) ? 3 : 0;
        side.trouble = bad && n ? "no_packets" : null;
      });
      touched.add(call.call_id);
    }
    const free = [...this.live.values()].filter((one) => one.state === "idle" && !one.dnd).map((one) => one.agent_number);
    const ringing = [...this.calls.values()].find((call) => call.state === "ringing");
    if (ringing && Math.random() < 0.08) {
      Object.assign(ringing, { state: "talking", answered_at: iso(Date.now()), since: iso(Date.now()), sides: [this.side(ringing.caller_number), this.side(ringing.called_number)] });
      for (const number of [ringing.caller_number, ringing.called_number]) Object.assign(this.live.get(number), { state: "talking", since: iso(Date.now()) });
    } else if (free.length > 1 && Math.random() < 0.05) touched.add(this.ring(free[0], free[1], false));
    else if (this.calls.size > 3 && Math.random() < 0.03) {
      const [oldest] = this.calls.keys();
      this.end(oldest);
      touched.add(oldest);
    }
    this.count();
    return touched;
  }

  count() {
    this.box.calls = this.calls.size;
    this.box.registered_devices = [...this.live.values()].reduce((sum, one) => sum + one.devices.length, 0);
  }
}
