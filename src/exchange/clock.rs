//! The time of day as it is set, and whether anybody is sure of it (BOX-52, BOX-54).

use super::{Actions, Exchange};
use crate::{
    history::fact::{ClockTold, Fact, FactNumber},
    time::Now,
    view::Unsure,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Clock {
    pub sets: u32,
    pub unsure: Option<Unsure>,
    /// Once it was so since the start, it stays.
    sure: bool,
    first_fact: FactNumber,
}

impl Clock {
    pub fn of_start(next_fact: u64) -> Clock {
        Clock { sets: 0, unsure: None, sure: false, first_fact: FactNumber(next_fact.max(1)) }
    }

    fn set(&mut self, by_ms: i64) -> Option<ClockTold> {
        self.sets += 1;
        let unsure = self.unsure.as_mut().filter(|unsure| unsure.until.is_none())?;
        unsure.since = unsure.since.moved(by_ms);
        unsure.moved_ms = unsure.moved_ms.saturating_add(by_ms);
        Some(ClockTold::Set { by_ms })
    }

    fn is_sure(&mut self, now: Now, sure: bool) -> Option<ClockTold> {
        if self.sure {
            return None;
        }
        self.sure = sure;
        match &mut self.unsure {
            Some(unsure) if sure => {
                unsure.until = Some(now.wall);
                Some(ClockTold::Sure)
            }
            None if !sure => {
                self.unsure = Some(Unsure { since: now.wall, until: None, moved_ms: 0 });
                Some(ClockTold::Unsure { from: self.first_fact })
            }
            _ => None,
        }
    }
}

impl Exchange {
    pub(super) fn clock_set(&mut self, now: Now, by_ms: i64, out: &mut Actions) {
        // Before whatever is written by the clock as it is now.
        if let Some(told) = self.clock.set(by_ms) {
            self.remember(Fact::Clock(told), out);
        }
        self.with_calls(now, out, |calls, orders| calls.clock_set(now, by_ms, orders));
        self.with_sip(now, out, |sip, heard| sip.clock_set(now, by_ms, heard));
    }

    /// What was written since the start is dated anew once it is.
    pub(super) fn time_is_sure(&mut self, now: Now, sure: bool, out: &mut Actions) {
        if let Some(told) = self.clock.is_sure(now, sure) {
            self.remember(Fact::Clock(told), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Timestamp, Uptime};

    fn at(second: i64) -> Now {
        Now { up: Uptime(second as u64 * 1_000_000), wall: Timestamp(second * 1_000) }
    }

    /// BOX-54: from the first fact of a start until somebody is sure; what is set later, or once nobody is sure any more,
    /// moves nothing.
    #[test]
    fn the_time_is_unsure_from_a_start_until_it_is_sure() {
        let mut clock = Clock::of_start(7);
        assert_eq!(clock.set(5_000), None, "nobody was asked yet");
        assert_eq!(clock.is_sure(at(10), false), Some(ClockTold::Unsure { from: FactNumber(7) }));
        assert_eq!(clock.is_sure(at(11), false), None);
        assert_eq!(
            [clock.set(60_000), clock.set(-1_000)],
            [60_000, -1_000].map(|by_ms| Some(ClockTold::Set { by_ms }))
        );
        assert_eq!(clock.is_sure(at(80), true), Some(ClockTold::Sure));
        let told = Unsure { since: at(69).wall, until: Some(at(80).wall), moved_ms: 59_000 };
        assert_eq!((clock.sets, clock.unsure), (3, Some(told)));
        assert_eq!([clock.is_sure(at(90), false), clock.set(1_000), clock.is_sure(at(91), true)], [None; 3]);
        assert_eq!(clock.unsure, Some(told));
    }

    #[test]
    fn a_time_that_is_sure_from_the_start_is_told_of_nowhere() {
        let mut clock = Clock::of_start(1);
        assert_eq!([clock.is_sure(at(1), true), clock.set(9_000), clock.is_sure(at(2), false)], [None; 3]);
        assert_eq!(clock.unsure, None);
    }
}
