//! What became of trunks, kept over restarts and months: changes of state, and the realm of each (TRK-46, TRK-48).

use super::{
    Store,
    facts::{packed, unpacked},
    fault::Fault,
    months::{self, TRUNK_REALMS, TRUNK_TURNS, fault},
};
use crate::{
    history::{
        fact::FactNumber,
        trunk_turn::{TURNS_MAX, TrunkTurn},
    },
    schema::Id,
};
use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata, WriteTransaction};

impl Store {
    /// The changes of state of a trunk, from the oldest; a thousand at most.
    pub fn trunk_turns(&self, trunk: Id) -> Result<Vec<TrunkTurn>, Fault> {
        let Some(month) = self.months.newest()? else { return Ok(Vec::new()) };
        let transaction = months::read(&*month.database()?)?;
        let Some(table) = months::there(&transaction, TRUNK_TURNS)? else { return Ok(Vec::new()) };
        let found = table.range((trunk.0, 0)..=(trunk.0, u64::MAX)).map_err(fault)?;
        found.map(|entry| unpacked(entry.map_err(fault)?.1.value())).collect()
    }
}

pub fn realms(transaction: &ReadTransaction) -> Result<Vec<(u64, String)>, Fault> {
    let Some(table) = months::there(transaction, TRUNK_REALMS)? else { return Ok(Vec::new()) };
    let entries = table.iter().map_err(fault)?;
    entries.map(|entry| entry.map(|(key, value)| (key.value(), value.value().to_owned())).map_err(fault)).collect()
}

pub fn keep_turn(transaction: &WriteTransaction, number: FactNumber, turn: &TrunkTurn) -> Result<(), Fault> {
    let mut table = transaction.open_table(TRUNK_TURNS).map_err(fault)?;
    table.insert((turn.trunk, number.0), &*packed(turn)?).map_err(fault)?;
    let all = (turn.trunk, 0)..=(turn.trunk, u64::MAX);
    // Most boxes never come so far, and whoever did has one too many at a time.
    if table.len().map_err(fault)? <= TURNS_MAX as u64 || table.range(all.clone()).map_err(fault)?.count() <= TURNS_MAX
    {
        return Ok(());
    }
    let oldest = table.range(all).map_err(fault)?.next().transpose().map_err(fault)?.map(|(key, _)| key.value());
    oldest.map_or(Ok(()), |key| table.remove(key).map(drop).map_err(fault))
}

pub fn keep_realm(transaction: &WriteTransaction, trunk: u64, realm: Option<&str>) -> Result<(), Fault> {
    let mut table = transaction.open_table(TRUNK_REALMS).map_err(fault)?;
    match realm {
        Some(realm) => table.insert(trunk, realm).map(drop).map_err(fault),
        None => table.remove(trunk).map(drop).map_err(fault),
    }
}

pub fn forget(transaction: &WriteTransaction, trunk: u64) -> Result<(), Fault> {
    let mut turns = transaction.open_table(TRUNK_TURNS).map_err(fault)?;
    turns.retain_in((trunk, 0)..=(trunk, u64::MAX), |_, _| false).map_err(fault)?;
    keep_realm(transaction, trunk, None)
}
