//! What each write changed: read by undo, the audit log and the mirror above.

use super::{config, fault::Fault};
use crate::{
    schema::{Actor, Id},
    time::Timestamp,
};
use redb::{Database, WriteTransaction};
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
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// Secrets that are not what they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets_changed: Vec<String>,
}

/// Writes the entry in the transaction of the write itself.
pub fn append(transaction: &WriteTransaction, entry: &Entry) -> Result<(), Fault> {
    let mut journal = transaction.open_table(config::JOURNAL).map_err(config::fault)?;
    let bytes = serde_json::to_vec(entry).map_err(|error| Fault::broken(config::FILE, error))?;
    journal.insert(entry.revision, &*bytes).map_err(config::fault)?;
    if let Some(gone) = entry.revision.checked_sub(ENTRIES_MAX) {
        journal.remove(gone).map_err(config::fault)?;
    }
    Ok(())
}

/// Newest first, from before `revision` if one is given.
pub fn entries(database: &Database, before: Option<u64>, limit: usize) -> Result<Vec<Entry>, Fault> {
    let journal = config::read(database)?.open_table(config::JOURNAL).map_err(config::fault)?;
    let newest = journal.range(..before.unwrap_or(u64::MAX)).map_err(config::fault)?.rev().take(limit);
    newest
        .map(|entry| {
            let (_, bytes) = entry.map_err(config::fault)?;
            serde_json::from_slice(bytes.value()).map_err(|error| Fault::broken(config::FILE, error))
        })
        .collect()
}
