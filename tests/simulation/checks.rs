//! What must hold in an office, whatever happens.

use callbox::{
    history::{
        call_record::{CallOutcome, CallRecord},
        fact::{Fact, FactNumber, GroupTurn, Outlived, Registration},
    },
    view::{AgentRow, AgentState, CallRow, CallState, Change},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

#[derive(Default)]
pub struct Checks {
    last_fact: u64,
    open: BTreeMap<String, CallRecord>,
    ended: BTreeSet<String>,
    registrations: BTreeMap<u64, Registration>,
    dnd: BTreeSet<String>,
    group_turns: BTreeMap<u64, GroupTurn>,
    calls: BTreeMap<String, CallRow>,
    agents: BTreeMap<String, AgentRow>,
}

impl Checks {
    pub fn fact(&mut self, number: FactNumber, fact: Fact) {
        assert_eq!(number.0, self.last_fact + 1, "facts are numbered without a gap");
        self.last_fact = number.0;
        match fact {
            Fact::CallOpen(record) => {
                assert!(!self.ended.contains(&record.call_id), "a record goes on after its end");
                self.open.insert(record.call_id.clone(), *record);
            }
            Fact::CallEnded(record) => {
                self.open.remove(&record.call_id);
                if std::env::var_os("TRACE").is_some() {
                    println!("{}", crate::scenario::office::record(&record, &[]));
                }
                check_record(&record);
                assert!(self.ended.insert(record.call_id.clone()), "a call has two records");
            }
            Fact::Registered(known) => {
                self.registrations.insert(known.id, *known);
            }
            Fact::Unregistered { id } => {
                self.registrations.remove(&id);
            }
            Fact::AgentEvent(event) => {
                use callbox::history::fact::AgentEventKind::{DndOff, DndOn};
                match event.kind {
                    DndOn => assert!(self.dnd.insert(event.agent_number), "it was on"),
                    DndOff => assert!(self.dnd.remove(&event.agent_number), "it was off"),
                }
            }
            Fact::CallTold(story) => {
                assert!(self.ended.contains(&story.call_id), "a story of a call that has not ended");
                assert!(
                    !story.legs.is_empty()
                        && story.legs.len() == story.legs.iter().map(|leg| leg.leg).collect::<BTreeSet<_>>().len()
                );
            }
            Fact::Recorded { call_id, .. } => {
                assert!(self.ended.contains(&call_id), "a recording of a call that has not ended");
            }
            Fact::GroupTurn(turn) => drop(self.group_turns.insert(turn.group, turn)),
            Fact::Alive(_) | Fact::TrunkTurn(_) | Fact::TrunkRealm { .. } | Fact::TrunkGone { .. } => {}
            // Nobody calls outside.
            Fact::Used(used) => panic!("{used:?}"),
            Fact::Emergency(call) => panic!("{call:?}"),
        }
    }

    pub fn last_fact(&self) -> u64 {
        self.last_fact
    }

    pub fn show(&mut self, change: Change) {
        match change {
            Change::Call { call_id, row: Some(row) } => {
                assert!(!self.ended.contains(&call_id), "a call is shown after its end");
                assert_ne!(self.calls.get(&call_id), Some(&*row), "a row is shown without a change");
                self.calls.insert(call_id, Arc::unwrap_or_clone(row));
            }
            Change::Call { call_id, row: None } => {
                assert!(self.calls.remove(&call_id).is_some(), "a row is gone that was not there");
            }
            Change::Agent { agent_number, row } => {
                assert_ne!(self.agents.get(&agent_number), row.as_deref(), "a row is shown without a change");
                match row {
                    Some(row) => self.agents.insert(agent_number, *row),
                    None => self.agents.remove(&agent_number),
                };
            }
            Change::Trunk { trunk, .. } => panic!("no trunk is called {trunk}"),
            Change::Alarm { .. } => {}
            Change::Box(row) => assert!(row.calls as usize <= 200),
        }
    }

    /// After each event.
    pub fn hold(&self, open_slots: usize) {
        let mut legs = 0;
        for row in self.calls.values() {
            legs += row.sides.len();
            assert!(row.sides.len() <= 2, "two sides");
            assert!(self.open.contains_key(&row.call_id), "a call that is shown has an open record");
            if !matches!(row.state, CallState::Talking | CallState::Held) {
                continue;
            }
            assert!(row.answered_at.is_some(), "who talks was answered");
            for side in &row.sides {
                let state = self.agents[&side.number].state;
                assert_eq!(state, AgentState::Talking, "{} talks", side.number);
            }
        }
        assert!(self.calls.is_empty() || open_slots >= legs.min(1), "who talks has a slot");
    }

    pub fn all_calls_are_over(&self) -> bool {
        self.calls.is_empty()
    }

    pub fn a_call(&self, nth: u32) -> Option<String> {
        let count = self.calls.len();
        (count > 0).then(|| self.calls.keys().nth(nth as usize % count).cloned().expect("within the count"))
    }

    /// After everyone has hung up.
    pub fn end(&self) {
        assert!(self.calls.is_empty(), "a call stays: {:?}", self.calls);
        assert!(self.open.is_empty(), "a record stays open: {:?}", self.open.keys());
        for (number, row) in &self.agents {
            let free = matches!(row.state, AgentState::Idle | AgentState::PhoneOffline);
            assert!(free, "{number} is still {:?}", row.state);
        }
    }

    /// What the store would give at the next start; it closes what the stop cut (BOX-94).
    pub fn outlived(&mut self) -> Outlived {
        self.ended.extend(std::mem::take(&mut self.open).into_keys());
        self.calls.clear();
        self.agents.clear();
        Outlived {
            next_fact: self.last_fact + 1,
            registrations: self.registrations.values().cloned().collect(),
            dnd: self.dnd.iter().cloned().collect(),
            realms: vec![],
            last_talks: vec![],
            group_turns: self.group_turns.values().copied().collect(),
            used: None,
            emergencies: Vec::new(),
            open_calls: vec![],
            last_alive: None,
        }
    }
}

fn check_record(record: &CallRecord) {
    let ended = record.ended_at.expect("a record that is closed has an end");
    assert!(ended >= record.started_at);
    assert_eq!(record.answered_at.is_some(), record.call_outcome == CallOutcome::Answered);
    assert!(record.talk_seconds <= record.total_seconds && record.hold_seconds <= record.total_seconds);
    assert!(record.call_id.len() <= 40 && record.call_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    assert!(record.sound.len() <= 2);
}
