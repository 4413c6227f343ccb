//! What may be asked of calls from outside: by a person at the panel, a program, or the process itself.

pub use crate::schema::Actor;
use serde::{Deserialize, Serialize};

/// Names the one who waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReplyId(pub u64);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// End this call, whatever it is doing.
    HangUp { call_id: String },
    /// Take no new call (503) and answer when none is up (BOX-173).
    Drain,
    /// End every call and answer when their records are written.
    Stop,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotDone {
    /// There is no such call (error word `no_call`).
    NoCall,
}
