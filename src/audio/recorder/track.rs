//! Where in a recording the packets of one leg belong: by the clock of its phone, kept near to ours.

use super::Said;
use crate::{audio::outgoing::TICKS_PER_MS, time::Uptime};
use std::time::Duration;

/// A phone's clock may run so far from ours, ticks, before its sound is moved.
const APART_MAX: i64 = 40 * TICKS_PER_MS as i64;
/// How long it is watched before that is said: the packet that came soonest tells.
const WATCHED: Duration = Duration::from_secs(5);
/// Sound from later than this was not said by this clock, and sound from earlier than this began anew.
const EARLY_MAX: i64 = 300 * TICKS_PER_MS as i64;
const LATE_MAX: i64 = 200 * TICKS_PER_MS as i64;
/// So many late packets, each of which took its time to come, are no burst: the phone's clock stood still.
const LATE_TIMES: u8 = 3;
/// And so late is no burst either.
const BURST_MAX: i64 = 2000 * TICKS_PER_MS as i64;

#[derive(Debug)]
pub struct Track {
    pub side: usize,
    /// The source that is followed, and what its clock shows at the beginning of the recording.
    follow: Option<(u32, u32)>,
    /// The least lateness of this watch, and when it began.
    least: i64,
    watch: Uptime,
    late_times: u8,
    last: Uptime,
}

impl Track {
    pub fn new(side: usize) -> Track {
        Track { side, follow: None, least: i64::MAX, watch: Uptime(0), late_times: 0, last: Uptime(0) }
    }

    /// The sample of the recording that a packet begins at; before 0: it was said before.
    pub fn place(&mut self, said: &Said, began: Uptime) -> i64 {
        let came = ticks(said.came) - ticks(began) - i64::from(said.length);
        let gap = (ticks(said.came) - ticks(self.last)).max(0);
        self.last = said.came;
        let Some((_, zero)) = self.follow.filter(|(followed, _)| *followed == said.ssrc) else {
            return self.begin(said, came);
        };
        let at = came + i64::from(said.timestamp.wrapping_sub(zero).wrapping_sub(came as u32) as i32);
        let late = came - at;
        let took_its_time = gap * 2 > i64::from(said.length);
        self.late_times = match late > LATE_MAX {
            true => self.late_times + u8::from(took_its_time),
            false => 0,
        };
        if self.late_times >= LATE_TIMES || !(-EARLY_MAX..=BURST_MAX).contains(&late) {
            return self.begin(said, came);
        }
        self.watch(late, zero, said.came);
        at
    }

    fn begin(&mut self, said: &Said, came: i64) -> i64 {
        self.follow = Some((said.ssrc, said.timestamp.wrapping_sub(came as u32)));
        (self.least, self.watch, self.late_times) = (i64::MAX, said.came, 0);
        came
    }

    /// A clock that runs away is followed.
    fn watch(&mut self, late: i64, zero: u32, now: Uptime) {
        self.least = self.least.min(late);
        if now.since(self.watch) < WATCHED {
            return;
        }
        if self.least.abs() > APART_MAX
            && let Some((_, followed)) = &mut self.follow
        {
            *followed = zero.wrapping_sub(self.least as u32);
        }
        (self.least, self.watch) = (i64::MAX, now);
    }
}

/// On the clock of the recording.
pub fn ticks(at: Uptime) -> i64 {
    (at.0 * u64::from(TICKS_PER_MS) / 1000) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        audio::order::RecordingId,
        sdp::{Codec, LegId},
    };

    const BEGAN: Uptime = Uptime(7_000_000);

    fn said(ssrc: u32, ms: u64, timestamp: u32) -> Said {
        let (recording, leg, codec) = (RecordingId(1), LegId(1), Codec::Pcma);
        let came = Uptime(BEGAN.0 + ms * 1000);
        Said { recording, leg, came, ssrc, timestamp, at: 0, length: 160, codec }
    }

    fn place(track: &mut Track, ms: u64, timestamp: u32) -> i64 {
        track.place(&said(9, ms, timestamp), BEGAN)
    }

    #[test]
    fn the_phones_clock_counts_and_not_the_way() {
        let mut track = Track::new(0);
        let zero = u32::MAX - 500;
        let at = [(1000, 0), (1035, 160), (1036, 320), (1080, 800), (1081, 640)]
            .map(|(ms, ticks)| place(&mut track, ms, zero.wrapping_add(ticks)));
        assert_eq!(at, [0, 160, 320, 800, 640].map(|ticks| 7840 + ticks));
    }

    #[test]
    fn what_was_said_before_the_beginning_is_before_it() {
        assert_eq!(place(&mut Track::new(0), 5, 77), -120);
    }

    #[test]
    fn a_burst_after_a_break_is_put_where_it_was_said() {
        let mut track = Track::new(0);
        let first = place(&mut track, 1000, 0);
        let burst: Vec<i64> = (1..50).map(|n| place(&mut track, 1980 + n / 10, n as u32 * 160) - first).collect();
        assert_eq!(burst, (1..50).map(|n| n * 160).collect::<Vec<i64>>());
    }

    #[test]
    fn a_clock_that_stood_still_is_begun_anew() {
        let mut track = Track::new(0);
        place(&mut track, 1000, 0);
        let after: Vec<i64> = (0..5).map(|n| place(&mut track, 2000 + n * 20, 160 + n as u32 * 160)).collect();
        assert_eq!(after[2..], [2020, 2040, 2060].map(|ms| ms * 8));
        assert_eq!(place(&mut track, 9000, 1_000_000_000), 8980 * 8, "a jump");
        assert_eq!(track.place(&said(10, 0, 3), BEGAN), -160, "another source");
    }

    /// 200 parts in a million, for an hour.
    #[test]
    fn a_clock_that_runs_away_is_followed() {
        for rate in [0.9998, 1.0002] {
            let mut track = Track::new(0);
            for n in 0..180_000u64 {
                let at = place(&mut track, 1000 + n * 20, (n as f64 * 160.0 * rate) as u32);
                let apart = (at - (980 + n as i64 * 20) * 8).abs() / 8;
                assert!(apart <= 45, "{apart} ms after {n} packets at {rate}");
            }
        }
    }
}
