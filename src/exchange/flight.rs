//! The flight recorder: what the exchange is told, written down without sound and secrets, so that it can be told again
//! (BOX-125).
//!
//! A recording is pieces of some minutes. A piece opens with the whole state of the exchange; after it comes each event
//! with its time. What is wanted stands before whatever names it, a table once a recording. Messages of strangers are
//! counted, not kept. Secrets are not there: a proof is recorded as what it was worth, which only a replay believes, a
//! key of sound as its stand-in, a key that was pressed only where it chose something or says what those before it were
//! worth.

mod piece;
mod wanted;

pub use piece::{Piece, Unread, pieces};

use super::{Action, Actions, Event, Exchange, wire};
use crate::{
    audio::order::{self as sound, HIDDEN_KEY},
    history::fact::Fact,
    schema::{barred, tenant::Tenant},
    sip::{
        digest::Outcome,
        recorded::{self, Came},
    },
    time::Now,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::Arc,
};
use wanted::Tables;

/// With this a recording begins; the version of the program follows, as only the same one reads a state.
const MAGIC: &str = "callbox flight 1 ";

/// The state of an exchange, and what it reads.
#[derive(Clone, Debug)]
pub struct State {
    pub now: Now,
    bytes: Vec<u8>,
    snapshots: Vec<Arc<Tenant>>,
}

impl State {
    /// Between two events.
    pub fn of(exchange: &Exchange, now: Now) -> State {
        let bytes = postcard::to_stdvec(exchange).expect("the state is plain");
        State { now, bytes, snapshots: exchange.snapshots() }
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// An event that was handled.
#[derive(Clone, Debug)]
pub struct Told {
    pub now: Now,
    pub event: Event,
    pub came: Came,
}

/// An event that is to be noted once it is handled.
#[derive(Clone, Debug)]
pub struct Noting {
    event: Event,
    /// It is a message from where nobody is known.
    outside: bool,
}

impl Noting {
    pub fn before(exchange: &Exchange, event: &Event) -> Noting {
        let outside = match event {
            Event::Wire { report: wire::Report::Message { peer, .. }, .. } => exchange.is_outside(peer.remote.ip()),
            _ => false,
        };
        Noting { event: event.clone(), outside }
    }

    /// `None`: it was a stranger's message, which is only counted. Who has proven to be none is none, nor is who speaks
    /// of something that is known.
    pub fn after(self, exchange: &mut Exchange, now: Now) -> Option<Told> {
        let came = exchange.take_came();
        let stranger = self.outside && !came.known && !matches!(came.proof, Some(Outcome::Proven { .. }));
        (!stranger).then_some(Told { now, event: self.event, came })
    }

    /// The exchange failed on it, whoever sent it.
    pub fn failed(self, now: Now) -> Told {
        Told { now, event: self.event, came: Came::default() }
    }
}

/// Why a piece has no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// It is long enough, and the next one follows.
    Full,
    /// So much happened that it could not be written down in time.
    Behind,
    /// So much was written that no more may be for a while.
    UsedUp,
    /// The exchange failed on the last event.
    Failed,
    /// The box was stopped.
    Stopped,
}

/// What stands in a recording, one after the other.
#[derive(Serialize, Deserialize)]
enum Entry {
    /// The rows of a noun, each with its value as JSON. Tables are numbered as they come.
    Table {
        noun: String,
        rows: Vec<wanted::WrittenRow>,
    },
    /// Numbers that are barred, sorted; snapshots that come later begin with these.
    Barred(Vec<barred::Key>),
    /// A snapshot: the numbers of its tables, and what has changed of the barred numbers.
    Wanted {
        revision: u64,
        tables: Vec<u32>,
        since: BTreeMap<barred::Key, i64>,
    },
    /// A piece begins.
    State {
        now: Now,
        exchange: Vec<u8>,
    },
    /// With the time since the entry before: microseconds, and milliseconds on the clock on the wall.
    Event {
        after_us: u64,
        after_ms: i64,
        event: Event,
    },
    /// Messages of strangers since the entry before.
    Strangers(u32),
    End(End),
}

/// Writes one recording.
#[derive(Debug)]
pub struct Recorder<W> {
    out: W,
    now: Now,
    tables: Tables,
    strangers: u32,
}

impl<W: Write> Recorder<W> {
    /// `version` is the program's.
    pub fn begin(mut out: W, version: &str) -> io::Result<Recorder<W>> {
        out.write_all(format!("{MAGIC}{version}\n").as_bytes())?;
        Ok(Recorder { out, now: Now::default(), tables: Tables::default(), strangers: 0 })
    }

    /// A piece begins.
    pub fn open(&mut self, state: State) -> io::Result<()> {
        for tenant in &state.snapshots {
            self.wanted(tenant)?;
        }
        (self.now, self.strangers) = (state.now, 0);
        self.put(&Entry::State { now: state.now, exchange: state.bytes })
    }

    /// An event that was handled.
    pub fn note(&mut self, told: Told) -> io::Result<()> {
        let Told { now, event, came } = told;
        if let Event::Tenant(tenant) = &event {
            self.wanted(tenant)?;
        }
        if self.strangers > 0 {
            let strangers = std::mem::take(&mut self.strangers);
            self.put(&Entry::Strangers(strangers))?;
        }
        let after_us = now.up.since(self.now.up).as_micros() as u64;
        let after_ms = now.wall.0 - self.now.wall.0;
        self.now = now;
        self.put(&Entry::Event { after_us, after_ms, event: without_secrets(event, &came) })
    }

    /// A message of a stranger was handled.
    pub fn stranger(&mut self) {
        self.strangers = self.strangers.saturating_add(1);
    }

    pub fn close(&mut self, end: End) -> io::Result<()> {
        self.put(&Entry::End(end))
    }

    pub fn out(&mut self) -> &mut W {
        &mut self.out
    }

    fn wanted(&mut self, tenant: &Arc<Tenant>) -> io::Result<()> {
        for entry in self.tables.new_of(tenant) {
            self.put(&entry)?;
        }
        Ok(())
    }

    fn put(&mut self, entry: &Entry) -> io::Result<()> {
        let bytes = postcard::to_stdvec(entry).map_err(io::Error::other)?;
        self.out.write_all(&(bytes.len() as u32).to_le_bytes())?;
        self.out.write_all(&bytes)
    }
}

fn without_secrets(event: Event, came: &Came) -> Event {
    match event {
        Event::Wire { came: at, report: wire::Report::Message { peer, bytes } } => {
            let bytes = recorded::theirs(&bytes, came);
            Event::Wire { came: at, report: wire::Report::Message { peer, bytes } }
        }
        Event::Sound(sound::Report::Digit { leg, ms, .. }) => {
            Event::Sound(sound::Report::Digit { leg, digit: came.pressed.unwrap_or(HIDDEN_KEY), ms })
        }
        Event::Wire { .. }
        | Event::Sound(_)
        | Event::Ask { .. }
        | Event::Tenant(_)
        | Event::PromptKept { .. }
        | Event::PluginAnswered { .. }
        | Event::Stored(_)
        | Event::Seed(_)
        | Event::Disk(_)
        | Event::ClockSet { .. }
        | Event::TimeSure(_)
        | Event::Tick => event,
    }
}

/// Actions as they are compared: without secrets, and without the messages in a story, of which those before its piece
/// are missing.
pub fn comparable(actions: &Actions) -> Vec<u8> {
    let mut actions = actions.clone();
    for action in actions.since(0) {
        if let Action::Remember(_, Fact::CallTold(story)) = action {
            story.ladder.clear();
            story.cut = false;
        }
    }
    postcard::to_stdvec(&actions.0).expect("actions are plain")
}
