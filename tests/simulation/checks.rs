//! What must hold in an office, whatever happens.

use crate::scenario::{office, work::Stood};
use callbox::{
    history::{
        call_record::{CallOutcome, CallRecord, HangupReason},
        fact::{Emergency, Fact, FactNumber, GroupTurn, Outlived, Registration, UsedToday},
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
    stood: Stood,
    group_turns: BTreeMap<u64, GroupTurn>,
    used: Option<UsedToday>,
    help: Vec<Emergency>,
    realms: BTreeMap<u64, String>,
    /// Calls that have ended and whose recordings have not.
    recorded: BTreeSet<String>,
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
                    println!("{}", office::record(&record, &[]));
                }
                check_record(&record);
                if record.recording.as_ref().is_some_and(|recording| recording.is_open()) {
                    self.recorded.insert(record.call_id.clone());
                }
                assert!(self.ended.insert(record.call_id.clone()), "a call has two records");
            }
            Fact::Registered(known) => {
                self.registrations.insert(known.id, *known);
            }
            Fact::Unregistered { id } => {
                self.registrations.remove(&id);
            }
            Fact::AgentEvent(event) => drop(self.stood.take(event)),
            Fact::CallTold(story) => {
                assert!(self.ended.contains(&story.call_id), "a story of a call that has not ended");
                assert!(
                    !story.legs.is_empty()
                        && story.legs.len() == story.legs.iter().map(|leg| leg.leg).collect::<BTreeSet<_>>().len()
                );
            }
            Fact::Recorded { call_id, recording } => {
                assert!(self.ended.contains(&call_id), "a recording of a call that has not ended");
                assert!(self.recorded.remove(&call_id), "a recording is told twice");
                assert!(!recording.is_open(), "a recording is told before its end");
            }
            Fact::GroupTurn(turn) => drop(self.group_turns.insert(turn.group, turn)),
            Fact::TrunkRealm { trunk, realm } => {
                self.realms.remove(&trunk);
                self.realms.extend(realm.map(|realm| (trunk, realm)));
            }
            Fact::Used(used) => office::used(&mut self.used, *used),
            Fact::Emergency(call) => office::called_for_help(&mut self.help, *call),
            Fact::Alive(_) | Fact::TrunkTurn(_) | Fact::Clock(_) => {}
            Fact::TrunkGone { trunk } => panic!("{trunk} was not deleted"),
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
            Change::Trunk { .. } | Change::Alarm { .. } => {}
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
                // Whoever is outside is nobody's agent.
                let state = self.agents.get(&side.number).map(|agent| agent.state);
                assert!(state.is_none_or(|state| state == AgentState::Talking), "{} talks", side.number);
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
        assert!(self.recorded.is_empty(), "a recording stays open: {:?}", self.recorded);
        for (number, row) in &self.agents {
            let free = matches!(row.state, AgentState::Idle | AgentState::Paused | AgentState::PhoneOffline);
            assert!(free, "{number} is still {:?}", row.state);
            // FEA-27 to FEA-30: everybody stands as was told last.
            let paused = self.stood.paused.iter().any(|one| one.agent_number == *number);
            assert_eq!(row.pause.is_some(), paused, "{number} is paused");
            let joined = self.stood.signed_in.iter().filter(|one| one.agent_number == *number);
            assert!(joined.map(|one| &one.group_number).all(|group| row.groups.contains(group)), "{:?}", row.groups);
        }
    }

    /// What the store would give at the next start; it closes what the stop cut (BOX-94).
    pub fn outlived(&mut self) -> Outlived {
        self.ended.extend(std::mem::take(&mut self.open).into_keys());
        self.calls.clear();
        self.agents.clear();
        // The start looks at their files.
        self.recorded.clear();
        self.stood.outlives(Outlived {
            next_fact: self.last_fact + 1,
            registrations: self.registrations.values().cloned().collect(),
            realms: self.realms.clone().into_iter().collect(),
            last_talks: vec![],
            group_turns: self.group_turns.values().copied().collect(),
            used: self.used.clone(),
            emergencies: self.help.clone(),
            open_calls: vec![],
            last_alive: None,
            ..Outlived::default()
        })
    }
}

fn check_record(record: &CallRecord) {
    let ended = record.ended_at.expect("a record that is closed has an end");
    assert!(ended >= record.started_at);
    assert_eq!(record.answered_at.is_some(), record.call_outcome == CallOutcome::Answered);
    assert!(record.talk_seconds <= record.total_seconds && record.hold_seconds <= record.total_seconds);
    assert!(record.call_id.len() <= 40 && record.call_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    assert!(record.sound.len() <= 2);
    // CDR-91
    assert!(record.hangup_reason <= HangupReason::QueueNoAgentExit, "{:?}", record.hangup_reason);
}
