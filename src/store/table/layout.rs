//! The file of the tables: what lies in it, and how a write begins.

use crate::{
    schema::{Held, Resource},
    store::{
        config::Kept,
        fault::{Fault, of_redb},
    },
};
use redb::{Database, Durability, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

pub const FILE: &str = "tables.redb";

/// Figures by name: the newest revision, the next number of each noun.
pub const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
/// Noun and field or index → its number in keys and blocks; never given to another.
pub const SLOTS: TableDefinition<(&str, &str), u16> = TableDefinition::new("slots");
/// Noun, part and index → how far it is built.
pub const STATES: TableDefinition<(&str, u64, &str), &[u8]> = TableDefinition::new("states");
/// Revision → `journal::Entry` as JSON.
pub const JOURNAL: TableDefinition<u64, &[u8]> = TableDefinition::new("journal");
/// Noun, row and revision of each entry in the journal.
pub const HISTORY: TableDefinition<(&str, u64, u64), ()> = TableDefinition::new("history");

/// Noun, row, part and number of each number that is barred with its row.
pub const BARRED: TableDefinition<(&str, u64, u64, &str), ()> = TableDefinition::new("barred");

/// Number → `history::Job` as JSON.
pub const JOBS: TableDefinition<u64, &[u8]> = TableDefinition::new("jobs");

/// The tables of one noun.
#[derive(Clone, Debug)]
pub struct Names {
    rows: String,
    index: String,
    counts: String,
    blocks: String,
    digits: String,
}

impl Names {
    pub fn of(noun: &str) -> Names {
        let name = |table: &str| format!("{noun}/{table}");
        Names {
            rows: name("rows"),
            index: name("index"),
            counts: name("counts"),
            blocks: name("blocks"),
            digits: name("digits"),
        }
    }

    /// Number → `Kept` as JSON.
    pub fn rows(&self) -> TableDefinition<'_, u64, &'static [u8]> {
        TableDefinition::new(&self.rows)
    }

    /// See `key`.
    pub fn index(&self) -> TableDefinition<'_, &'static [u8], ()> {
        TableDefinition::new(&self.index)
    }

    /// Rows by what their entries in an index begin with.
    pub fn counts(&self) -> TableDefinition<'_, &'static [u8], u64> {
        TableDefinition::new(&self.counts)
    }

    /// Part and first row → see `block`.
    pub fn blocks(&self) -> TableDefinition<'_, (u64, u64), &'static [u8]> {
        TableDefinition::new(&self.blocks)
    }

    /// The same places → see `digits`.
    pub fn digits(&self) -> TableDefinition<'_, (u64, u64), &'static [u8]> {
        TableDefinition::new(&self.digits)
    }
}

/// Whatever redb answers, about this file.
pub fn fault(error: impl Into<redb::Error>) -> Fault {
    of_redb(FILE, error)
}

pub fn read(database: &Database) -> Result<ReadTransaction, Fault> {
    database.begin_read().map_err(fault)
}

/// What is committed is on the disk, and the file opens at once after a power cut (BOX-97).
pub fn begin(database: &Database) -> Result<WriteTransaction, Fault> {
    let mut transaction = database.begin_write().map_err(fault)?;
    transaction.set_durability(Durability::Immediate).map_err(fault)?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    Ok(transaction)
}

/// Makes the tables that are not there yet.
pub fn prepare(database: &Database, resources: &[Resource]) -> Result<(), Fault> {
    let known = read(database)?.list_tables().map_err(fault)?.count();
    let nouns: Vec<_> = resources.iter().filter(|resource| resource.held == Held::Table).collect();
    if known >= 6 + 5 * nouns.len() {
        return Ok(());
    }
    let transaction = begin(database)?;
    transaction.open_table(META).map_err(fault)?;
    transaction.open_table(SLOTS).map_err(fault)?;
    transaction.open_table(STATES).map_err(fault)?;
    transaction.open_table(JOURNAL).map_err(fault)?;
    transaction.open_table(HISTORY).map_err(fault)?;
    transaction.open_table(JOBS).map_err(fault)?;
    for names in nouns.iter().map(|resource| Names::of(resource.name)) {
        transaction.open_table(names.rows()).map_err(fault)?;
        transaction.open_table(names.index()).map_err(fault)?;
        transaction.open_table(names.counts()).map_err(fault)?;
        transaction.open_table(names.blocks()).map_err(fault)?;
        transaction.open_table(names.digits()).map_err(fault)?;
    }
    transaction.commit().map_err(fault)
}

/// The next number of this name, used up.
pub fn next_of(transaction: &WriteTransaction, name: &str) -> Result<u64, Fault> {
    let mut meta = transaction.open_table(META).map_err(fault)?;
    let next = meta.get(name).map_err(fault)?.map_or(1, |next| next.value());
    meta.insert(name, next + 1).map_err(fault)?;
    Ok(next)
}

/// A row as it lies in the file, raised to the noun's version.
pub fn kept(resource: &Resource, bytes: &[u8]) -> Result<Kept, Fault> {
    let mut kept: Kept = serde_json::from_slice(bytes).map_err(|error| Fault::broken(FILE, error))?;
    while kept.envelope.version < resource.version {
        kept.value = (resource.upgrade)(kept.envelope.version, std::mem::take(&mut kept.value));
        kept.envelope.version += 1;
    }
    Ok(kept)
}
