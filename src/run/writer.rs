//! The thread that puts facts on the disk, all that came together in one commit.

use super::{
    clock,
    memory::{self, Rest},
    way_in::WayIn,
};
use crate::{
    exchange::Event,
    history::fact::{Fact, FactNumber},
    store::Store,
};
use crossbeam_channel::{Receiver, RecvTimeoutError, Select, Sender, bounded, unbounded};
use std::{
    cell::Cell,
    io,
    sync::{Arc, Weak},
    thread::{self, JoinHandle},
    time::Duration,
};
use tracing::{error, info};

/// Facts that may wait for a disk that does not write; beyond it the newest are lost, and said so.
const WAITING_MAX: usize = 200_000;
/// Bans that may wait. What lifts them is not lost before ten times as many wait.
const BANS_MAX: usize = 1_024;
const LIFTS_MAX: usize = 10 * BANS_MAX;
/// Who may wait for a flush.
const FLUSHES_MAX: usize = 16;
/// BOX-93 asks for what is a second old; half of it is left to the disk.
const EVERY: Duration = Duration::from_millis(500);
const RETRY: Duration = Duration::from_secs(1);

/// The exchange's end: never waits.
#[derive(Clone)]
pub struct FactQueue {
    /// This and the next take memory only for what waits; whoever fills them keeps their bounds.
    facts: Sender<(FactNumber, Fact)>,
    /// Addresses and what must be known of their bans, none if they are lifted (BOX-146).
    bans: Sender<(String, Option<Vec<u8>>)>,
    flushes: Sender<Sender<()>>,
    /// Facts are lost at the moment: said once, not for each.
    losing: Cell<bool>,
    /// Gone when the thread is.
    writer: Weak<()>,
}

impl FactQueue {
    pub fn push(&self, number: FactNumber, fact: Fact) {
        let lost = self.facts.len() >= WAITING_MAX || self.facts.send((number, fact)).is_err();
        let before = self.losing.replace(lost);
        if lost && !before {
            error!(from = number.0, "facts are lost: the disk has not written for too long; check the disk");
        }
    }

    /// Whether the thread fell: nothing is written any more.
    pub fn has_fallen(&self) -> bool {
        self.writer.strong_count() == 0
    }

    /// Kept at the next commit; a ban that a full queue loses ends with the process.
    pub fn ban(&self, address: String, ban: Vec<u8>) {
        if self.bans.len() < BANS_MAX {
            let _ = self.bans.send((address, Some(ban)));
        }
    }

    pub fn lift_ban(&self, address: String) {
        if self.bans.len() >= LIFTS_MAX || self.bans.send((address, None)).is_err() {
            error!("a lifted ban comes back with the next start: the disk has not written for too long");
        }
    }

    /// Returns when everything pushed before is on the disk, or after `patience`.
    pub fn flush(&self, patience: Duration) {
        let (done, wait) = bounded(1);
        if self.flushes.send(done).is_ok() {
            let _ = wait.recv_timeout(patience);
        }
    }
}

pub fn start(store: Arc<Store>, way_in: WayIn) -> io::Result<(FactQueue, JoinHandle<()>)> {
    let ((facts, waiting), (bans, banned), (flushes, asked)) = (unbounded(), unbounded(), bounded(FLUSHES_MAX));
    let writer = Writer { store, way_in, waiting, banned, asked, facts: Vec::new(), failing: false };
    let there = Arc::new(());
    let queue = FactQueue { facts, bans, flushes, losing: Cell::new(false), writer: Arc::downgrade(&there) };
    let thread = thread::Builder::new().name("facts".into()).spawn(move || {
        let _there = there;
        writer.run();
    })?;
    Ok((queue, thread))
}

struct Writer {
    store: Arc<Store>,
    way_in: WayIn,
    waiting: Receiver<(FactNumber, Fact)>,
    banned: Receiver<(String, Option<Vec<u8>>)>,
    asked: Receiver<Sender<()>>,
    /// Taken from the queue and not on the disk yet.
    facts: Vec<(FactNumber, Fact)>,
    failing: bool,
}

impl Writer {
    /// Woken by the first fact, not by each: the others are taken when it is time.
    fn run(mut self) {
        let (mut flushes, mut rest) = (Vec::<Sender<()>>::new(), Rest::new(clock::now().up));
        loop {
            if rest.look(clock::now().up, false) {
                memory::collect();
            }
            if self.facts.is_empty() && flushes.is_empty() {
                self.sleep();
            }
            let ended = match self.asked.recv_timeout(if self.failing { RETRY } else { EVERY }) {
                Ok(done) => {
                    flushes.push(done);
                    false
                }
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => true,
            };
            self.write_bans();
            self.write();
            if self.facts.is_empty() && (ended || !flushes.is_empty()) {
                // What was pushed behind a batch that had to wait.
                self.write();
            }
            if self.facts.is_empty() {
                // Whoever asked may have lost patience.
                for done in flushes.drain(..) {
                    let _ = done.send(());
                }
            }
            if ended {
                return;
            }
        }
    }

    /// Until there is a fact, someone asks, or all who could are gone.
    fn sleep(&self) {
        let mut select = Select::new();
        select.recv(&self.waiting);
        select.recv(&self.banned);
        select.recv(&self.asked);
        if select.ready_timeout(memory::QUIET).is_err() {
            memory::collect();
            select.ready();
        }
    }

    fn write_bans(&self) {
        let bans: Vec<_> = self.banned.try_iter().take(LIFTS_MAX).collect();
        if !bans.is_empty()
            && let Err(fault) = self.store.keep_bans(&bans)
        {
            error!(%fault, "a ban is not kept over a restart");
        }
    }

    /// All that waits, in one commit. What a disk refuses is kept and nothing more is taken before it is written.
    fn write(&mut self) {
        if self.facts.is_empty() {
            self.facts.extend(self.waiting.try_iter().take(WAITING_MAX));
        }
        let Some(&(last, _)) = self.facts.last() else { return };
        match self.store.facts(&self.facts) {
            Ok(()) => {
                self.facts = Vec::new();
                self.way_in.tell(Event::Stored(last));
                if self.failing {
                    info!("the disk writes again");
                }
                self.failing = false;
            }
            Err(fault) => {
                if !self.failing {
                    let waiting = self.facts.len() + self.waiting.len();
                    error!(%fault, waiting, "call records cannot be written; they wait in memory");
                }
                self.failing = true;
            }
        }
    }
}
