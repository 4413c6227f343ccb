//! The latest rows of what is happening, and what changed of them since a viewer last looked.

use crate::{
    schema::Id,
    view::{AgentRow, AgentState, AlarmRow, BoxRow, CallRow, Change, TrunkRow},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};
use tokio::sync::watch;

/// Rows that are gone are remembered for viewers who have not heard of it; whoever is further behind than this, more
/// than a second of the busiest hour, is sent everything anew. Few, for what stays of thousands of calls keeps the
/// memory between from being given back.
const GONE_KEPT_MAX: usize = 256;

/// What is happening now. A viewer keeps only the number of the last change it saw, so a slow one costs nothing.
pub struct Live {
    rows: Mutex<Rows>,
    newest: watch::Sender<u64>,
}

impl Default for Live {
    fn default() -> Live {
        Live { rows: Mutex::default(), newest: watch::Sender::new(0) }
    }
}

impl Live {
    /// Takes what the exchange shows; never waits longer than for a copy of pointers.
    pub fn take(&self, change: Change) {
        let mut rows = self.rows();
        rows.take(change);
        let newest = rows.newest;
        drop(rows);
        self.newest.send_replace(newest);
    }

    /// Calls in progress, the first begun first.
    pub fn calls(&self) -> Vec<Arc<CallRow>> {
        let mut calls: Vec<_> = self.rows().calls.values().cloned().collect();
        calls.sort_by(|a, b| (a.started_at, &a.call_id).cmp(&(b.started_at, &b.call_id)));
        calls
    }

    /// Whether the agent rings or talks.
    pub fn in_call(&self, agent_number: &str) -> bool {
        let rows = self.rows();
        let state = rows.agents.get(agent_number).map(|row| row.state);
        matches!(state, Some(AgentState::Ringing | AgentState::Talking))
    }

    /// Whether a call is up over the trunk of this row.
    pub fn carries(&self, trunk: Id) -> bool {
        self.calls_over(trunk) > 0
    }

    /// Of both directions.
    pub fn calls_over(&self, trunk: Id) -> u32 {
        self.rows().trunks.get(&trunk.0.to_string()).map_or(0, |row| row.calls_now)
    }

    /// What is known of an alarm, while it stands.
    pub fn alarm(&self, alarm: &str) -> Option<Arc<AlarmRow>> {
        self.rows().alarms.get(alarm).cloned()
    }

    pub fn alarms(&self) -> Vec<Arc<AlarmRow>> {
        self.rows().alarms.values().cloned().collect()
    }

    /// Whether new calls are being refused: the box has no time for anything else.
    pub fn refusing(&self) -> bool {
        self.rows().box_row.refusing
    }

    /// Makes all rows anew where it is called (`run::memory::gather`).
    pub fn renew(&self) {
        let mut rows = self.rows();
        *rows = rows.renewed();
    }

    /// Tells when a newer change is there.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    pub(super) fn since(&self, seen: u64) -> News {
        self.rows().since(seen)
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().expect("no panic while a row is taken")
    }
}

/// What a viewer has not seen, up to change number `upto`.
#[derive(Debug, PartialEq)]
pub(super) struct News {
    pub upto: u64,
    /// Everything there is, instead of what changed.
    pub whole: bool,
    pub calls: Vec<(String, Option<Arc<CallRow>>)>,
    pub agents: Vec<(String, Option<Arc<AgentRow>>)>,
    pub trunks: Vec<(String, Option<Arc<TrunkRow>>)>,
    pub alarms: Vec<(String, Option<Arc<AlarmRow>>)>,
    pub box_row: Option<BoxRow>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Call(String),
    Agent(String),
    Trunk(String),
    Alarm(String),
    Box,
}

#[derive(Clone, Default)]
struct Rows {
    calls: BTreeMap<String, Arc<CallRow>>,
    agents: BTreeMap<String, Arc<AgentRow>>,
    trunks: BTreeMap<String, Arc<TrunkRow>>,
    alarms: BTreeMap<String, Arc<AlarmRow>>,
    box_row: BoxRow,
    /// The number of the last change; that of each row, and back.
    newest: u64,
    numbers: BTreeMap<Key, u64>,
    changes: BTreeMap<u64, Key>,
    /// Changes that were a row's end.
    gone: BTreeSet<u64>,
    /// Ends up to this change are no longer known.
    forgotten: u64,
}

impl Rows {
    fn renewed(&self) -> Rows {
        Rows {
            calls: renewed(&self.calls),
            agents: renewed(&self.agents),
            trunks: renewed(&self.trunks),
            alarms: renewed(&self.alarms),
            ..self.clone()
        }
    }

    fn take(&mut self, change: Change) {
        let (key, gone) = match change {
            Change::Call { call_id, row } => (Key::Call(call_id.clone()), put(&mut self.calls, call_id, row)),
            Change::Agent { agent_number, row } => {
                (Key::Agent(agent_number.clone()), put(&mut self.agents, agent_number, row.map(Arc::from)))
            }
            Change::Trunk { trunk, row } => {
                (Key::Trunk(trunk.clone()), put(&mut self.trunks, trunk, row.map(Arc::from)))
            }
            Change::Alarm { alarm, row } => {
                (Key::Alarm(alarm.clone()), put(&mut self.alarms, alarm, row.map(Arc::from)))
            }
            Change::Box(row) => {
                self.box_row = row;
                (Key::Box, false)
            }
        };
        self.note(key, gone);
    }

    fn note(&mut self, key: Key, gone: bool) {
        self.newest += 1;
        if let Some(before) = self.numbers.insert(key.clone(), self.newest) {
            self.changes.remove(&before);
            self.gone.remove(&before);
        }
        self.changes.insert(self.newest, key);
        if gone {
            self.gone.insert(self.newest);
        }
        if self.gone.len() > GONE_KEPT_MAX
            && let Some(oldest) = self.gone.pop_first()
            && let Some(key) = self.changes.remove(&oldest)
        {
            self.numbers.remove(&key);
            self.forgotten = oldest;
        }
    }

    fn since(&self, seen: u64) -> News {
        if seen == 0 || seen < self.forgotten {
            return self.whole();
        }
        let mut news = News {
            upto: self.newest,
            whole: false,
            calls: vec![],
            agents: vec![],
            trunks: vec![],
            alarms: vec![],
            box_row: None,
        };
        for key in self.changes.range(seen + 1..).map(|(_, key)| key) {
            match key {
                Key::Call(id) => news.calls.push((id.clone(), self.calls.get(id).cloned())),
                Key::Agent(number) => news.agents.push((number.clone(), self.agents.get(number).cloned())),
                Key::Trunk(id) => news.trunks.push((id.clone(), self.trunks.get(id).cloned())),
                Key::Alarm(alarm) => news.alarms.push((alarm.clone(), self.alarms.get(alarm).cloned())),
                Key::Box => news.box_row = Some(self.box_row.clone()),
            }
        }
        news
    }

    fn whole(&self) -> News {
        News {
            upto: self.newest,
            whole: true,
            calls: self.calls.iter().map(|(id, row)| (id.clone(), Some(row.clone()))).collect(),
            agents: self.agents.iter().map(|(number, row)| (number.clone(), Some(row.clone()))).collect(),
            trunks: self.trunks.iter().map(|(id, row)| (id.clone(), Some(row.clone()))).collect(),
            alarms: self.alarms.iter().map(|(alarm, row)| (alarm.clone(), Some(row.clone()))).collect(),
            box_row: Some(self.box_row.clone()),
        }
    }
}

fn renewed<R: Clone>(rows: &BTreeMap<String, Arc<R>>) -> BTreeMap<String, Arc<R>> {
    rows.iter().map(|(key, row)| (key.clone(), Arc::new(R::clone(row)))).collect()
}

/// Whether the row is gone.
fn put<R>(rows: &mut BTreeMap<String, Arc<R>>, key: String, row: Option<Arc<R>>) -> bool {
    match row {
        Some(row) => {
            rows.insert(key, row);
            false
        }
        None => {
            rows.remove(&key);
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{time::Timestamp, view::CallState};

    fn call(id: &str, started: i64) -> Change {
        let row = CallRow {
            call_id: id.into(),
            caller_number: "801".into(),
            caller_name: String::new(),
            called_number: "802".into(),
            called_name: String::new(),
            state: CallState::Ringing,
            started_at: Timestamp(started),
            answered_at: None,
            since: Timestamp(started),
            encrypted: false,
            recording: None,
            sides: vec![],
            from_outside: false,
        };
        Change::Call { call_id: id.into(), row: Some(Arc::new(row)) }
    }

    fn gone(id: &str) -> Change {
        Change::Call { call_id: id.into(), row: None }
    }

    fn agent(number: &str, state: AgentState) -> Change {
        let row = AgentRow {
            agent_number: number.into(),
            state,
            since: Timestamp(0),
            dnd: false,
            pause: None,
            groups: vec![],
            devices: vec![],
            alerts: vec![],
        };
        Change::Agent { agent_number: number.into(), row: Some(Box::new(row)) }
    }

    fn ids(news: &News) -> Vec<(&str, bool)> {
        news.calls.iter().map(|(id, row)| (id.as_str(), row.is_some())).collect()
    }

    /// HOUSE: a viewer is sent what changed since it last looked, each row once.
    #[test]
    fn a_viewer_hears_what_changed_and_nothing_twice() {
        let live = Live::default();
        live.take(call("a", 1));
        let first = live.since(0);
        assert!(first.whole);
        assert_eq!(ids(&first), [("a", true)]);
        live.take(call("b", 2));
        live.take(call("b", 3));
        live.take(gone("a"));
        let second = live.since(first.upto);
        assert!(!second.whole);
        assert_eq!(ids(&second), [("b", true), ("a", false)]);
        assert_eq!(second.box_row, None);
        assert_eq!(ids(&live.since(second.upto)), []);
        live.renew();
        assert_eq!(live.since(first.upto), second);
    }

    /// HOUSE: whoever slept through too many ends gets everything; memory stays bounded.
    #[test]
    fn a_viewer_far_behind_gets_everything_anew() {
        let live = Live::default();
        live.take(call("stays", 1));
        let seen = live.since(0).upto;
        for number in 0..2 * GONE_KEPT_MAX {
            live.take(call(&number.to_string(), 2));
            live.take(gone(&number.to_string()));
        }
        let late = live.since(seen);
        assert!(late.whole);
        assert_eq!(ids(&late), [("stays", true)]);
        assert!(!live.since(late.upto - 10).whole);
        let rows = live.rows();
        assert_eq!((rows.gone.len(), rows.changes.len()), (GONE_KEPT_MAX, GONE_KEPT_MAX + 1));
        assert_eq!(rows.numbers.len(), GONE_KEPT_MAX + 1);
    }

    /// AGT-6 reading
    #[test]
    fn an_agent_is_in_a_call_while_ringing_or_talking() {
        let live = Live::default();
        for (state, in_call) in [
            (AgentState::PhoneOffline, false),
            (AgentState::Idle, false),
            (AgentState::Paused, false),
            (AgentState::Ringing, true),
            (AgentState::Talking, true),
        ] {
            live.take(agent("801", state));
            assert_eq!(live.in_call("801"), in_call, "{state:?}");
        }
        assert!(!live.in_call("802"));
    }

    #[test]
    fn calls_are_listed_as_they_began() {
        let live = Live::default();
        for (id, started) in [("c", 1), ("a", 3), ("b", 2)] {
            live.take(call(id, started));
        }
        let order: Vec<_> = live.calls().iter().map(|row| row.call_id.clone()).collect();
        assert_eq!(order, ["c", "b", "a"]);
    }
}
