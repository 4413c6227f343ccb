//! What was asked when a way was chosen, in order: so that people can be told why a call went where it went.

use crate::schema::{Id, Model, Row, Tenant};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One rule that was asked, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub rule: Rule,
    /// The row that says the rule, if one does.
    pub row: Option<Named>,
    pub found: Found,
    /// What was compared, and with what; empty where nothing was.
    pub value: String,
    pub wanted: String,
    /// Which one, where it is a limit.
    pub limit: Option<Limit>,
}

/// A row as people call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub noun: String,
    pub id: Id,
    pub name: String,
}

/// What is asked of a call, in and out; a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    Blacklist,
    Did,
    DidStatus,
    DidDestination,
    InboundRoute,
    DefaultRoute,
    LastAgent,
    Condition,
    Playlist,
    Emergency,
    ClickToCallOnly,
    Dnc,
    Highlight,
    DailyCallLimit,
    OutboundProfile,
    OutboundRule,
    NumberClass,
    Country,
    FraudLimit,
    Trunk,
    /// The outside service of a menu.
    MatchPlugin,
}

/// What came of it; a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It fits, and what it says is done.
    Decides,
    /// It fits, and nothing follows: the next is asked.
    Passes,
    /// It does not say anything about this call.
    NotListed,
    /// It is listed, and waits for approval or is switched off.
    NotInForce,
    Withheld,
    NoSuchNumber,
    Disabled,
    NoDestination,
    /// There is no such row at all.
    None,
    OtherPrefix,
    OtherRegion,
    OtherNumber,
    OtherGroup,
    OtherClass,
    TooShort,
    TooLong,
    /// The condition of the rule is outside.
    OutsideOfTime,
    Inside,
    Outside,
    Denies,
    NotAllowed,
    UsedUp,
    Down,
    Full,
    /// Only so many lines are left as are kept for people (TRK-87).
    Reserved,
    /// Tried only because all others are down (OUT-27).
    LastHope,
    /// None in time, or none that can be followed.
    NoAnswer,
}

/// A limit of calls or minutes; a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    DailyCallLimit,
    AgentAttemptsMinute,
    AgentConcurrent,
    AgentMinutesDay,
    DearAgentMinutesDay,
    DearMinutesDay,
    DearConcurrent,
    DearCallMinutes,
    NightConcurrent,
    ForwardConcurrent,
    MinutesDay,
}

impl Step {
    pub fn new(rule: Rule, found: Found) -> Step {
        Step { rule, row: None, found, value: String::new(), wanted: String::new(), limit: None }
    }

    /// Of a row of the snapshot.
    pub fn of<M: Model>(self, tenant: &Tenant, row: &Row<M>) -> Step {
        Step { row: named(tenant, M::NAME, row.id()), ..self }
    }

    /// Of a row, where there is one.
    pub fn of_any<M: Model>(self, tenant: &Tenant, row: Option<&Arc<Row<M>>>) -> Step {
        match row {
            Some(row) => self.of(tenant, row),
            None => self,
        }
    }

    pub fn compared(self, value: &str, wanted: &str) -> Step {
        Step { value: value.into(), wanted: wanted.into(), ..self }
    }
}

pub fn named(tenant: &Tenant, noun: &str, id: Id) -> Option<Named> {
    let name = tenant.name_of(noun, id)?;
    Some(Named { noun: noun.into(), id, name: name.into() })
}
