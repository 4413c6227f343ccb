//! Why a call went as it went (BOX-119): what was asked on its way, each leg from its first ring to its last packet,
//! and every SIP message (BOX-121). Kept beside its record, for a month.

use super::step::Step;
use crate::time::{Timestamp, Uptime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Story {
    pub call_id: String,
    pub started_at: Timestamp,
    /// The same on the clock that no change of the time of day moves.
    pub began: Uptime,
    pub steps: Vec<Asked>,
    pub legs: Vec<LegTold>,
    /// Of the legs, in order, without secrets.
    pub ladder: Vec<Wired>,
    /// There was more of one of them than is kept.
    pub cut: bool,
}

/// One rule that was asked, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    pub after_ms: u32,
    pub step: Step,
}

/// One leg of a call; times are milliseconds after the beginning of the call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LegTold {
    /// Its number, by which its messages name it.
    pub leg: u64,
    pub part: Part,
    pub number: String,
    pub name: String,
    /// Over which it went; empty for a phone of the box.
    pub trunk_name: String,
    pub begun_ms: u32,
    pub rang_ms: Option<u32>,
    pub answered_ms: Option<u32>,
    pub ended_ms: Option<u32>,
    pub end: Option<LegEnd>,
    /// The final response of a refusal.
    pub code: u16,
    pub sound: SoundTold,
    /// What was wrong with its sound, the likeliest cause (BOX-123).
    pub fault: Option<SoundFault>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    #[default]
    Caller,
    Called,
    /// It rang and did not get the call.
    Rung,
    Leader,
}

/// How a leg ended; a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegEnd {
    HungUp,
    Cancelled,
    Refused,
    TimedOut,
    Lost,
    /// By the box: somebody else answered, or the call was over.
    Ours,
}

/// What a leg's sound was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SoundTold {
    /// Empty where nothing was agreed.
    pub codec: String,
    /// All that the other end can speak.
    pub codecs: Vec<String>,
    pub encrypted: bool,
    /// Where its description says that it takes sound, and where sound really came from.
    pub told_address: String,
    pub seen_address: String,
    /// From where its signalling came.
    pub signalling_address: String,
    pub packets_received: u64,
    pub packets_sent: u64,
    pub lost: u32,
    pub lost_there: u32,
    pub jitter_ms: f32,
    pub round_trip_ms: Option<f32>,
    pub mos: Option<f32>,
    /// From another address than the locked one, and such that failed the SRTP check; both dropped.
    pub strangers: u64,
    pub unproven: u64,
}

/// Why somebody was not heard, or badly; a closed list (BOX-123).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SoundFault {
    /// Both ends have no codec in common.
    NoCodec,
    /// The description names an address that cannot be reached from here.
    PrivateAddress,
    NoPacketsFromPhone,
    NoPacketsFromCarrier,
    OtherAddress,
    SrtpFailed,
    /// Packets came, and held silence.
    Muted,
    /// Much was lost on its way to the box, or from the box.
    LossHere,
    LossThere,
    Jitter,
}

/// One SIP message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wired {
    pub leg: u64,
    pub after_ms: u32,
    /// The box sent it.
    pub sent: bool,
    pub peer: String,
    /// Secrets stand as `***`.
    pub text: String,
}
