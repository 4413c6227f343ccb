//! The one door: an event and the time go in, actions come out.

pub use crate::sip::wire;
use crate::{
    audio,
    call::command::{Actor, Answer, Command, NotDone, ReplyId},
    chance::Seed,
    history::fact::{Fact, FactNumber},
    schema::tenant::Tenant,
    time::Uptime,
    view::Change,
};
use std::sync::Arc;

/// What the exchange is told.
#[derive(Clone, Debug)]
pub enum Event {
    /// `came` is when the message reached the box, so how far behind the exchange is can be seen inside it.
    Wire {
        came: Uptime,
        report: wire::Report,
    },
    Sound(audio::order::Report),
    Ask {
        by: Actor,
        command: Command,
        reply: ReplyId,
    },
    /// What is wanted has changed.
    Tenant(Arc<Tenant>),
    /// Facts up to this number are on the disk.
    Stored(FactNumber),
    Seed(Seed),
    Tick,
}

/// What the exchange wants done, in this order.
#[derive(Clone, Debug)]
pub enum Action {
    Wire(wire::Order),
    Sound(audio::order::Order),
    Reply(ReplyId, Result<Answer, NotDone>),
    Remember(FactNumber, Fact),
    Show(Change),
}
