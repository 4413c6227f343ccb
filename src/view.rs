//! What is happening now, as rows: shown live, kept nowhere.

use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::Arc};

/// The row of a call or an agent as it is now, or gone. Times go as the moment they began, so a passing second
/// sends nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    Call {
        call_id: String,
        row: Option<Arc<CallRow>>,
    },
    Agent {
        agent_number: String,
        row: Option<Box<AgentRow>>,
    },
    Trunk {
        /// The id of its row.
        trunk: String,
        row: Option<Box<TrunkRow>>,
    },
    /// Something is wrong, or somebody must know of it.
    Alarm {
        alarm: String,
        row: Option<Box<AlarmRow>>,
    },
    /// Figures of the box.
    Box(BoxRow),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CallRow {
    pub call_id: String,
    pub caller_number: String,
    pub caller_name: String,
    pub called_number: String,
    pub called_name: String,
    pub state: CallState,
    pub started_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    /// Since when the state is what it is.
    pub since: Timestamp,
    pub encrypted: bool,
    /// Of a call that can be recorded.
    pub recording: Option<RecordingNow>,
    /// Caller first.
    pub sides: Vec<SideRow>,
    /// The caller is somebody outside, whose number says what they like: it may be that of an agent.
    pub from_outside: bool,
}

impl CallRow {
    /// The numbers that are an agent's if an agent has them.
    pub fn inside(&self) -> impl Iterator<Item = &str> {
        let caller = Some(&*self.caller_number).filter(|_| !self.from_outside);
        let sides = self.sides.iter().filter(|side| !side.outside).map(|side| &*side.number);
        caller.into_iter().chain([&*self.called_number]).chain(sides)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordingNow {
    /// Somebody may still want it.
    Off,
    Runs,
    /// What is said is silence in it.
    Paused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    Ringing,
    Talking,
    Held,
    /// In a slot, to be fetched.
    Parked,
    /// A prompt or tone is played.
    Announcing,
    EchoTest,
}

/// One leg's sound now. `trouble` is a word for what is wrong (BOX-123).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SideRow {
    pub number: String,
    /// Beyond a trunk.
    pub outside: bool,
    pub codec: String,
    pub encrypted: bool,
    /// Where its sound comes from; as long as none came, where its description says.
    pub remote: String,
    pub lost: u32,
    pub jitter_ms: f32,
    pub round_trip_ms: Option<f32>,
    pub mos: Option<f32>,
    pub level_dbfs: f32,
    pub trouble: Option<Trouble>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    NoPackets,
    OtherAddress,
    SrtpFailed,
    Silence,
}

/// What came of a trunk that was only tried (TRK-19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkTested {
    /// A word for what is to be changed; `works`: nothing.
    pub advice: String,
    pub steps: Vec<TrunkStep>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkStep {
    pub step: String,
    pub address: Option<String>,
    pub ms: u32,
    /// Of the response.
    pub code: Option<u16>,
    /// Why it failed; none: it did not.
    pub reason: Option<String>,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentRow {
    pub agent_number: String,
    pub state: AgentState,
    pub since: Timestamp,
    pub dnd: bool,
    pub pause: Option<PauseRow>,
    /// Numbers of the agent groups signed in to.
    pub groups: Vec<String>,
    pub devices: Vec<DeviceRow>,
    /// What the agent is warned of in the calls that ring or are up (POP-3, POP-4).
    pub alerts: Vec<AlertRow>,
}

/// Why an agent is paused, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseRow {
    /// The name of the pause reason; `phone` where it was keyed on a phone.
    pub reason: String,
    pub since: Timestamp,
}

/// What is said of whoever is called or calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRow {
    pub call_id: String,
    pub number: String,
    pub content: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    PhoneOffline,
    Idle,
    Paused,
    Ringing,
    Talking,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRow {
    pub address: String,
    pub transport: String,
    pub user_agent: String,
    pub registered_at: Timestamp,
    pub reachable: bool,
}

/// How a trunk stands (TRK-4, TRK-47). State and reason are words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkRow {
    pub trunk: String,
    pub state: String,
    pub state_since: Timestamp,
    pub reason: String,
    /// Calls of both directions.
    pub calls_now: u32,
    /// Answered minutes of calls to it, of the day that ends then (OUT-61).
    pub minutes_today: u64,
    pub day_ends: Timestamp,
    /// Of the last failure, also while the trunk is up again.
    pub last_error: Option<TrunkError>,
    /// The realm that asks for the password and is not the known one (TRK-46).
    pub other_realm: Option<String>,
    /// Somebody on the way changes what the box sends (BOX-49).
    pub changed: Option<TrunkChanged>,
}

/// Host and port of the box's Via, as it was sent and as it came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkChanged {
    pub sent: String,
    pub came: String,
    /// Where the request came from, as the carrier saw it.
    pub router: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkError {
    pub reason: String,
    /// Of the response.
    pub code: Option<u16>,
    pub text: String,
}

/// What is wrong and since when, with what is known of it (BOX-8); what a kind does not know is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmRow {
    pub alarm: String,
    pub kind: AlarmKind,
    pub since: Timestamp,
    /// Of the trunk or the agent.
    pub name: String,
    /// Why a trunk is down, as its own row says it.
    pub reason: String,
    pub code: Option<u16>,
    pub text: String,
    /// Of a budget of the day: which limit, how much of it is used, and whom it was used for last.
    pub limit: String,
    pub percent: u8,
    pub numbers: Vec<String>,
    /// Of a call for help: what was dialed, by whom, and from where.
    pub number: String,
    pub agent_number: String,
    pub department_name: String,
    pub address: String,
    pub confirmed_by: Vec<String>,
    /// Of a disk that fills: when it will be full, if that is known.
    pub full_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    TrunkDown,
    Budget,
    Emergency,
    RecordingFails,
    DiskFills,
}

impl AlarmRow {
    pub fn new(alarm: &str, kind: AlarmKind, since: Timestamp) -> AlarmRow {
        AlarmRow {
            alarm: alarm.into(),
            kind,
            since,
            name: String::new(),
            reason: String::new(),
            code: None,
            text: String::new(),
            limit: String::new(),
            percent: 0,
            numbers: Vec::new(),
            number: String::new(),
            agent_number: String::new(),
            department_name: String::new(),
            address: String::new(),
            confirmed_by: Vec::new(),
            full_at: None,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoxRow {
    pub calls: u32,
    pub max_calls: u32,
    pub registered_devices: u32,
    /// New calls are being refused (BOX-131, BOX-132).
    pub refusing: bool,
    pub calls_refused: u64,
    pub messages_malformed: u64,
    /// Addresses that are banned now.
    pub bans: u32,
    /// How often the time of day was set since the start.
    pub clock_sets: u32,
    /// None: the time of day was sure from the start.
    pub unsure: Option<Unsure>,
    /// Recordings since the start that are missing or not whole, and whether the last one is.
    pub recordings_lost: u64,
    pub recording_fails: bool,
    /// None: it does not tell.
    pub disk: Option<DiskRow>,
}

/// A time since the start in which nobody was sure of the time of day (BOX-54).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsure {
    pub since: Timestamp,
    pub until: Option<Timestamp>,
    /// By how much the clock was set meanwhile.
    pub moved_ms: i64,
}

/// How full the disk is on which everything lies (BOX-62).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskRow {
    pub total_bytes: u64,
    pub percent: u8,
    /// At the pace of the last seven days; none: never, or nobody knows yet.
    pub full_at: Option<Timestamp>,
    /// The oldest recordings make room for new ones (BOX-63).
    pub overwrites: bool,
}

/// An address whose packets are dropped unread (BOX-144). Asked for, not shown live: there may be 10,000.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BanRow {
    #[serde(with = "crate::origin")]
    pub address: IpAddr,
    pub reason: BanReason,
    /// How often it has been banned.
    pub times: u32,
    pub since: Timestamp,
    pub until: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BanReason {
    WrongPassword,
    UnknownNumber,
}
