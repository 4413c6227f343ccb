//! The two clocks of the machine, read, and whether the time of day was set.

use crate::time::{Now, Timestamp, Uptime};
use std::{
    sync::{
        OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// How far the time of day is ahead of the uptime at least, ms.
static AHEAD_MS_MIN: AtomicI64 = AtomicI64::new(ANY_TIME);
const ANY_TIME: i64 = i64::MIN;

/// The moment as both clocks give it. The zero of the uptime is the first call.
#[allow(clippy::disallowed_methods, reason = "here the clock is read for all")]
pub fn now() -> Now {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (up, wall) = (up(), Timestamp(wall.as_millis() as i64));
    Now { up, wall: at_least(wall, up, AHEAD_MS_MIN.load(Ordering::Relaxed)) }
}

/// A day before this program was made: the clock of whoever made it may be as far from ours.
pub fn program_date() -> Timestamp {
    const DAY_MS: i64 = 24 * 3_600_000;
    Timestamp(env!("CALLBOX_MADE").parse().unwrap_or(0)).moved(-DAY_MS)
}

/// Nobody is sure of the time of day: it is no earlier than this now, and goes on from there until the clock of the
/// machine is later (BOX-53). Whether that clock is earlier.
pub fn begin_at_least(moment: Timestamp) -> bool {
    let now = now();
    let is_early = now.wall < moment;
    if is_early {
        AHEAD_MS_MIN.store(moment.0 - (now.up.0 / 1_000) as i64, Ordering::Relaxed);
    }
    is_early
}

/// Somebody is sure of the time of day: the clock of the machine is right, whatever it says.
pub fn believe() {
    AHEAD_MS_MIN.store(ANY_TIME, Ordering::Relaxed);
}

fn at_least(wall: Timestamp, up: Uptime, ahead_ms_min: i64) -> Timestamp {
    wall.max(Timestamp(ahead_ms_min.saturating_add((up.0 / 1_000) as i64)))
}

/// The uptime alone.
#[allow(clippy::disallowed_methods, reason = "here the clock is read for all")]
pub fn up() -> Uptime {
    static START: OnceLock<Instant> = OnceLock::new();
    let up = Instant::now().duration_since(*START.get_or_init(Instant::now));
    Uptime(up.as_micros() as u64)
}

/// Whether the kernel is sure of the time of day: some program keeps it by a better clock. A kernel that does not say is
/// believed.
pub fn is_sure() -> bool {
    // SAFETY: it is plain numbers, for which zero asks for nothing to be changed.
    let mut told: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel fills what it is given, which lives until the call is over.
    let state = unsafe { libc::adjtimex(&mut told) };
    state < 0 || kept(state, told.status)
}

fn kept(state: libc::c_int, status: libc::c_int) -> bool {
    state != libc::TIME_ERROR && status & libc::STA_UNSYNC == 0
}

/// Sees that the time of day was set.
#[derive(Debug, Default)]
pub struct Hands {
    /// How far the time of day is ahead of the uptime.
    ahead_ms: Option<i64>,
}

impl Hands {
    /// Less in one step is a clock that is kept in time.
    const SET_MS_MIN: u64 = 1_000;

    /// By how many milliseconds it was set since it was last taken, if it was.
    pub fn set_by(&self, now: Now) -> Option<i64> {
        let by_ms = ahead_ms(now) - self.ahead_ms?;
        (by_ms.unsigned_abs() >= Self::SET_MS_MIN).then_some(by_ms)
    }

    /// The same, and it is taken as it is now.
    pub fn take(&mut self, now: Now) -> Option<i64> {
        let by_ms = self.set_by(now);
        self.ahead_ms = Some(ahead_ms(now));
        by_ms
    }
}

fn ahead_ms(now: Now) -> i64 {
    now.wall.0 - (now.up.0 / 1_000) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BOX-53: it goes on from the time that was known until the clock of the machine is later.
    #[test]
    fn the_time_of_day_begins_where_it_was_known_last() {
        let (known, second) = (1_795_000_000_000, 1_000);
        let at = |wall: i64, up_s: u64| at_least(Timestamp(wall), Uptime(up_s * 1_000_000), known - 3 * second).0;
        assert_eq!([at(0, 3), at(5 * second, 8)], [known, known + 5 * second], "a clock that begins with 1970");
        assert_eq!(at(known + 9 * second, 10), known + 9 * second, "it was set");
        assert_eq!(at_least(Timestamp(7), Uptime(9_000_000), ANY_TIME), Timestamp(7), "somebody is sure");
        assert!(program_date().0 > 1_700_000_000_000 && program_date() <= now().wall);
    }

    /// BOX-54
    #[test]
    fn a_clock_that_nobody_keeps_is_not_sure() {
        assert!(kept(libc::TIME_OK, libc::STA_PLL) && kept(libc::TIME_INS, 0));
        assert!(!kept(libc::TIME_ERROR, libc::STA_UNSYNC) && !kept(libc::TIME_OK, libc::STA_UNSYNC));
    }

    /// BOX-52
    #[test]
    fn a_clock_that_is_set_is_seen_once() {
        let (mut hands, mut ahead) = (Hands::default(), 1_795_000_000_000);
        let mut look = |up_ms: u64, moved: i64| {
            ahead += moved;
            hands.take(Now { up: Uptime(up_ms * 1_000), wall: Timestamp(ahead + up_ms as i64) })
        };
        assert_eq!(look(0, 0), None);
        assert_eq!(look(1_000, -999), None, "kept in time");
        assert_eq!(look(2_000, -3_600_000), Some(-3_600_000));
        assert_eq!(look(2_001, 0), None);
        assert_eq!(look(900_000, 86_400_000), Some(86_400_000));
        assert_eq!(look(900_000, 0), None);
    }
}
