//! What of the live rows one asker sees: those in reach, without the fields that the role hides.

use super::live::News;
use crate::{
    schema::Access,
    time::Timestamp,
    view::{AgentRow, AlarmKind, AlarmRow, BoxRow, CallRow, TrunkRow},
};
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc};

/// Whose rights decide, by the names of people.md.
const TABLE: &str = "monitor";

pub struct Sight {
    pub access: Arc<Access>,
    /// Calls and agents that this page was shown and must be told of when they are gone or out of reach.
    calls: BTreeSet<String>,
    agents: BTreeSet<String>,
    trunks: BTreeSet<String>,
    alarms: BTreeSet<String>,
}

/// A row whole, or without its hidden fields.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Seen<'a, R> {
    Whole(&'a R),
    Part(Value),
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Told<'a> {
    All {
        calls: Vec<Seen<'a, CallRow>>,
        agents: Vec<Seen<'a, AgentRow>>,
        trunks: Vec<&'a TrunkRow>,
        alarms: Vec<&'a AlarmRow>,
        #[serde(rename = "box")]
        box_row: Option<&'a BoxRow>,
        now: Timestamp,
    },
    Change {
        calls: Vec<CallChange<'a>>,
        agents: Vec<AgentChange<'a>>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        trunks: Vec<TrunkChange<'a>>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        alarms: Vec<AlarmChange<'a>>,
        #[serde(rename = "box", skip_serializing_if = "Option::is_none")]
        box_row: Option<&'a BoxRow>,
        now: Timestamp,
    },
}

impl Told<'_> {
    /// Whether nothing happened that this page sees.
    pub fn is_empty(&self) -> bool {
        match self {
            Told::Change { calls, agents, trunks, alarms, box_row: None, .. } => {
                calls.is_empty() && agents.is_empty() && trunks.is_empty() && alarms.is_empty()
            }
            Told::All { .. } | Told::Change { .. } => false,
        }
    }
}

#[derive(Serialize)]
pub struct CallChange<'a> {
    call_id: &'a str,
    row: Option<Seen<'a, CallRow>>,
}

#[derive(Serialize)]
pub struct AgentChange<'a> {
    agent_number: &'a str,
    row: Option<Seen<'a, AgentRow>>,
}

#[derive(Serialize)]
pub struct TrunkChange<'a> {
    trunk: &'a str,
    row: Option<&'a TrunkRow>,
}

#[derive(Serialize)]
pub struct AlarmChange<'a> {
    alarm: &'a str,
    row: Option<&'a AlarmRow>,
}

impl Sight {
    pub fn new(access: Arc<Access>) -> Sight {
        let [calls, agents, trunks, alarms] = std::array::from_fn(|_| BTreeSet::new());
        Sight { access, calls, agents, trunks, alarms }
    }

    pub(super) fn told<'a>(&mut self, news: &'a News, now: Timestamp) -> Told<'a> {
        let access = self.access.clone();
        let box_row = news.box_row.as_ref().filter(|_| access.may("box.view") || access.may("monitor.view"));
        let calls = changes(&mut self.calls, &news.calls, |row| seen_call(&access, row));
        let agents = changes(&mut self.agents, &news.agents, |row| seen_agent(&access, row));
        // TRK-2
        let sees_trunks = access.may("trunk.view") || access.acting;
        let trunks = changes(&mut self.trunks, &news.trunks, |row| sees_trunks.then_some(row));
        let alarms = changes(&mut self.alarms, &news.alarms, |row| sees_alarm(&access, row).then_some(row));
        if news.whole {
            let alarms = alarms.into_iter().filter_map(|(_, row)| row).collect();
            let trunks = trunks.into_iter().filter_map(|(_, row)| row).collect();
            let calls = calls.into_iter().filter_map(|(_, row)| row).collect();
            let agents = agents.into_iter().filter_map(|(_, row)| row).collect();
            return Told::All { calls, agents, trunks, alarms, box_row, now };
        }
        let calls = calls.into_iter().map(|(call_id, row)| CallChange { call_id, row }).collect();
        let agents = agents.into_iter().map(|(agent_number, row)| AgentChange { agent_number, row }).collect();
        let trunks = trunks.into_iter().map(|(trunk, row)| TrunkChange { trunk, row }).collect();
        let alarms = alarms.into_iter().map(|(alarm, row)| AlarmChange { alarm, row }).collect();
        Told::Change { calls, agents, trunks, alarms, box_row, now }
    }
}

/// The call as this asker sees it: as one of those in it, as leader of one of them, or by the monitor's scope.
pub fn seen_call<'a>(access: &Access, row: &'a CallRow) -> Option<Seen<'a, CallRow>> {
    (is_near(access, row.inside()) || is_watched(access, "monitor.view", row.inside())).then(|| seen(access, row))
}

/// Whether they are in the call.
pub fn is_own(access: &Access, row: &CallRow) -> bool {
    row.inside().any(|number| access.own_number.as_deref() == Some(number))
}

fn seen_agent<'a>(access: &Access, row: &'a AgentRow) -> Option<Seen<'a, AgentRow>> {
    let number = || [&*row.agent_number].into_iter();
    (is_near(access, number()) || is_watched(access, "monitor.view", number())).then(|| seen(access, row))
}

/// BOX-8; a call for help also who watches the office or leads some of it (OUT-46).
pub fn sees_alarm(access: &Access, row: &AlarmRow) -> bool {
    let watches = || access.may("monitor.view") || !access.led_numbers.is_empty();
    access.may("box.view") || row.kind == AlarmKind::Emergency && watches()
}

/// Whether they may end a call: the own, one of an agent led (MON-50), or any in the monitor's scope (MON-49). A call
/// that is gone is nobody's.
pub fn may_control(access: &Access, row: Option<&CallRow>) -> bool {
    match row {
        Some(row) => is_near(access, row.inside()) || is_watched(access, "monitor.control", row.inside()),
        None => access.may("monitor.control"),
    }
}

fn is_near<'a>(access: &Access, mut numbers: impl Iterator<Item = &'a str>) -> bool {
    let own = access.own_number.as_deref();
    numbers.any(|number| own == Some(number) || access.led_numbers.contains(number))
}

fn is_watched<'a>(access: &Access, permission: &str, numbers: impl Iterator<Item = &'a str>) -> bool {
    access.may(permission) && access.reach(TABLE).holds(numbers, None)
}

fn seen<'a, R: Serialize>(access: &Access, row: &'a R) -> Seen<'a, R> {
    if access.hides_of(TABLE) {
        Seen::Part(access.shown_columns(TABLE, serde_json::to_value(row).expect("rows are plain JSON")))
    } else {
        Seen::Whole(row)
    }
}

/// Rows that this page sees now, and ends of those it saw; of others it hears nothing.
fn changes<'a, R, S>(
    shown: &mut BTreeSet<String>,
    news: &'a [(String, Option<Arc<R>>)],
    see: impl Fn(&'a R) -> Option<S>,
) -> Vec<(&'a str, Option<S>)> {
    let changes = news.iter().filter_map(|(key, row)| {
        let seen = row.as_deref().and_then(&see);
        let known = if seen.is_some() { !shown.insert(key.clone()) } else { shown.remove(key) };
        (known || seen.is_some()).then_some((key.as_str(), seen))
    });
    changes.collect()
}
