//! Brings the configuration of an earlier version up at start, on a copy; the file as it was is kept beside it.

use super::{
    config::{self, Kept},
    disk::{self, sync_directory},
    fault::Fault,
    journal, log,
};
use crate::{
    model::{ApiAccess, FraudLimits, Limits},
    schema::{Model, Resource, kind::line},
    time::Timestamp,
};
use redb::{Database, ReadableTable, TableDefinition, WriteTransaction};
use serde::Deserialize;
use serde_json::json;
use std::{fs, path::Path};

/// Takes the tables one layout further. Rows themselves go through the `upgrade` of their noun.
pub type Step = fn(&WriteTransaction) -> Result<(), Fault>;

/// The first step takes layout 1 to 2, and so on; steps are only added.
pub const STEPS: &[Step] = &[journal_by_row_and_columns, key_in_a_row, answers, files, log, calls_to_one_number];

/// Layout 1 to 2: a row finds its own entries of the journal, and a person the columns they chose.
fn journal_by_row_and_columns(transaction: &WriteTransaction) -> Result<(), Fault> {
    journal::name_all(transaction)?;
    transaction.open_table(config::COLUMNS).map(drop).map_err(config::fault)
}

/// Layout 2 to 3: the key of programs stands in the record of API access; of several the newest goes on.
fn key_in_a_row(transaction: &WriteTransaction) -> Result<(), Fault> {
    const KEYS: TableDefinition<&[u8; 32], i64> = TableDefinition::new("api_keys");
    let newest = {
        let keys = transaction.open_table(KEYS).map_err(config::fault)?;
        let mut newest = None;
        for key in keys.iter().map_err(config::fault)? {
            let (hash, made_at) = key.map_err(config::fault)?;
            newest = newest.max(Some((made_at.value(), *hash.value())));
        }
        newest
    };
    transaction.delete_table(KEYS).map_err(config::fault)?;
    let Some((made_at, hash)) = newest else { return Ok(()) };
    // It was hashed without salt, and nobody knows its end.
    let key = json!({ "sha256": line::hex(&hash), "salt": "", "end": "" });
    let access = ApiAccess { api_key: serde_json::from_value(key).ok(), ..ApiAccess::default() };
    let value = serde_json::to_value(access).map_err(|error| Fault::broken(config::FILE, error))?;
    config::give(transaction, &Resource::of::<ApiAccess>(), vec![value], Timestamp(made_at))
}

/// Layout 3 to 4: what programs were answered under words of their own.
fn answers(transaction: &WriteTransaction) -> Result<(), Fault> {
    transaction.open_table(config::ANSWERS).map(drop).map_err(config::fault)?;
    transaction.open_table(config::ANSWERS_BY_AGE).map(drop).map_err(config::fault)
}

/// Layout 4 to 5: what is known of kept files.
fn files(transaction: &WriteTransaction) -> Result<(), Fault> {
    transaction.open_table(config::FILES).map(drop).map_err(config::fault)
}

/// Layout 5 to 6: what became of numbers that were ever on the blacklist, as far as the journal knows it.
fn log(transaction: &WriteTransaction) -> Result<(), Fault> {
    log::begin(transaction)
}

/// Layout 6 to 7: how often one number is called in a day stands among what the upstream gives.
fn calls_to_one_number(transaction: &WriteTransaction) -> Result<(), Fault> {
    let (noun, every) = (FraudLimits::NAME, "daily_call_limit");
    let set = {
        let rows = transaction.open_table(config::ROWS).map_err(config::fault)?;
        let row = rows.range((noun, 0)..=(noun, u64::MAX)).map_err(config::fault)?.next();
        let row = row.transpose().map_err(config::fault)?;
        row.map(|(_, bytes)| serde_json::from_slice::<Kept>(bytes.value())).transpose()
    };
    let broken = |error| Fault::broken(config::FILE, error);
    let Some(kept) = set.map_err(broken)? else { return Ok(()) };
    let mut limits = serde_json::to_value(Limits::default()).map_err(broken)?;
    limits[every] = kept.value.get(every).unwrap_or(&limits[every]).clone();
    config::give(transaction, &Resource::of::<Limits>(), vec![limits], kept.envelope.updated_at)
}

/// The layout this program writes.
pub const LAYOUT: u64 = newest(STEPS);

const fn newest(steps: &[Step]) -> u64 {
    steps.len() as u64 + 1
}

const COPY: &str = "config.new.redb";

/// Does nothing if the file is as this version writes it, or not there.
pub fn bring_up(directory: &Path, resources: &[Resource], steps: &[Step]) -> Result<(), Fault> {
    let path = directory.join(config::FILE);
    if !path.exists() {
        return Ok(());
    }
    let database = disk::open_file(&path, config::FILE, disk::CONFIG_CACHE_BYTES)?;
    let Some(layout) = outdated(&database, resources, steps)? else { return Ok(()) };
    drop(database);
    let copy = directory.join(COPY);
    let unreachable = |error| Fault::NotReachable { path: copy.clone(), error };
    fs::copy(&path, &copy).map_err(unreachable)?;
    upgrade(&disk::open_file(&copy, COPY, disk::CONFIG_CACHE_BYTES)?, layout, resources, steps)?;
    let kept = (1..).map(|n| directory.join(format!("config-before-{n}.redb"))).find(|kept| !kept.exists());
    let kept = kept.expect("numbers do not end");
    // The old file has both names until the new one takes its place, so there is a whole one at every moment.
    let swapped = fs::hard_link(&path, &kept).and_then(|()| fs::rename(&copy, &path));
    swapped.and_then(|()| sync_directory(directory)).map_err(unreachable)
}

#[derive(Deserialize)]
struct Version {
    version: u16,
}

/// The file's layout, if it or any row is of an earlier version.
fn outdated(database: &Database, resources: &[Resource], steps: &[Step]) -> Result<Option<u64>, Fault> {
    let known = newest(steps);
    let transaction = config::read(database)?;
    let meta = match transaction.open_table(config::META) {
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
        meta => meta.map_err(config::fault)?,
    };
    let layout = meta.get("layout").map_err(config::fault)?.map_or(known, |layout| layout.value());
    let newer = |found, known| Fault::Newer { file: config::FILE.into(), found, known };
    if layout > known {
        return Err(newer(layout, known));
    }
    let mut early = layout < known;
    for row in transaction.open_table(config::ROWS).map_err(config::fault)?.iter().map_err(config::fault)? {
        let (key, bytes) = row.map_err(config::fault)?;
        let Some(resource) = resources.iter().find(|resource| resource.name == key.value().0) else { continue };
        let row: Version = serde_json::from_slice(bytes.value()).map_err(|error| Fault::broken(config::FILE, error))?;
        if row.version > resource.version {
            return Err(newer(row.version.into(), resource.version.into()));
        }
        early |= row.version < resource.version;
    }
    Ok(early.then_some(layout))
}

/// All of it in one transaction.
fn upgrade(database: &Database, layout: u64, resources: &[Resource], steps: &[Step]) -> Result<(), Fault> {
    let transaction = config::begin(database)?;
    for step in &steps[(layout as usize).saturating_sub(1)..] {
        step(&transaction)?;
    }
    upgrade_rows(&transaction, resources)?;
    let mut meta = transaction.open_table(config::META).map_err(config::fault)?;
    meta.insert("layout", newest(steps)).map_err(config::fault)?;
    drop(meta);
    transaction.commit().map_err(config::fault)
}

fn upgrade_rows(transaction: &WriteTransaction, resources: &[Resource]) -> Result<(), Fault> {
    let mut rows = transaction.open_table(config::ROWS).map_err(config::fault)?;
    let mut upgraded = Vec::new();
    for row in rows.iter().map_err(config::fault)? {
        let (key, bytes) = row.map_err(config::fault)?;
        let Some(resource) = resources.iter().find(|resource| resource.name == key.value().0) else { continue };
        let mut kept: Kept =
            serde_json::from_slice(bytes.value()).map_err(|error| Fault::broken(config::FILE, error))?;
        if kept.envelope.version < resource.version {
            raise(&mut kept, resource);
            let bytes = serde_json::to_vec(&kept).map_err(|error| Fault::broken(config::FILE, error))?;
            upgraded.push((resource.name, key.value().1, bytes));
        }
    }
    upgraded
        .iter()
        .try_for_each(|(noun, id, bytes)| rows.insert((*noun, *id), &**bytes).map(drop))
        .map_err(config::fault)
}

fn raise(kept: &mut Kept, resource: &Resource) {
    while kept.envelope.version < resource.version {
        kept.value = (resource.upgrade)(kept.envelope.version, std::mem::take(&mut kept.value));
        kept.envelope.version += 1;
    }
}
