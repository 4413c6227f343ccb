//! How DIDs are used, kept over restarts and months, and told of their rows (DID-30, DID-31, DID-33).

use super::{
    Store,
    facts::{packed, unpacked},
    fault::Fault,
    months::{self, DID_USE, Months, fault},
};
use crate::{
    history::{
        call_record::CallRecord,
        did_use::{DidUse, did_of},
    },
    model::Preferences,
    schema::{Resource, Rule},
    time::Timestamp,
};
use jiff::tz::TimeZone;
use redb::{ReadableTable, ReadableTableMetadata, WriteTransaction};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::PoisonError};

/// Numbers of which it is counted: more than a box has DIDs, so that a carrier that delivers what nobody owns fills no
/// disk.
const DIDS_MAX: u64 = 10_000;

impl Store {
    /// Puts what is told from what happened into a row as it is shown.
    pub fn tell(&self, resource: &Resource, row: &mut Value, now: Timestamp) {
        if !resource.rules.iter().any(|rule| matches!(rule, Rule::Told { .. })) {
            return;
        }
        let dids = self.dids.read().unwrap_or_else(PoisonError::into_inner);
        let known = row["number"].as_str().and_then(|number| dids.get(number));
        let used = known.map(|used| used.at(now, &Preferences::of(&self.tenant()).time_zone.clocks()));
        let told = used.unwrap_or_default();
        for (field, value) in [
            ("calls_this_month", json!(told.calls)),
            ("minutes_this_month", json!(told.minutes)),
            ("last_used_at", json!(used.map(|used| used.last_used_at))),
        ] {
            if let Some(shown) = row.get_mut(field) {
                *shown = value;
            }
        }
    }

    /// Calls have ended and are kept.
    pub(super) fn note_dids<'r>(&self, ended: impl Iterator<Item = &'r CallRecord>) -> Result<(), Fault> {
        let numbers: Vec<&str> = ended.filter_map(did_of).collect();
        let Some(month) = self.months.newest()?.filter(|_| !numbers.is_empty()) else { return Ok(()) };
        let Some(table) = months::there(&months::read(&*month.database()?)?, DID_USE)? else { return Ok(()) };
        let mut dids = self.dids.write().unwrap_or_else(PoisonError::into_inner);
        for number in numbers {
            if let Some(used) = table.get(number).map_err(fault)? {
                dids.insert(number.to_owned(), unpacked(used.value())?);
            }
        }
        Ok(())
    }
}

pub fn keep(transaction: &WriteTransaction, record: &CallRecord, clocks: &TimeZone) -> Result<(), Fault> {
    let Some(number) = did_of(record) else { return Ok(()) };
    let mut table = transaction.open_table(DID_USE).map_err(fault)?;
    let known = table.get(number).map_err(fault)?.map(|used| unpacked::<DidUse>(used.value())).transpose()?;
    if known.is_none() && table.len().map_err(fault)? >= DIDS_MAX {
        return Ok(());
    }
    let used = known.unwrap_or_default().after(record, clocks);
    table.insert(number, &*packed(&used)?).map(drop).map_err(fault)
}

/// The record is about to be kept once more, with another time.
pub fn take_back(transaction: &WriteTransaction, record: &CallRecord, clocks: &TimeZone) -> Result<(), Fault> {
    let Some(number) = did_of(record) else { return Ok(()) };
    let mut table = transaction.open_table(DID_USE).map_err(fault)?;
    let known = table.get(number).map_err(fault)?.map(|used| unpacked::<DidUse>(used.value())).transpose()?;
    let Some(known) = known else { return Ok(()) };
    table.insert(number, &*packed(&known.without(record, clocks))?).map(drop).map_err(fault)
}

pub fn all(months: &Months) -> Result<BTreeMap<String, DidUse>, Fault> {
    let Some(month) = months.newest()? else { return Ok(BTreeMap::new()) };
    let Some(table) = months::there(&months::read(&*month.database()?)?, DID_USE)? else { return Ok(BTreeMap::new()) };
    let entries = table.iter().map_err(fault)?;
    entries
        .map(|entry| {
            let (number, used) = entry.map_err(fault)?;
            Ok((number.value().to_owned(), unpacked(used.value())?))
        })
        .collect()
}
