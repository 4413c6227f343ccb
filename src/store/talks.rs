//! With whom a number outside last talked (INR-21).

use super::{
    fault::Fault,
    months::{LAST_TALKS, fault, there},
};
use crate::{
    history::{call_record::CallRecord, fact::LastTalk},
    time::Timestamp,
};
use redb::{ReadTransaction, ReadableTable, WriteTransaction};
use std::cmp::Reverse;

/// Older ones no longer count (INR reading).
const DAYS: i64 = 180;
/// The newest that the next start is told of.
const TOLD_MAX: usize = 50_000;

pub fn keep(transaction: &WriteTransaction, record: &CallRecord) -> Result<(), Fault> {
    let Some(number) = record.talked_with() else { return Ok(()) };
    let at = record.ended_at.unwrap_or(record.started_at).0;
    let mut table = transaction.open_table(LAST_TALKS).map_err(fault)?;
    table.insert(number, (&*record.agent_number, at)).map(drop).map_err(fault)
}

/// Into a new month go those that still count.
pub fn carry(from: Option<&ReadTransaction>, to: &WriteTransaction) -> Result<(), Fault> {
    let mut table = to.open_table(LAST_TALKS).map_err(fault)?;
    let talks = from.map(all).transpose()?.unwrap_or_default();
    for LastTalk { number, agent_number, at } in talks {
        table.insert(&*number, (&*agent_number, at.0)).map_err(fault)?;
    }
    Ok(())
}

/// The newest first: they count from the newest of all, as the clock may be wrong.
pub fn all(transaction: &ReadTransaction) -> Result<Vec<LastTalk>, Fault> {
    let Some(table) = there(transaction, LAST_TALKS)? else { return Ok(Vec::new()) };
    let mut talks = Vec::new();
    for entry in table.iter().map_err(fault)? {
        let (number, value) = entry.map_err(fault)?;
        let (agent, at) = value.value();
        talks.push(LastTalk { number: number.value().into(), agent_number: agent.into(), at: Timestamp(at) });
    }
    talks.sort_unstable_by_key(|talk| Reverse(talk.at));
    let oldest = talks.first().map_or(i64::MIN, |newest| newest.at.0 - DAYS * 86_400_000);
    talks.retain(|talk| talk.at.0 >= oldest);
    talks.truncate(TOLD_MAX);
    Ok(talks)
}
