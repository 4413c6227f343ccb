//! How far the clock is believed where what is old is given up: one that is far ahead must not take what it should not
//! (BOX-54).

use super::{
    Store,
    facts::{LAST_ALIVE, set_state, state},
    fault::Fault,
    months::{self, fault},
};
use crate::time::Timestamp;

/// The clock as it was in the last night, and how far it was believed.
const NIGHT: &str = "night";
const BELIEVED: &str = "believed";
const HOUR_MS: i64 = 3_600_000;
/// Less lies between two starts of one night.
const NIGHT_MS: i64 = 20 * HOUR_MS;
/// So much is believed beyond the night before: a box that was off for long catches up a day each night, and a clock
/// that is wrong takes no more than that before somebody sees it.
const STEP_MS: i64 = 48 * HOUR_MS;

impl Store {
    /// The moment from which tonight counts back the days that something is kept.
    pub fn tonight(&self, now: Timestamp) -> Result<Timestamp, Fault> {
        let Some(month) = self.months.newest()? else { return Ok(now) };
        let database = month.database()?;
        month.after(months::begin(&database).and_then(|transaction| {
            let known = |name| state(&transaction, name);
            let night = known(NIGHT)?;
            let before = match known(BELIEVED)? {
                0 => known(LAST_ALIVE)?,
                believed => believed,
            };
            let step = if (now.0 - night).abs() < NIGHT_MS { 0 } else { STEP_MS };
            let believed = if before == 0 { now.0 } else { now.0.min(before + step) };
            if step > 0 {
                set_state(&transaction, NIGHT, now.0)?;
                set_state(&transaction, BELIEVED, believed)?;
                transaction.commit().map_err(fault)?;
            }
            Ok(Timestamp(believed))
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        history::fact::{Fact, FactNumber},
        store::{
            Store,
            tests::{at, opened},
        },
    };

    const DAY_S: i64 = 24 * 3600;

    fn lived(until_day: i64) -> (tempfile::TempDir, Store) {
        let (directory, store) = opened();
        store.facts(&[(FactNumber(1), Fact::Alive(at(until_day * DAY_S)))]).unwrap();
        (directory, store)
    }

    fn tonight(store: &Store, day: i64) -> f64 {
        (store.tonight(at(day * DAY_S)).unwrap().0 - at(0).0) as f64 / (DAY_S * 1000) as f64
    }

    /// BOX-54: three years ahead, a day too many goes each night, however often the box is started; once the clock is
    /// right, it is believed.
    #[test]
    fn a_clock_that_is_far_ahead_takes_a_day_a_night() {
        let (_directory, store) = lived(10);
        assert_eq!([1_000, 1_000, 1_000].map(|day| tonight(&store, day)), [12.0, 12.0, 12.0]);
        assert_eq!([1_001, 1_002].map(|day| tonight(&store, day)), [14.0, 16.0]);
        assert_eq!([13, 14].map(|day| tonight(&store, day)), [13.0, 14.0]);
    }

    #[test]
    fn a_box_that_was_off_catches_up() {
        let (_directory, store) = lived(10);
        assert_eq!([11, 12, 13].map(|day| tonight(&store, day)), [11.0, 12.0, 13.0], "each night");
        assert_eq!([23, 24, 25].map(|day| tonight(&store, day)), [15.0, 17.0, 19.0], "ten days off");
        let caught_up: Vec<f64> = (26..40).map(|day| tonight(&store, day)).collect();
        assert_eq!(caught_up.last(), Some(&39.0));
    }

    #[test]
    fn a_new_box_believes_its_clock() {
        let (_directory, store) = opened();
        assert_eq!(tonight(&store, 3), 3.0);
    }
}
