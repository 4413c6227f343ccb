//! Nouns with very many rows: kept in `tables.redb`, found by indexes and by a folded copy of what is searched.

mod allow;
mod barred;
mod batch;
mod block;
mod blocks;
mod digits;
mod files;
mod fold;
mod key;
mod layout;
mod noun;
mod plan;
mod query;
mod settle;
mod state;
mod stream;
mod sweep;
#[cfg(test)]
mod tests;
mod turn;

pub use batch::{Batch, Rival};
pub use layout::{FILE, JOBS, fault as file_fault, next_of};
pub use query::{Query, Sort, Unsearched};

use super::{
    NotWritten, PAGE_MAX, Page,
    config::Kept,
    disk::{self, Disk},
    fault::Fault,
    filled::Need,
    journal::Entry,
    opened::Opened,
};
use crate::{
    schema::{Actor, Id, Resource, Tenant, barred::Change},
    time::Timestamp,
};
use layout::{HISTORY, JOURNAL};
use query::Reader;
use redb::ReadTransaction;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use turn::{Turn, Turns};

/// The open file, and whose turn it is to write.
#[derive(Debug)]
pub struct Tables {
    opened: Opened,
    turns: Turns,
    disk: Arc<dyn Disk>,
    resources: &'static [Resource],
    /// Kept, and not yet in the snapshot.
    barred: Mutex<Vec<Change>>,
}

impl Tables {
    pub fn open(disk: Arc<dyn Disk>, resources: &'static [Resource]) -> Result<Tables, Fault> {
        let opened = Opened::new(disk.clone(), layout::FILE, disk::TABLES_CACHE_BYTES);
        layout::prepare(&*opened.database()?, resources)?;
        Ok(Tables { opened, turns: Turns::default(), disk, resources, barred: Mutex::default() })
    }

    pub fn page(&self, tenant: &Tenant, resource: &'static Resource, query: &Query) -> Result<Page<Kept>, Fault> {
        Reader::open(&self.read()?, resource, tenant)?.page(query)
    }

    /// A page of the numbers of rows alone.
    pub fn ids(
        &self,
        tenant: &Tenant,
        resource: &'static Resource,
        query: &Query,
        limit: usize,
    ) -> Result<Page<Id>, Fault> {
        Reader::open(&self.read()?, resource, tenant)?.ids(query, limit)
    }

    /// How many rows meet a question.
    pub fn count(&self, tenant: &Tenant, resource: &'static Resource, query: &Query) -> Result<u64, Fault> {
        Reader::open(&self.read()?, resource, tenant)?.count(query)
    }

    pub fn row(&self, tenant: &Tenant, resource: &'static Resource, id: Id) -> Result<Option<Kept>, Fault> {
        Reader::open(&self.read()?, resource, tenant)?.row(id)
    }

    /// What became of one row since it was added, newest first, from before a revision if one is given.
    pub fn history(&self, resource: &Resource, id: Id, before: Option<u64>, limit: usize) -> Result<Vec<Entry>, Fault> {
        let transaction = self.read()?;
        let history = transaction.open_table(HISTORY).map_err(layout::fault)?;
        let journal = transaction.open_table(JOURNAL).map_err(layout::fault)?;
        let all = (resource.name, id.0, 0)..(resource.name, id.0, before.unwrap_or(u64::MAX));
        let mut entries = Vec::new();
        for place in history.range(all).map_err(layout::fault)?.rev().take(limit.min(PAGE_MAX)) {
            let revision = place.map_err(layout::fault)?.0.value().2;
            if let Some(bytes) = journal.get(revision).map_err(layout::fault)? {
                let entry = serde_json::from_slice(bytes.value());
                entries.push(entry.map_err(|error| Fault::broken(layout::FILE, error))?);
            }
        }
        Ok(entries)
    }

    /// Writes that are kept together or not at all, for somebody who waits for the answer.
    pub fn write<T>(
        &self,
        tenant: &Tenant,
        by: &Actor,
        at: Timestamp,
        work: impl FnOnce(&mut Batch) -> Result<T, NotWritten>,
    ) -> Result<T, NotWritten> {
        self.in_turn(&self.turns.person(), tenant, by, at, work)
    }

    /// The same for long work: people come first, and the batch should end when somebody waits
    /// (`Batch::is_awaited`).
    pub fn batch<T>(
        &self,
        tenant: &Tenant,
        by: &Actor,
        at: Timestamp,
        work: impl FnOnce(&mut Batch) -> Result<T, NotWritten>,
    ) -> Result<T, NotWritten> {
        self.in_turn(&self.turns.work(), tenant, by, at, work)
    }

    fn in_turn<T>(
        &self,
        turn: &Turn,
        tenant: &Tenant,
        by: &Actor,
        at: Timestamp,
        work: impl FnOnce(&mut Batch) -> Result<T, NotWritten>,
    ) -> Result<T, NotWritten> {
        self.disk.room(Need::Saves)?;
        let database = self.opened.database()?;
        let transaction = self.opened.after(layout::begin(&database))?;
        let mut batch = Batch::new(&transaction, turn, tenant, by, at);
        let done = match work(&mut batch) {
            Err(NotWritten::Fault(fault)) => return Ok(self.opened.after(Err(fault))?),
            done => done?,
        };
        let barred = std::mem::take(&mut batch.barred);
        let kept = batch.finish().and_then(|()| transaction.commit().map_err(layout::fault));
        self.opened.after(kept)?;
        self.waiting().extend(barred);
        Ok(done)
    }

    /// What has become of barred numbers since this was last asked.
    pub fn take_barred(&self) -> Vec<Change> {
        std::mem::take(&mut *self.waiting())
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Change>> {
        self.barred.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does `work` while nobody writes to the file or opens it.
    pub fn still<T>(&self, work: impl FnOnce() -> T) -> T {
        self.opened.still(work)
    }

    pub(super) fn read(&self) -> Result<ReadTransaction, Fault> {
        layout::read(&*self.opened.database()?)
    }
}
