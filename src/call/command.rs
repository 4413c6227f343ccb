//! What may be asked of calls from outside: by a person at the panel, a program, or the process itself.

pub use super::{
    explain::{Flow, Goes, Question, Tried, TryNumber, WouldGo},
    leg::HeardBy,
    recording::Wish,
    spent::SpentNow,
    way_out::{How, Why},
};
pub use crate::schema::Actor;
use crate::{
    model::Trunk,
    schema::Id,
    view::{BanRow, TrunkTested},
};
use serde::{Deserialize, Serialize, Serializer};
use std::net::IpAddr;

/// Names the one who waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReplyId(pub u64);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// End this call, whatever it is doing.
    HangUp {
        call_id: String,
    },
    /// Ring an agent's phone, then a number outside (API-36).
    ClickToCall(ClickToCall),
    /// Ring this phone, which then hears the agent's calls one after the other (FEA-25, FEA-26).
    Supervise {
        agent_number: String,
        phone: String,
        how: HeardBy,
    },
    /// Do this about the recording of a call.
    Record {
        call_id: String,
        wish: Wish,
    },
    /// Take no new call (503) and answer when none is up (BOX-173).
    Drain,
    /// End every call and answer when their records are written.
    Stop,
    /// Say which addresses are banned now (BOX-146).
    Bans,
    LiftBan {
        address: IpAddr,
    },
    /// Say what would happen; nothing does (OUT-32).
    Explain(Question),
    /// Register this trunk now, or ask it for a sign of life (TRK-42).
    TryTrunk {
        trunk: u64,
    },
    /// Try what is typed into the form of a trunk (TRK-19).
    TestTrunk(Box<TrunkToTest>),
    /// Call this number over this trunk alone, and say a sentence (TRK-20).
    TestCall {
        trunk: u64,
        number: String,
    },
    /// The other realm in which this trunk's password is asked for is its carrier's too (TRK-46).
    AcceptRealm {
        trunk: u64,
    },
    /// This person has seen a call for help (OUT-46).
    Confirm {
        alarm: String,
        by: String,
    },
    /// A page of the agent who asks is open from now on, or no more (AGT-33).
    Page {
        opens: bool,
    },
    /// A budget has its own size once more until midnight (OUT-68).
    Release {
        alarm: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClickToCall {
    pub agent_number: String,
    pub number: String,
    pub campaign: Option<Id>,
    /// One of the tenant's; it goes before all that are set (CID reading).
    pub caller_id: Option<String>,
    pub custom_content: String,
    /// At the panel or by a program.
    pub how: How,
}

/// As it is typed, saved or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrunkToTest {
    pub saved: Option<u64>,
    #[serde(serialize_with = "without_password")]
    pub trunk: Trunk,
}

impl Eq for TrunkToTest {}

/// It is written down into flight recordings.
fn without_password<S: Serializer>(trunk: &Trunk, to: S) -> Result<S::Ok, S::Error> {
    let blank = trunk.password.as_ref().and_then(|_| serde_json::from_value(BLANK.into()).ok());
    Trunk { password: blank, ..trunk.clone() }.serialize(to)
}

/// The shortest that there can be.
const BLANK: &str = "*";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Done,
    /// A call has begun.
    Called {
        call_id: String,
    },
    Bans(Vec<BanRow>),
    Tested(Box<TrunkTested>),
    Tried(Box<Tried>),
    Goes(Box<Goes>),
    Flow(Box<Flow>),
    Spent(Box<SpentNow>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotDone {
    /// There is no such call, or nothing of it to which this could be done (error word `no_call`).
    NoCall,
    /// As much of this kind as there may be is done at this moment.
    Busy,
    /// This address is not banned.
    NoBan,
    /// What is asked about is not there.
    NoSuchRow,
    /// Disabled, without a phone that can be reached, or in a call (API-38).
    AgentUnavailable,
    /// The number must not be called (API-39).
    Dnc,
    /// The campaign makes no call now (API-40).
    CampaignRefused,
    /// A limit of calls or money is reached (CDR-80).
    CallLimit,
    /// Only a phone calls for help (OUT-48).
    EmergencyNumber,
    /// There is no way to the number.
    Barred(Why),
}

impl NotDone {
    /// What a call that the rules forbid is answered with.
    pub(super) fn of(why: Why) -> NotDone {
        match why {
            Why::Dnc | Why::Highlight => NotDone::Dnc,
            Why::EmergencyNumber => NotDone::EmergencyNumber,
            Why::Limit(_) => NotDone::CallLimit,
            why => NotDone::Barred(why),
        }
    }
}
