//! What each write changed: read by undo, the audit log and the mirror above.

use super::{config, fault::Fault};
use crate::{
    schema::{Actor, Id},
    time::Timestamp,
};
use redb::{Database, ReadableTable, Table, WriteTransaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Writes that are kept; the oldest goes first.
pub const ENTRIES_MAX: u64 = 100_000;

/// One write to one row. Values are without secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub revision: u64,
    pub at: Timestamp,
    pub by: Actor,
    pub noun: String,
    pub id: Id,
    /// The row's own count of writes behind this one; 0: from before it was kept.
    #[serde(default)]
    pub rev: u64,
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// Secrets that are not what they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets_changed: Vec<String>,
}

/// The journal in the transaction of the writes themselves.
pub struct Journal<'t> {
    entries: Table<'t, u64, &'static [u8]>,
    of_rows: Table<'t, (&'static str, u64, u64), ()>,
}

impl Journal<'_> {
    pub fn open(transaction: &WriteTransaction) -> Result<Journal<'_>, Fault> {
        let entries = transaction.open_table(config::JOURNAL).map_err(config::fault)?;
        let of_rows = transaction.open_table(config::JOURNAL_OF_ROWS).map_err(config::fault)?;
        Ok(Journal { entries, of_rows })
    }

    pub fn append(&mut self, entry: &Entry) -> Result<(), Fault> {
        let bytes = serde_json::to_vec(entry).map_err(|error| Fault::broken(config::FILE, error))?;
        self.entries.insert(entry.revision, &*bytes).map_err(config::fault)?;
        self.name(entry)?;
        entry.revision.checked_sub(ENTRIES_MAX).map_or(Ok(()), |oldest| self.drop(oldest))
    }

    fn name(&mut self, entry: &Entry) -> Result<(), Fault> {
        let key = (&*entry.noun, entry.id.0, entry.revision);
        self.of_rows.insert(key, ()).map(drop).map_err(config::fault)
    }

    fn drop(&mut self, revision: u64) -> Result<(), Fault> {
        let gone =
            self.entries.remove(revision).map_err(config::fault)?.map(|bytes| read(bytes.value())).transpose()?;
        let Some(gone) = gone else { return Ok(()) };
        self.of_rows.remove((&*gone.noun, gone.id.0, revision)).map(drop).map_err(config::fault)
    }
}

/// Of a journal that was kept without: its entries are found by their rows.
pub fn name_all(transaction: &WriteTransaction) -> Result<(), Fault> {
    let entries = all(transaction)?;
    let mut journal = Journal::open(transaction)?;
    entries.iter().try_for_each(|entry| journal.name(entry))
}

/// Every entry that is kept, from the oldest.
pub fn all(transaction: &WriteTransaction) -> Result<Vec<Entry>, Fault> {
    let journal = Journal::open(transaction)?;
    let entries = journal.entries.iter().map_err(config::fault)?;
    entries.map(|entry| read(entry.map_err(config::fault)?.1.value())).collect()
}

fn read(bytes: &[u8]) -> Result<Entry, Fault> {
    serde_json::from_slice(bytes).map_err(|error| Fault::broken(config::FILE, error))
}

/// Of one row, newest first, from before `revision` if one is given.
pub fn of_row(database: &Database, noun: &str, id: Id, before: Option<u64>, limit: usize) -> Result<Vec<Entry>, Fault> {
    let transaction = config::read(database)?;
    let entries = transaction.open_table(config::JOURNAL).map_err(config::fault)?;
    let of_rows = transaction.open_table(config::JOURNAL_OF_ROWS).map_err(config::fault)?;
    let keys = of_rows.range((noun, id.0, 0)..(noun, id.0, before.unwrap_or(u64::MAX))).map_err(config::fault)?;
    let mut found = Vec::new();
    for key in keys.rev().take(limit) {
        let revision = key.map_err(config::fault)?.0.value().2;
        found.extend(entries.get(revision).map_err(config::fault)?.map(|bytes| read(bytes.value())).transpose()?);
    }
    Ok(found)
}

/// One entry, while it is kept.
pub fn entry(database: &Database, revision: u64) -> Result<Option<Entry>, Fault> {
    let entries = config::read(database)?.open_table(config::JOURNAL).map_err(config::fault)?;
    entries.get(revision).map_err(config::fault)?.map(|bytes| read(bytes.value())).transpose()
}

/// Newest first, from before `revision` if one is given.
pub fn entries(database: &Database, before: Option<u64>, limit: usize) -> Result<Vec<Entry>, Fault> {
    let journal = config::read(database)?.open_table(config::JOURNAL).map_err(config::fault)?;
    let newest = journal.range(..before.unwrap_or(u64::MAX)).map_err(config::fault)?.rev().take(limit);
    newest
        .map(|entry| {
            let (_, bytes) = entry.map_err(config::fault)?;
            read(bytes.value())
        })
        .collect()
}
