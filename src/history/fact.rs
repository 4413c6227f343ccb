//! What happened, in the order in which it happened; numbered, appended, never changed.

pub use super::emergency::Emergency;
pub use super::used::{BudgetOf, BudgetUsed, UsedToday};
use super::{call_record::CallRecord, recording::Recording, story::Story, trunk_turn::TrunkTurn};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Facts are numbered from 1, over restarts, without a gap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FactNumber(pub u64);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fact {
    /// A call began, or something of it changed that its record must know after a power cut (its answer, a hold,
    /// who took it). The record as it would be closed now; the newest stands until `CallEnded` (CDR-1, BOX-94).
    CallOpen(Box<CallRecord>),
    CallEnded(Box<CallRecord>),
    /// The recording of a call that has ended is closed: its record says from now on how it is.
    Recorded {
        call_id: String,
        recording: Box<Recording>,
    },
    /// Why a call went as it went; once, after everything of it is over.
    CallTold(Box<Story>),
    /// Said every two seconds while a call is up: the last time known, should the power go (BOX-94).
    Alive(Timestamp),
    /// A device of an agent is registered; replaces what was known under the same `id`.
    Registered(Box<Registration>),
    Unregistered {
        id: u64,
    },
    AgentEvent(AgentEvent),
    GroupTurn(GroupTurn),
    /// A trunk changed its state (TRK-48).
    TrunkTurn(Box<TrunkTurn>),
    /// The realm in which its password was accepted (TRK-46); none: any from now on.
    TrunkRealm {
        trunk: u64,
        realm: Option<String>,
    },
    /// A trunk was deleted, and what became of it is forgotten.
    TrunkGone {
        trunk: u64,
    },
    /// What has changed of the limits used today (OUT-66).
    Used(Box<UsedToday>),
    /// Somebody called for help, or it was confirmed: the newest stands (OUT-46).
    Emergency(Box<Emergency>),
    Clock(ClockTold),
}

/// What is said of the time of day from a start at which nobody is sure of it until somebody is (BOX-54).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClockTold {
    /// The first fact of this start, and those that follow.
    Unsure {
        from: FactNumber,
    },
    Set {
        by_ms: i64,
    },
    Sure,
}

/// What must be known of a registered device to call it after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    pub id: u64,
    pub agent_number: String,
    pub contact: String,
    pub instance: Option<String>,
    pub path: Vec<String>,
    pub transport: String,
    pub local: String,
    pub remote: String,
    pub user_agent: String,
    pub call_id: String,
    pub cseq: u32,
    pub registered_at: Timestamp,
    pub expires_at: Timestamp,
}

/// AEV rows of system.md; those of this stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentEvent {
    pub at: Timestamp,
    pub agent_number: String,
    pub kind: AgentEventKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentEventKind {
    DndOn,
    DndOff,
    /// AEV-6: one for each group.
    SignIn {
        group_number: String,
    },
    SignOut {
        group_number: String,
        reason: SignedOut,
    },
    /// AEV-7, with the name of the reason.
    Pause {
        reason: String,
    },
    Resume,
}

/// AEV-16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedOut {
    FeatureCode,
    /// The agent is no longer one of those who come and go in the group.
    System,
}

/// An agent is paused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    pub agent_number: String,
    pub reason: String,
    pub since: Timestamp,
}

/// An agent is signed in to a group, as one who may come and go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    pub agent_number: String,
    pub group_number: String,
}

/// With which number a ring group begins its next call, where its strategy moves on (RNG-18, RNG-20).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupTurn {
    pub group: u64,
    /// Of the group; one that is saved anew begins at the top.
    pub rev: u64,
    /// The place in its list, from 0.
    pub next: u32,
}

/// An agent and a number outside talked, and nobody of the office has talked with that number since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastTalk {
    /// As the record has it.
    pub number: String,
    pub agent_number: String,
    pub at: Timestamp,
}

/// What outlived the last stop: read by the store at start, given to the exchange.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outlived {
    pub next_fact: u64,
    pub registrations: Vec<Registration>,
    /// Agents with do-not-disturb on.
    pub dnd: Vec<String>,
    pub signed_in: Vec<SignedIn>,
    pub paused: Vec<Paused>,
    /// Trunks and the realms in which their passwords were accepted.
    pub realms: Vec<(u64, String)>,
    /// With whom each number outside last talked (INR-21).
    pub last_talks: Vec<LastTalk>,
    pub group_turns: Vec<GroupTurn>,
    /// The limits used up on the last day on which any was (BOX-101).
    pub used: Option<UsedToday>,
    /// Calls for help of the last day.
    pub emergencies: Vec<Emergency>,
    /// Records of calls that the stop cut, as last known.
    pub open_calls: Vec<CallRecord>,
    /// The newest time stored.
    pub last_alive: Option<Timestamp>,
}
