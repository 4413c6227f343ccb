//! The thread that puts facts on the disk, all that came together in one commit.

use super::{clock, way_in::WayIn};
use crate::{
    exchange::Event,
    history::fact::{Fact, FactNumber},
    store::Store,
};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::{
    io,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};
use tracing::{error, info};

/// Facts that may wait for a disk that does not write; beyond it the newest are lost, and said so.
const WAITING_MAX: usize = 200_000;
/// BOX-93 asks for what is a second old; half of it is left to the disk.
const EVERY: Duration = Duration::from_millis(500);
const RETRY: Duration = Duration::from_secs(1);

enum Entry {
    Fact(FactNumber, Fact),
    /// An address and what must be known of its ban (BOX-146).
    Ban(String, Vec<u8>),
    /// Write what waits now, and say when it is done.
    Flush(Sender<()>),
}

/// The exchange's end: never waits.
#[derive(Clone)]
pub struct FactQueue(Sender<Entry>);

impl FactQueue {
    pub fn push(&self, number: FactNumber, fact: Fact) {
        if self.0.try_send(Entry::Fact(number, fact)).is_err() {
            error!(number = number.0, "a fact is lost: the disk has not written for too long; check the disk");
        }
    }

    /// Kept at the next commit; a ban that a full queue loses ends with the process.
    pub fn ban(&self, address: String, ban: Vec<u8>) {
        let _ = self.0.try_send(Entry::Ban(address, ban));
    }

    /// Returns when everything pushed before is on the disk, or after `patience`.
    pub fn flush(&self, patience: Duration) {
        let (done, wait) = bounded(1);
        if self.0.send(Entry::Flush(done)).is_ok() {
            let _ = wait.recv_timeout(patience);
        }
    }
}

pub fn start(store: Arc<Store>, way_in: WayIn) -> io::Result<(FactQueue, JoinHandle<()>)> {
    let (queue, entries) = bounded(WAITING_MAX);
    let thread = thread::Builder::new().name("facts".into()).spawn(move || write_all(&store, &way_in, &entries))?;
    Ok((FactQueue(queue), thread))
}

fn write_all(store: &Store, way_in: &WayIn, entries: &Receiver<Entry>) {
    let (mut facts, mut bans, mut flushes) = (Vec::new(), Vec::new(), Vec::new());
    let mut first_at = None;
    let mut failing = false;
    loop {
        let now = clock::now().up;
        let due = first_at.map_or(EVERY, |at| EVERY.saturating_sub(now.since(at)));
        let ended = match entries.recv_timeout(if failing { RETRY } else { due }) {
            Ok(Entry::Fact(number, fact)) => {
                facts.push((number, fact));
                first_at.get_or_insert(now);
                false
            }
            Ok(Entry::Ban(address, ban)) => {
                bans.push((address, ban));
                first_at.get_or_insert(now);
                false
            }
            Ok(Entry::Flush(done)) => {
                flushes.push(done);
                false
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => true,
        };
        let is_due = first_at.is_some_and(|at| clock::now().up.since(at) >= EVERY);
        let is_time = is_due || !flushes.is_empty() || ended;
        if is_time && !bans.is_empty() {
            if let Err(fault) = store.keep_bans(&bans) {
                error!(%fault, "a ban is not kept over a restart");
            }
            bans.clear();
            first_at = first_at.filter(|_| !facts.is_empty());
        }
        if is_time && !facts.is_empty() {
            match store.facts(&facts) {
                Ok(()) => {
                    let last = facts.last().map(|(number, _)| *number);
                    facts.clear();
                    first_at = None;
                    last.into_iter().for_each(|number| way_in.tell(Event::Stored(number)));
                    if failing {
                        info!("the disk writes again");
                    }
                    failing = false;
                }
                Err(fault) => {
                    if !failing {
                        error!(%fault, waiting = facts.len(), "call records cannot be written; they wait in memory");
                    }
                    failing = true;
                }
            }
        }
        if facts.is_empty() {
            flushes.drain(..).for_each(|done: Sender<()>| {
                // Whoever asked may have lost patience.
                let _ = done.send(());
            });
        }
        if ended {
            return;
        }
    }
}
