//! The audit log: a file of its own, to which entries are only added, until their days are over (AUD-20, AUD-21).

use super::{
    PAGE_MAX, Page, Store,
    disk::{Disk, set_aside},
    facts::{packed, unpacked},
    fault::{Fault, caught, of_redb},
    filled::Need,
    opened::Opened,
};
use crate::{history::audit::AuditEntry, time::Timestamp};
use redb::{
    Database, Durability, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition, WriteTransaction,
};
use std::sync::Arc;

pub const FILE: &str = "audit.redb";

/// When it was and its number → the entry.
const ENTRIES: TableDefinition<(i64, u64), &[u8]> = TableDefinition::new("entries");
/// `next`: the number of the next entry.
const STATE: TableDefinition<&str, u64> = TableDefinition::new("state");
const NEXT: &str = "next";

/// Entries that are kept at most, so that whoever asks all day does not fill the disk; the oldest go first.
const ENTRIES_MAX: u64 = 1_000_000;
const CACHE_BYTES: usize = 1 << 20;

#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Contained in user name, address or request address, letter case and outer spaces ignored (AUD-7).
    pub search: String,
    /// Only what this person did, or somebody as this person (AUD-8).
    pub username: Option<String>,
    /// At or after this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub to: Option<Timestamp>,
    /// 1 to `PAGE_MAX`.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl AuditQuery {
    fn finds_all(&self) -> bool {
        self.search.trim().is_empty() && self.username.is_none() && self.from.is_none() && self.to.is_none()
    }
}

type Entries = redb::ReadOnlyTable<(i64, u64), &'static [u8]>;

/// An entry by its place.
pub type Audited = (String, AuditEntry);

/// The file, set aside and begun anew if it is broken: the office goes on without what was in it (BOX-7).
pub fn open(disk: Arc<dyn Disk>) -> Result<Opened, Fault> {
    let file = Opened::new(disk.clone(), FILE, CACHE_BYTES);
    match caught(FILE, || file.database().and_then(|database| prepare(&database))) {
        Err(Fault::Broken { what, .. }) => {
            tracing::error!(what, "the audit log is broken and set aside");
            drop(file);
            set_aside(&*disk, FILE)?;
            let file = Opened::new(disk, FILE, CACHE_BYTES);
            prepare(&*file.database()?)?;
            Ok(file)
        }
        other => other.map(|()| file),
    }
}

fn prepare(database: &Database) -> Result<(), Fault> {
    let known = database.begin_read().map_err(fault)?.open_table(STATE);
    match known {
        Ok(_) => Ok(()),
        Err(redb::TableError::TableDoesNotExist(_)) => {
            let transaction = begin(database)?;
            transaction.open_table(ENTRIES).map_err(fault)?;
            transaction.open_table(STATE).map_err(fault)?;
            transaction.commit().map_err(fault)
        }
        Err(error) => Err(fault(error)),
    }
}

impl Store {
    /// Adds entries, all in one commit; they are on the disk when this returns.
    pub fn audit(&self, entries: &[AuditEntry]) -> Result<(), Fault> {
        self.audit_needing(Need::Saves, entries)
    }

    pub(super) fn audit_needing(&self, need: Need, entries: &[AuditEntry]) -> Result<(), Fault> {
        self.disk.room(need)?;
        self.change_audit(|transaction| {
            let mut state = transaction.open_table(STATE).map_err(fault)?;
            let mut table = transaction.open_table(ENTRIES).map_err(fault)?;
            let mut next = state.get(NEXT).map_err(fault)?.map_or(0, |number| number.value());
            for entry in entries {
                table.insert((entry.created_at.0, next), &*packed(entry)?).map_err(fault)?;
                next += 1;
            }
            for _ in ENTRIES_MAX..table.len().map_err(fault)? {
                table.pop_first().map_err(fault)?;
            }
            state.insert(NEXT, next).map(drop).map_err(fault)
        })
    }

    /// Entries that meet the query, newest first.
    pub fn audited(&self, query: &AuditQuery) -> Result<Page<Audited>, Fault> {
        let limit = query.limit.clamp(1, PAGE_MAX);
        let before = query.cursor.as_deref().map(|cursor| place(cursor).unwrap_or((i64::MIN, 0)));
        let (mut items, mut total, mut more) = (Vec::new(), 0, false);
        let all = query.finds_all();
        self.each_audited(query, |at, entry| {
            total += 1;
            if before.is_none_or(|before| at < before) {
                more = items.len() == limit;
                if !more {
                    items.push((name(at), entry));
                }
            }
            !(all && more)
        })?;
        if all {
            total = self.audit_table(|table| table.len().map_err(fault))?;
        }
        let next = items.last().filter(|_| more).map(|(name, _): &Audited| name.clone());
        Ok(Page { items, next, total })
    }

    /// Every entry that meets the query, newest first, until `take` says no.
    pub fn each_audited(
        &self,
        query: &AuditQuery,
        mut take: impl FnMut((i64, u64), AuditEntry) -> bool,
    ) -> Result<(), Fault> {
        let from = query.from.map_or(i64::MIN, |from| from.0);
        let to = query.to.map_or(i64::MAX, |to| to.0);
        let search = query.search.trim().to_lowercase();
        self.audit_table(|table| {
            for entry in table.range((from, 0)..(to.max(from), 0)).map_err(fault)?.rev() {
                let (at, bytes) = entry.map_err(fault)?;
                let entry: AuditEntry = unpacked(bytes.value())?;
                if meets(&entry, query, &search) && !take(at.value(), entry) {
                    break;
                }
            }
            Ok(())
        })
    }

    pub fn audit_entry(&self, id: &str) -> Result<Option<AuditEntry>, Fault> {
        let Some(at) = place(id) else { return Ok(None) };
        self.audit_table(|table| table.get(at).map_err(fault)?.map(|bytes| unpacked(bytes.value())).transpose())
    }

    /// Removes entries from before this moment (AUD-21).
    pub fn forget_audited_before(&self, moment: Timestamp) -> Result<u64, Fault> {
        let mut gone = 0;
        self.change_audit(|transaction| {
            let mut table = transaction.open_table(ENTRIES).map_err(fault)?;
            let counted = table.retain_in(..(moment.0, 0), |_, _| {
                gone += 1;
                false
            });
            counted.map_err(fault)
        })?;
        Ok(gone)
    }

    fn audit_table<T>(&self, read: impl FnOnce(&Entries) -> Result<T, Fault>) -> Result<T, Fault> {
        let database = self.audit.database()?;
        read(&database.begin_read().map_err(fault)?.open_table(ENTRIES).map_err(fault)?)
    }

    fn change_audit(&self, write: impl FnOnce(&WriteTransaction) -> Result<(), Fault>) -> Result<(), Fault> {
        let database = self.audit.database()?;
        self.audit.after(begin(&database).and_then(|transaction| {
            write(&transaction)?;
            transaction.commit().map_err(fault)
        }))
    }
}

fn meets(entry: &AuditEntry, query: &AuditQuery, search: &str) -> bool {
    let by = |name: &String| entry.username.eq_ignore_ascii_case(name) || entry.acted_by.as_ref() == Some(name);
    let holds = |text: &str| text.to_lowercase().contains(search);
    query.username.as_ref().is_none_or(by)
        && (search.is_empty()
            || holds(&entry.username)
            || holds(&entry.request_address)
            || holds(&entry.ip_address.to_string()))
}

/// On the disk when committed, and open at once after a power cut.
fn begin(database: &Database) -> Result<WriteTransaction, Fault> {
    let mut transaction = database.begin_write().map_err(fault)?;
    transaction.set_durability(Durability::Immediate).map_err(fault)?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    Ok(transaction)
}

fn name((at, number): (i64, u64)) -> String {
    format!("{at}-{number}")
}

fn place(name: &str) -> Option<(i64, u64)> {
    let (at, number) = name.rsplit_once('-')?;
    Some((at.parse().ok()?, number.parse().ok()?))
}

fn fault(error: impl Into<redb::Error>) -> Fault {
    of_redb(FILE, error)
}
