//! The store over real files in a directory of its own.

mod customers;
pub mod facts;
mod links;
mod lists;
mod machine;
mod migrate;
mod months;
mod power;
mod trunks;
mod used;
mod writes;

use super::{Store, Write};
use crate::{
    history::fact::{AgentEvent, AgentEventKind, Fact},
    time::Timestamp,
};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

pub fn opened() -> (TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    (directory, store)
}

pub fn fields(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub fn add(value: Value) -> Write {
    Write::Add { value: fields(value) }
}

pub fn agent(number: &str) -> Write {
    add(json!({ "agent_number": number, "first_name": "Li", "web_password": "not a secret" }))
}

/// Seconds of the day on which the tests play.
pub fn at(second: i64) -> Timestamp {
    Timestamp(1_795_000_000_000 + second * 1000)
}

/// An agent sets do-not-disturb.
pub fn pressed(n: u64, at: Timestamp) -> Fact {
    Fact::AgentEvent(AgentEvent { at, agent_number: n.to_string(), kind: AgentEventKind::DndOn })
}
