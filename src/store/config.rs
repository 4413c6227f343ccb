//! The file with everything wanted: its tables, and the snapshot read from it at start.

use super::{
    draft::next_number,
    fault::{Fault, of_redb},
    locations,
    seal::Seal,
};
use crate::{
    schema::{Id, Resource, Tenant, envelope::Envelope},
    time::Timestamp,
};
use redb::{
    Database, Durability, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, TableError,
    WriteTransaction,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

pub const FILE: &str = "config.redb";

/// Figures by name: the layout, the newest revision, the next number of each noun.
pub const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
/// Noun and number → `Kept` as JSON. A new noun needs no table.
pub const ROWS: TableDefinition<(&str, u64), &[u8]> = TableDefinition::new("rows");
/// Revision → `journal::Entry` as JSON.
pub const JOURNAL: TableDefinition<u64, &[u8]> = TableDefinition::new("journal");
/// Noun, number and revision of each entry of the journal.
pub const JOURNAL_OF_ROWS: TableDefinition<(&str, u64, u64), ()> = TableDefinition::new("journal_of_rows");
/// Noun, when and revision → what became of one of its rows, as JSON (`log::Entry`).
pub const LOG: TableDefinition<(&str, i64, u64), &[u8]> = TableDefinition::new("log");
/// Who and which list → the columns they chose, as JSON (LST-11).
pub const COLUMNS: TableDefinition<(&str, &str), &[u8]> = TableDefinition::new("columns");
pub const SESSIONS: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("sessions");
/// Address → order of coming and opaque bytes.
pub const BANS: TableDefinition<&str, (u64, &[u8])> = TableDefinition::new("bans");
/// SHA-256 of a word → when, and the sealed answer that was given under it.
pub const ANSWERS: TableDefinition<&[u8; 32], (i64, &str)> = TableDefinition::new("answers");
/// When and under which word → how long the sealed answer is.
pub const ANSWERS_BY_AGE: TableDefinition<(i64, &[u8; 32]), u64> = TableDefinition::new("answers_by_age");
/// SHA-256 of a kept file → what is known of it, as JSON.
pub const FILES: TableDefinition<&str, &str> = TableDefinition::new("files");
/// Sealed texts by name: what tells whether the key file fits, and the example office's sign-ins.
pub const SEALED: TableDefinition<&str, &str> = TableDefinition::new("sealed");

const PROOF: &str = "proof";
const PROOF_TEXT: &str = "this key fits";

/// A row as it lies on the disk: secrets are in `sealed`, not in `value`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    #[serde(flatten)]
    pub envelope: Envelope,
    pub value: Value,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub sealed: Map<String, Value>,
}

/// Whatever redb answers, about this file.
pub fn fault(error: impl Into<redb::Error>) -> Fault {
    of_redb(FILE, error)
}

/// Every write is on the disk when it is answered, and the file opens at once after a power cut (BOX-92).
pub fn begin(database: &Database) -> Result<WriteTransaction, Fault> {
    let mut transaction = database.begin_write().map_err(fault)?;
    transaction.set_durability(Durability::Immediate).map_err(fault)?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    Ok(transaction)
}

/// Makes the tables of an empty file; whether the key is that of the file.
pub fn prepare(database: &Database, seal: &Seal, layout: u64) -> Result<bool, Fault> {
    match read(database)?.open_table(SEALED) {
        Ok(proof) => {
            let kept = proof.get(PROOF).map_err(fault)?;
            let text = kept.and_then(|kept| seal.open_text(PROOF, kept.value()));
            Ok(text.as_deref() == Some(PROOF_TEXT))
        }
        Err(TableError::TableDoesNotExist(_)) => make(database, seal, layout).map(|()| true),
        Err(error) => Err(fault(error)),
    }
}

fn make(database: &Database, seal: &Seal, layout: u64) -> Result<(), Fault> {
    let transaction = begin(database)?;
    transaction.open_table(META).map_err(fault)?.insert("layout", layout).map_err(fault)?;
    transaction.open_table(ROWS).map_err(fault)?;
    transaction.open_table(JOURNAL).map_err(fault)?;
    transaction.open_table(JOURNAL_OF_ROWS).map_err(fault)?;
    transaction.open_table(LOG).map_err(fault)?;
    transaction.open_table(COLUMNS).map_err(fault)?;
    transaction.open_table(SESSIONS).map_err(fault)?;
    transaction.open_table(BANS).map_err(fault)?;
    transaction.open_table(ANSWERS).map_err(fault)?;
    transaction.open_table(ANSWERS_BY_AGE).map_err(fault)?;
    transaction.open_table(FILES).map_err(fault)?;
    let proof = seal.close(PROOF, PROOF_TEXT)?;
    transaction.open_table(SEALED).map_err(fault)?.insert(PROOF, &*proof).map_err(fault)?;
    transaction.commit().map_err(fault)
}

/// The snapshot of all rows, secrets opened.
pub fn load(database: &Database, seal: &Seal, resources: &[Resource]) -> Result<Tenant, Fault> {
    let transaction = read(database)?;
    let meta = transaction.open_table(META).map_err(fault)?;
    let rows = transaction.open_table(ROWS).map_err(fault)?;
    let mut tenant = Tenant::default();
    tenant.locations = Arc::new(locations::load(database)?);
    tenant.revision = meta.get("revision").map_err(fault)?.map_or(0, |number| number.value());
    for entry in rows.iter().map_err(fault)? {
        let (key, bytes) = entry.map_err(fault)?;
        let (noun, id) = key.value();
        let wrong = |what: &str| Fault::broken(FILE, format!("row {noun}/{id}: {what}"));
        let Some(resource) = resources.iter().find(|resource| resource.name == noun) else { continue };
        let kept: Kept = serde_json::from_slice(bytes.value()).map_err(|error| wrong(&error.to_string()))?;
        let value = opened(seal, noun, &kept).ok_or_else(|| wrong("a secret does not open"))?;
        tenant.put(resource, kept.envelope, value).map_err(|what| wrong(&what))?;
    }
    locations::relocate(&mut tenant, resources);
    Ok(tenant)
}

/// Gives every noun that has none the rows that every office has from the beginning; nobody's write, so no revision.
pub fn give_first(database: &Database, resources: &[Resource], tenant: &Tenant, at: Timestamp) -> Result<bool, Fault> {
    let bare = |resource: &&Resource| tenant.rows_of(resource.name).is_none_or(|rows| rows.is_empty());
    let given: Vec<_> =
        resources.iter().filter(bare).map(|r| (r, (r.first)())).filter(|(_, f)| !f.is_empty()).collect();
    if given.is_empty() {
        return Ok(false);
    }
    let transaction = begin(database)?;
    for (resource, values) in given {
        give(&transaction, resource, values, at)?;
    }
    transaction.commit().map_err(fault)?;
    Ok(true)
}

pub fn give(
    transaction: &WriteTransaction,
    resource: &Resource,
    values: Vec<Value>,
    at: Timestamp,
) -> Result<(), Fault> {
    let mut meta = transaction.open_table(META).map_err(fault)?;
    let mut rows = transaction.open_table(ROWS).map_err(fault)?;
    let counter = next_number(resource.name);
    let mut next = meta.get(&*counter).map_err(fault)?.map_or(1, |next| next.value());
    for value in values {
        let kept = Kept { envelope: Envelope::first(Id(next), resource.version, at), value, sealed: Map::new() };
        let bytes = serde_json::to_vec(&kept).map_err(|error| Fault::broken(FILE, error))?;
        rows.insert((resource.name, next), &*bytes).map_err(fault)?;
        next += 1;
    }
    meta.insert(&*counter, next).map(drop).map_err(fault)
}

pub fn read(database: &Database) -> Result<ReadTransaction, Fault> {
    database.begin_read().map_err(fault)
}

/// Where a secret belongs.
pub fn place(noun: &str, id: impl std::fmt::Display, field: &str) -> String {
    format!("{noun}/{id}/{field}")
}

fn opened(seal: &Seal, noun: &str, kept: &Kept) -> Option<Value> {
    let mut value = kept.value.clone();
    for (field, sealed) in &kept.sealed {
        let place = place(noun, kept.envelope.id, field);
        value[field] = seal.open_text(&place, sealed.as_str()?)?.into();
    }
    Some(value)
}
