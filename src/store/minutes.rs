//! How long agents talked with numbers outside, by days, kept over restarts and months (OUT-69).

use super::{
    Store,
    fault::Fault,
    months::{self, MINUTES, fault},
};
use crate::{
    history::{
        call_record::CallRecord,
        minutes::{Minutes, first_day, spent},
    },
    time::Timestamp,
};
use jiff::tz::TimeZone;
use redb::{ReadableTable, WriteTransaction};

impl Store {
    /// Of each agent in the last days up to this moment.
    pub fn minutes_until(&self, now: Timestamp) -> Result<Minutes, Fault> {
        let mut minutes = Minutes::default();
        let Some(month) = self.months.newest()? else { return Ok(minutes) };
        let Some(table) = months::there(&months::read(&*month.database()?)?, MINUTES)? else { return Ok(minutes) };
        for entry in table.range((first_day(now, &self.clocks()), "")..).map_err(fault)? {
            let (key, seconds) = entry.map_err(fault)?;
            minutes.add(key.value().1, seconds.value());
        }
        Ok(minutes)
    }

    /// Removes the days of which nobody is told any more on the day of this moment.
    pub fn forget_minutes_before(&self, now: Timestamp) -> Result<(), Fault> {
        let Some(month) = self.months.newest()? else { return Ok(()) };
        let database = month.database()?;
        month.after(forget(&database, first_day(now, &self.clocks())))
    }
}

pub fn keep(transaction: &WriteTransaction, record: &CallRecord, clocks: &TimeZone) -> Result<(), Fault> {
    let Some((agent, seconds)) = spent(record) else { return Ok(()) };
    let mut table = transaction.open_table(MINUTES).map_err(fault)?;
    let key = (record.started_at.day(clocks), agent);
    let before = table.get(key).map_err(fault)?.map_or(0, |seconds| seconds.value());
    table.insert(key, before + seconds).map(drop).map_err(fault)
}

/// The record is about to be kept once more, with another time.
pub fn take_back(transaction: &WriteTransaction, record: &CallRecord, clocks: &TimeZone) -> Result<(), Fault> {
    let Some((agent, seconds)) = spent(record) else { return Ok(()) };
    let mut table = transaction.open_table(MINUTES).map_err(fault)?;
    let key = (record.started_at.day(clocks), agent);
    let before = table.get(key).map_err(fault)?.map_or(0, |seconds| seconds.value());
    table.insert(key, before.saturating_sub(seconds)).map(drop).map_err(fault)
}

fn forget(database: &redb::Database, first: i32) -> Result<(), Fault> {
    let transaction = months::begin(database)?;
    transaction.open_table(MINUTES).map_err(fault)?.retain_in(..(first, ""), |_, _| false).map_err(fault)?;
    transaction.commit().map_err(fault)
}

#[cfg(test)]
mod tests {
    use crate::{
        history::{
            call_record::{CallRecord, CallType},
            fact::{Fact, FactNumber},
        },
        store::tests::{at, facts::record, opened},
    };

    /// OUT-69: a day begins at midnight in the office; thirty are told of, also in the next month, and what is older goes
    /// in the night.
    #[test]
    fn minutes_are_kept_by_days() {
        let (_directory, store) = opened();
        let day = 24 * 3600;
        let talked = |number: u64, second: i64, agent: &str, talk_seconds: u32| {
            let record = CallRecord {
                call_id: format!("c{number}"),
                call_type: CallType::Outbound,
                agent_number: agent.into(),
                talk_seconds,
                started_at: at(second),
                answered_at: Some(at(second)),
                ended_at: Some(at(second)),
                ..record("c", at(second))
            };
            (FactNumber(number), Fact::CallEnded(Box::new(record)))
        };
        let told = |second: i64| {
            let minutes = store.minutes_until(at(second)).unwrap();
            (minutes.of("801"), minutes.of("802"))
        };
        store.facts(&[talked(1, 0, "801", 90), talked(2, day, "801", 30), talked(3, day, "802", 600)]).unwrap();
        assert_eq!(told(day), (2, 10));
        store.facts(&[talked(4, 29 * day, "801", 60)]).unwrap();
        assert_eq!(told(29 * day), (3, 10));
        assert_eq!(told(30 * day), (1, 10), "the first day is over");
        assert_eq!(told(31 * day), (1, 0));
        store.forget_minutes_before(at(30 * day)).unwrap();
        assert_eq!(told(day), (1, 10), "and gone");
    }
}
