//! The thread that puts entries on the disk, all that came together in one commit.
//!
//! What a request changed is answered when its entry is on the disk. Other entries (looking, refusals) wait for half a
//! second so that one commit takes many: a power cut costs at most those.

use super::note::Noted;
use crate::{
    history::audit::AuditEntry,
    store::{Fault, Store},
};
use crossbeam_channel::{Receiver, Sender, at, bounded, never, select, unbounded};
use std::{
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tokio::{sync::oneshot, time::timeout};

/// Entries that may wait for a disk that does not write; beyond it the newest are lost, and said so.
const WAITING_MAX: usize = 10_000;
/// As many in one commit.
const BATCH_MAX: usize = 1_000;
const EVERY: Duration = Duration::from_millis(500);
const RETRY: Duration = Duration::from_secs(1);
/// A change is answered without its entry on a disk that takes longer; the entry goes on waiting.
const PATIENCE: Duration = Duration::from_secs(5);

type Item = (AuditEntry, Option<oneshot::Sender<()>>);

pub struct Writer {
    entries: Sender<Item>,
    stop: Sender<()>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub fn start(store: Arc<Store>) -> Result<Writer, Fault> {
        // `send` keeps the bound; room for so many that is taken ahead would never be given back.
        let ((entries, waiting), (stop, stopping)) = (unbounded(), bounded(1));
        let work =
            Work { store, waiting, stopping, batch: Vec::new(), told: Vec::new(), failing: false, is_over: false };
        let thread = thread::Builder::new().name("audit".into()).spawn(move || work.run());
        let thread = thread.map_err(|error| Fault::NotReachable { path: "the audit log".into(), error })?;
        Ok(Writer { entries, stop, thread: Mutex::new(Some(thread)) })
    }

    /// What tells of a change is on the disk when this returns, all else within a second.
    pub async fn take(&self, noted: Option<Noted>) {
        let Some(Noted { entry, changed }) = noted else { return };
        if !changed {
            return self.send((entry, None));
        }
        let (told, wait) = oneshot::channel();
        self.send((entry, Some(told)));
        let _ = timeout(PATIENCE, wait).await;
    }

    /// Returns when everything pushed before is on the disk, if the disk writes.
    pub fn stop(&self) {
        let thread = self.thread.lock().expect("no panic while stopping").take();
        let _ = self.stop.try_send(());
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the audit log fell over");
        }
    }

    fn send(&self, item: Item) {
        if self.entries.len() >= WAITING_MAX {
            tracing::error!(action = item.0.action, "an audit entry is lost: the disk has not written for too long");
            return;
        }
        // Only a process that is ending has nobody who takes it.
        let _ = self.entries.send(item);
    }
}

struct Work {
    store: Arc<Store>,
    waiting: Receiver<Item>,
    stopping: Receiver<()>,
    batch: Vec<AuditEntry>,
    /// Who waits for the batch.
    told: Vec<oneshot::Sender<()>>,
    failing: bool,
    is_over: bool,
}

impl Work {
    fn run(mut self) {
        while !self.is_over {
            self.gather();
            self.write();
        }
        while !(self.failing || self.waiting.is_empty() && self.batch.is_empty()) {
            self.take_what_is_there();
            self.write();
        }
    }

    /// Waits for a first entry, then for others until it is time or somebody waits.
    #[allow(clippy::disallowed_methods, reason = "how long the writer waits is no time that anybody is told")]
    fn gather(&mut self) {
        let mut until = self.failing.then(|| Instant::now() + RETRY);
        while self.failing || (self.told.is_empty() && self.batch.len() < BATCH_MAX) {
            let is_full = self.batch.len() >= BATCH_MAX;
            let entries = if is_full { never() } else { self.waiting.clone() };
            select! {
                recv(entries) -> item => match item {
                    Ok(item) => self.take(item),
                    Err(_) => return self.is_over = true,
                },
                recv(self.stopping) -> _ => return self.is_over = true,
                recv(until.map_or_else(never, at)) -> _ => return,
            }
            until = until.or_else(|| Some(Instant::now() + EVERY));
        }
        self.take_what_is_there();
    }

    fn take_what_is_there(&mut self) {
        let room = BATCH_MAX.saturating_sub(self.batch.len());
        let there: Vec<Item> = self.waiting.try_iter().take(room).collect();
        there.into_iter().for_each(|item| self.take(item));
    }

    fn take(&mut self, (entry, told): Item) {
        self.batch.push(entry);
        self.told.extend(told);
    }

    fn write(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        if let Err(fault) = self.store.audit(&self.batch) {
            if !self.failing {
                tracing::error!(%fault, "the audit log cannot be written; its entries wait in memory");
            }
            return self.failing = true;
        }
        self.failing = false;
        self.batch.clear();
        // Whoever waited may be gone.
        self.told.drain(..).for_each(|told| {
            let _ = told.send(());
        });
    }
}
