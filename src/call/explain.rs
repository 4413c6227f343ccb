//! What would happen to a call, answered by what decides real ones; nothing is sent (OUT-32, OUT-33).

mod flow;
mod number;
mod walk;

pub use flow::{By, Edge, Flow, Node};
pub use number::{Refused, Tried, TriedTrunk};
pub use walk::{Goes, Stop};

use super::{Calls, command::Answer, way_out::How};
use crate::{schema::Id, time::Timestamp};
use serde::{Deserialize, Serialize};

/// What somebody wants to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Question {
    Number(TryNumber),
    Call(WouldGo),
    /// Every way that calls to a DID can go.
    Flow {
        did: Id,
    },
    /// What is used of every limit (OUT-69).
    Spent,
}

/// May this number be called, and how? (OUT-32)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TryNumber {
    pub number: String,
    /// Its number.
    pub agent: Option<String>,
    pub campaign: Option<Id>,
    pub how: How,
    /// None: now.
    pub at: Option<Timestamp>,
}

/// What would happen to a call from this caller to this number?
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WouldGo {
    pub number: String,
    /// Empty: withheld.
    pub caller: String,
    /// The agent who last talked with the caller, by number.
    pub last_agent: Option<String>,
    /// None: now.
    pub at: Option<Timestamp>,
}

impl Calls {
    /// Changes nothing. `now` counts where the question names no time.
    pub fn explain(&self, now: Timestamp, question: &Question) -> Option<Answer> {
        let (tenant, ways) = (&*self.office.tenant, &self.office.ways);
        Some(match question {
            Question::Number(asked) => {
                let at = asked.at.unwrap_or(now);
                Answer::Tried(Box::new(number::tried(tenant, ways, &asked.asked(), at)))
            }
            Question::Call(call) => Answer::Goes(Box::new(walk::goes(tenant, ways, call, call.at.unwrap_or(now)))),
            Question::Spent => Answer::Spent(Box::new(ways.spent.now(tenant, now))),
            Question::Flow { did } => Answer::Flow(Box::new(flow::flow(tenant, *did)?)),
        })
    }
}
