// The rows that the box sends, as types.

export type CallState = "ringing" | "talking" | "held" | "parked" | "announcing" | "echo_test";
export type Trouble = "no_packets" | "other_address" | "srtp_failed" | "silence";
export type AgentState = "phone_offline" | "idle" | "paused" | "ringing" | "talking";

export type SideRow = {
  number: string;
  codec: string;
  encrypted: boolean;
  remote: string;
  lost: number;
  jitter_ms: number;
  round_trip_ms: number | null;
  mos: number | null;
  level_dbfs: number;
  trouble: Trouble | null;
};

export type CallRow = {
  call_id: string;
  caller_number: string;
  caller_name: string;
  called_number: string;
  called_name: string;
  state: CallState;
  started_at: string;
  answered_at: string | null;
  since: string;
  encrypted: boolean;
  recording: "off" | "runs" | "paused" | null;
  sides: SideRow[];
};

export type DeviceRow = { address: string; transport: string; user_agent: string; registered_at: string; reachable: boolean };

/** What an agent is warned of in a call (POP-3, POP-4). */
export type AlertRow = { call_id: string; number: string; content: string };

/** The name of the pause reason; `phone` where it was keyed on a phone. */
export type PauseRow = { reason: string; since: string };

export type AgentRow = { agent_number: string; state: AgentState; since: string; dnd: boolean; pause?: PauseRow | null; groups?: string[]; devices: DeviceRow[]; alerts?: AlertRow[] };

export type TrunkState = "disabled" | "connecting" | "up" | "refused" | "unreachable" | "certificate";

export type TrunkRow = { trunk: string; state: TrunkState; state_since: string; reason: string; calls_now: number; minutes_today: number; day_ends: string; last_error: { reason: string; code: number | null; text: string } | null; other_realm: string | null; changed: { sent: string; came: string; router: string | null } | null };

export type AlarmKind = "trunk_down" | "budget" | "emergency" | "recording_fails" | "disk_fills";

/** What is wrong and since when; what a kind does not know is empty. */
export type AlarmRow = { alarm: string; kind: AlarmKind; since: string; name: string; reason: string; code: number | null; text: string; limit: string; percent: number; numbers: string[]; number: string; agent_number: string; department_name: string; address: string; confirmed_by: string[]; full_at: string | null };

export type BoxRow = {
  calls: number;
  max_calls: number;
  registered_devices: number;
  refusing: boolean;
  calls_refused: number;
  messages_malformed: number;
  bans: number;
  clock_sets: number;
  /** A time since the start in which nobody was sure of the time of day (BOX-54). */
  unsure: { since: string; until: string | null; moved_ms: number } | null;
  recordings_lost: number;
  recording_fails: boolean;
  disk: { total_bytes: number; percent: number; full_at: string | null; overwrites: boolean } | null;
};

/** A background job (JOB-6); `own`: whoever looks started it. */
export type JobRow = {
  id: string;
  job_number: string;
  job_type: "import" | "export";
  page: string;
  server_name: string;
  file_name: string;
  status: "waiting" | "running" | "done" | "failed" | "cancelled";
  options: string;
  total: number | null;
  processed: number;
  succeeded: number;
  failed: number;
  reported: number;
  created_by: string | null;
  created_at: string;
  ended_at: string | null;
  failure_reason: string | null;
  own: boolean;
  may_delete: boolean;
};

export type BanRow = { address: string; reason: "wrong_password" | "unknown_number"; times: number; since: string; until: string };

export type FlightRow = { name: string; began: string; until: string; bytes: number };

export type SideSound = {
  number: string;
  codec: string;
  encrypted: boolean;
  packets_received: number;
  packets_sent: number;
  lost: number;
  lost_there: number;
  jitter_ms: number;
  round_trip_ms: number | null;
  mos: number | null;
  one_way: boolean;
  silent: boolean;
};

export type Recording = { state: "open" | "kept" | "incomplete" | "lost" | "deleted"; file: string; seconds: number; bytes: number; sha256: string };

export type CallRecord = {
  call_id: string;
  parent_call_id: string | null;
  call_type: string;
  call_outcome: "answered" | "not_answered" | "failed";
  transfer_type: "none" | "blind" | "attended";
  transferred_from: string;
  agent_number: string;
  agent_name: string;
  department_name: string;
  group_number: string;
  campaign_name: string;
  access_number: string;
  original_access_number: string;
  did_name: string;
  customer_keys: string;
  custom_content: string;
  caller_region: string;
  called_region: string;
  did_billed_seconds: number;
  remark: string;
  recording: Recording | null;
  recording_found: "as_it_was" | "changed" | "gone" | null;
  weekday: number;
  is_holiday: boolean;
  call_hour: number;
  original_caller_number: string;
  original_caller_name: string;
  actual_caller_number: string;
  actual_caller_name: string;
  original_called_number: string;
  actual_called_number: string;
  started_at: string;
  answered_at: string | null;
  ended_at: string | null;
  talk_seconds: number;
  billed_seconds: number;
  total_seconds: number;
  hangup_reason: string;
  hangup_by: "caller" | "called" | "system";
  ended_by: { who: "account" | "agent" | "program" | "stop"; name: string } | null;
  sip_code: string;
  sip_code_text?: string;
  hold_count: number;
  hold_seconds: number;
  hold_avg_seconds: number;
  created_at: string;
  server_name: string;
  sound: SideSound[];
  attempts: { trunk_name: string; code: number; milliseconds: number }[];
  places: { after_ms: number; place: string; name: string }[];
};

export type AuditEntry = {
  id: string;
  username: string;
  acted_by: string | null;
  action: string;
  ip_address: string;
  request_address: string;
  request_parameters: string;
  parameters_cut: boolean;
  token: string;
  status: number;
  error: string | null;
  created_at: string;
};

/** A row of any declared resource. */
export type Row = { id: string; rev: number; created_at: string; updated_at: string; [field: string]: unknown };

export type Page<T> = { items: T[]; next: string | null; total: number; names?: Record<string, Record<string, string>> };
