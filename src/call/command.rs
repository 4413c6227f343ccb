//! What may be asked of calls from outside: by a person at the panel, a program, or the process itself.

pub use super::{
    explain::{Flow, Goes, Question, Tried, TryNumber, WouldGo},
    way_out::How,
};
pub use crate::schema::Actor;
use crate::view::BanRow;
use serde::{Deserialize, Serialize};
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
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Done,
    Bans(Vec<BanRow>),
    Tried(Box<Tried>),
    Goes(Box<Goes>),
    Flow(Box<Flow>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotDone {
    /// There is no such call (error word `no_call`).
    NoCall,
    /// This address is not banned.
    NoBan,
    /// What is asked about is not there.
    NoSuchRow,
}
