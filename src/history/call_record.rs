//! The record of one call, as call-records.md names its columns (CDR rows).

use super::recording::Recording;
use crate::{
    model::{Holiday, Preferences},
    schema::{Id, Tenant},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One call from caller to called party. A transfer ends it and starts another (CDR-1 reading).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CallRecord {
    /// At most 40 letters, digits and `-` (CDR-39).
    pub call_id: String,
    pub parent_call_id: Option<String>,
    pub call_type: CallType,
    pub call_outcome: CallOutcome,
    pub transfer_type: TransferType,
    pub transferred_from: String,
    pub agent_number: String,
    pub agent_name: String,
    /// As it was at the time of the call, as are all names here (CDR-13).
    pub department_name: String,
    /// Which it was, however it is called by now (CDR-6).
    #[schemars(with = "Option<String>")]
    pub department: Option<Id>,
    /// Of the agent group through which the call went, or that works its campaign; else empty (CDR-16).
    pub group_number: String,
    pub campaign_name: String,
    /// Which it was, however it is called by now (CDR-7).
    #[schemars(with = "Option<String>")]
    pub campaign: Option<Id>,
    /// In which the customer is looked up and the call is counted (CDR-3 reading).
    #[schemars(with = "Option<String>")]
    pub package: Option<Id>,
    /// 1 (Monday) to 7, in the tenant's time zone (CDR-17).
    pub weekday: u8,
    pub is_holiday: bool,
    pub call_hour: u8,
    pub original_caller_number: String,
    pub original_caller_name: String,
    pub actual_caller_number: String,
    pub actual_caller_name: String,
    pub original_called_number: String,
    pub actual_called_number: String,
    /// Of a call from outside: the DID as the system knows it (CDR-24).
    pub access_number: String,
    /// And exactly what the trunk delivered (CDR-27).
    pub original_access_number: String,
    pub did_name: String,
    /// The trunk that carried the outside leg, and how it was called then (CDR-60).
    #[schemars(with = "Option<String>")]
    pub trunk: Option<Id>,
    pub trunk_name: String,
    /// What a caller pressed after prompts, a blank between two prompts; at most 128 characters (CDR-55).
    pub customer_keys: String,
    /// What the program that started the call gave with it (CDR-45).
    pub custom_content: String,
    pub caller_region: String,
    pub called_region: String,
    pub started_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub talk_seconds: u32,
    pub billed_seconds: u32,
    /// From the answer by the box, so that waiting counts (CDR-28); 0 where the box never answered.
    pub did_billed_seconds: u32,
    pub total_seconds: u32,
    pub hangup_reason: HangupReason,
    pub hangup_by: HangupBy,
    /// Who had the box end it; none: nobody did.
    pub ended_by: Option<EndedBy>,
    /// A SIP code, or one of the box's own such as `L500` (CDR-50).
    pub sip_code: String,
    pub hold_count: u32,
    pub hold_seconds: u32,
    pub server_name: String,
    /// Written by people, at most 500 characters (CDR-57).
    pub remark: String,
    /// None: the call was not recorded.
    pub recording: Option<Recording>,
    /// First the caller's leg, then that of whoever answered.
    pub sound: Vec<SideSound>,
    /// Every trunk that was tried, in order (OUT-29).
    pub attempts: Vec<Attempt>,
    /// Where the call was, in order.
    pub places: Vec<Visit>,
}

impl CallRecord {
    /// The time of day was set by so many milliseconds.
    pub fn date_anew(&mut self, by_ms: i64, tenant: &Tenant) {
        for moment in [&mut self.started_at].into_iter().chain(&mut self.answered_at).chain(&mut self.ended_at) {
            *moment = moment.moved(by_ms);
        }
        (self.weekday, self.call_hour, self.is_holiday) = calendar(self.started_at, tenant);
    }

    /// The number outside with which an agent talked (INR-21).
    pub fn talked_with(&self) -> Option<&str> {
        let other = match self.call_type {
            CallType::Inbound => &self.original_caller_number,
            kind if kind.goes_out() => &self.actual_called_number,
            _ => return None,
        };
        let talked = self.answered_at.is_some() && !self.agent_number.is_empty();
        Some(other.as_str()).filter(|other| talked && !other.is_empty())
    }
}

/// Day of the week, 1 for Monday, hour in the tenant's time zone, and whether it is a holiday (CDR-17 to CDR-19).
pub fn calendar(at: Timestamp, tenant: &Tenant) -> (u8, u8, bool) {
    let local = at.local(&Preferences::of(tenant).time_zone.clocks());
    (local.weekday().to_monday_one_offset() as u8, local.hour() as u8, Holiday::is(tenant, local.date()))
}

/// One trunk that was asked to carry a call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    #[schemars(with = "String")]
    pub trunk: Id,
    pub trunk_name: String,
    /// The final response; 0: none came.
    pub code: u16,
    pub milliseconds: u32,
    /// From the INVITE until it rang; none: it never did.
    pub ringing_ms: Option<u32>,
}

/// A place to which a call came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Visit {
    /// Milliseconds after the beginning of the call.
    pub after_ms: u32,
    /// The word of its kind: `ivr`, `ring_group`, `agent`, …
    pub place: String,
    /// As people call it: the name of a menu, the number of an agent.
    pub name: String,
}

/// The sound of one side of a call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SideSound {
    pub number: String,
    /// Over which it went; none: a phone of the office.
    #[schemars(with = "Option<String>")]
    pub trunk: Option<Id>,
    pub trunk_name: String,
    pub codec: String,
    pub encrypted: bool,
    pub packets_received: u64,
    pub packets_sent: u64,
    pub lost: u32,
    pub lost_there: u32,
    pub jitter_ms: f32,
    pub round_trip_ms: Option<f32>,
    pub mos: Option<f32>,
    pub one_way: bool,
    pub silent: bool,
}

/// CDR-62 to CDR-75.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallType {
    Inbound,
    Outbound,
    ClickToCall,
    Dialer,
    Internal,
    VoiceNotice,
    PlayAndCollect,
    Barge,
    Whisper,
    Listen,
    Pickup,
    Park,
}

impl CallType {
    /// Somebody outside is called.
    pub fn goes_out(self) -> bool {
        use CallType::{ClickToCall, Dialer, Outbound, PlayAndCollect, VoiceNotice};
        matches!(self, Outbound | ClickToCall | Dialer | VoiceNotice | PlayAndCollect)
    }
}

/// CDR-42.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    Answered,
    NotAnswered,
    Failed,
}

/// CDR-41: on the record that the transfer started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransferType {
    None,
    Blind,
    Attended,
}

/// CDR-76 to CDR-91. What stands after `queue_no_agent_exit` comes of recognising a carrier's announcement, and is never
/// set at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HangupReason {
    Normal,
    NoAnswer,
    CallFailed,
    Blacklist,
    CallLimit,
    CalledBusy,
    CalledRejected,
    CallerCancelled,
    CallTimeout,
    QueueWaitExit,
    QueueTimeout,
    QueueEmptyRefused,
    QueueEmptyOverflow,
    QueueFull,
    QueueNoAgentExit,
    RecognitionError,
    PoweredOff,
    Suspended,
    Other,
    CallError,
    Transferred,
}

/// CDR-49.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HangupBy {
    Caller,
    Called,
    System,
}

/// Who had the box end a call, as they were called then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EndedBy {
    pub who: Ender,
    /// Of an account or an agent; else empty.
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ender {
    Account,
    Agent,
    /// With the key of programs.
    Program,
    /// The box was stopped.
    Stop,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CDR-91 and the closed list of reasons.
    #[test]
    fn reasons_are_those_of_the_closed_list() {
        let listed = "normal no_answer call_failed blacklist call_limit called_busy called_rejected caller_cancelled \
            call_timeout queue_wait_exit queue_timeout queue_empty_refused queue_empty_overflow queue_full \
            queue_no_agent_exit recognition_error powered_off suspended other call_error transferred";
        let schema = schemars::schema_for!(HangupReason);
        let words: Vec<&str> =
            schema.get("enum").unwrap().as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        assert_eq!(words, listed.split_whitespace().collect::<Vec<_>>());
    }
}
