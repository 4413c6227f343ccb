//! How much of the disk was used in the last days, and when it will be full at that pace (BOX-62).

use super::{
    Store,
    fault::Fault,
    filled::{Filled, Need},
    months::{self, DISK_USE, fault, there},
};
use crate::time::Timestamp;
use redb::ReadableTable;

const HOUR_MS: i64 = 3_600_000;
/// BOX-62: the pace is that of so many days.
const PACE_MS: i64 = 7 * 24 * HOUR_MS;
/// A pace is no pace before so long.
const KNOWN_MS: i64 = 24 * HOUR_MS;
/// What fills so slowly is not told of.
const FAR_MS: i64 = 10 * 365 * 24 * HOUR_MS;

impl Store {
    /// How full the disk is on which everything lies; none: it does not tell.
    pub fn filled(&self) -> Option<Filled> {
        Filled::of(&self.directory).ok()
    }

    /// Keeps room for calls, where the disk has it (BOX-65).
    pub fn keep_reserve(&self) -> Result<(), Fault> {
        let kept = super::filled::keep_reserve(&self.directory);
        kept.map_err(|error| Fault::NotReachable { path: self.directory.clone(), error })
    }

    /// Notes how much is used; of each hour the first is kept.
    pub fn note_disk_use(&self, at: Timestamp, used: u64) -> Result<(), Fault> {
        self.disk.room(Need::Calls)?;
        let (month, hour) = (self.months.at(at)?, at.0.div_euclid(HOUR_MS));
        let database = month.database()?;
        month.after(months::begin(&database).and_then(|transaction| {
            let mut table = transaction.open_table(DISK_USE).map_err(fault)?;
            // What a clock noted that was wrong is forgotten too.
            let kept = hour - PACE_MS / HOUR_MS..=hour;
            table.retain(|hour, _| kept.contains(&hour)).map_err(fault)?;
            if table.get(hour).map_err(fault)?.is_none() {
                table.insert(hour, used).map_err(fault)?;
            }
            drop(table);
            transaction.commit().map_err(fault)
        }))
    }

    /// The last hour in which that was noted.
    pub(super) fn noted_at(&self) -> Result<Option<Timestamp>, Fault> {
        let Some(month) = self.months.newest()? else { return Ok(None) };
        let transaction = months::read(&*month.database()?)?;
        let Some(table) = there(&transaction, DISK_USE)? else { return Ok(None) };
        let last = table.last().map_err(fault)?;
        Ok(last.map(|(hour, _)| Timestamp(hour.value() * HOUR_MS)))
    }

    /// When the disk will be full; none: not at this pace, or nobody knows yet. To the hour.
    pub fn disk_full_at(&self, now: Timestamp, filled: Filled) -> Result<Option<Timestamp>, Fault> {
        let Some(month) = self.months.newest()? else { return Ok(None) };
        let transaction = months::read(&*month.database()?)?;
        let Some(table) = there(&transaction, DISK_USE)? else { return Ok(None) };
        let from = (now.0 - PACE_MS).div_euclid(HOUR_MS);
        let first = table.range(from..).map_err(fault)?.next().transpose().map_err(fault)?;
        Ok(first.and_then(|(hour, used)| full_at((Timestamp(hour.value() * HOUR_MS), used.value()), now, filled)))
    }
}

fn full_at((then, used): (Timestamp, u64), now: Timestamp, filled: Filled) -> Option<Timestamp> {
    let (passed, left) = (now.0 - then.0, filled.total.saturating_sub(filled.used));
    let grown = filled.used.checked_sub(used).filter(|grown| *grown > 0 && passed >= KNOWN_MS)?;
    let after = i128::from(left) * i128::from(passed) / i128::from(grown);
    let after = i64::try_from(after).ok().filter(|after| *after <= FAR_MS)?;
    Some(Timestamp((now.0 + after).div_euclid(HOUR_MS) * HOUR_MS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        history::fact::{Fact, FactNumber},
        store::tests::{at, opened},
    };

    const DAY_S: i64 = 24 * 3600;

    fn filled(total: u64, used: u64) -> Filled {
        Filled { total, used, ..Filled::of("/".as_ref()).unwrap() }
    }

    /// BOX-62
    #[test]
    fn the_pace_of_the_last_days_says_when_the_disk_is_full() {
        let (_directory, store) = opened();
        let when = |now, used| store.disk_full_at(at(now), filled(1_000, used)).unwrap();
        assert_eq!(when(0, 800), None, "nothing is known");
        for (day, used) in [(0, 100), (1, 700), (4, 730), (8, 800)] {
            store.note_disk_use(at(day * DAY_S), used).unwrap();
            store.note_disk_use(at(day * DAY_S + 60), used + 100).unwrap();
        }
        // From day 1 to day 8: 100 in 7 days, so 200 more in 14.
        let hours = |at: Timestamp| at.0 / HOUR_MS;
        assert_eq!(when(8 * DAY_S, 800).map(hours), Some(hours(at(22 * DAY_S))));
        assert_eq!(when(8 * DAY_S, 700), None, "it does not fill");
        assert_eq!(when(DAY_S + DAY_S / 2, 800), None, "and not after half a day");
        drop(store);
    }

    /// BOX-53
    #[test]
    fn the_newest_time_is_that_of_a_call_or_of_the_last_hour() {
        let (_directory, store) = opened();
        assert_eq!(store.newest_time().unwrap(), None);
        let noted = at(5 * 3_600 + 60);
        store.note_disk_use(noted, 1).unwrap();
        let hour = store.newest_time().unwrap().unwrap();
        assert!(hour <= noted && hour.0 > noted.0 - HOUR_MS);
        store.facts(&[(FactNumber(1), Fact::Alive(at(6 * 3_600 + 7)))]).unwrap();
        assert_eq!(store.newest_time().unwrap(), Some(at(6 * 3_600 + 7)));
    }

    /// BOX-62: with the next month, too; what a wrong clock noted does not count.
    #[test]
    fn what_was_noted_outlives_the_month() {
        let (_directory, store) = opened();
        store.note_disk_use(at(90 * DAY_S), 999).unwrap();
        store.note_disk_use(at(0), 100).unwrap();
        store.note_disk_use(at(6 * DAY_S), 700).unwrap();
        assert!(store.disk_full_at(at(6 * DAY_S), filled(1_000, 700)).unwrap().is_some());
    }
}
