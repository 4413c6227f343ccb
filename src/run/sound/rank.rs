//! When a sound thread asks for real-time scheduling: not before the machine keeps it waiting. With it each packet
//! would wake the thread at once, which costs twice as much as taking those together that come close to each other.

use crate::time::Uptime;
use nix::libc;
use std::time::Duration;

/// Ticks that are so late in the mean of a second show that others are in the way.
const LATE: Duration = Duration::from_millis(1);
/// How long real time lasts at first, and at most: each time that it was needed again it lasts twice as long.
const FIRST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(1920);
/// Above everything of the machine but its own threads.
const PRIORITY: i32 = 20;

/// The scheduling of the thread that made it.
#[derive(Debug)]
pub struct Rank {
    until: Option<Uptime>,
    lasts: Duration,
    /// The process has no right to real time: not asked again.
    refused: bool,
}

impl Rank {
    pub fn new() -> Rank {
        Rank { until: None, lasts: FIRST, refused: false }
    }

    /// Whether nothing else runs when this thread could.
    pub fn is_real_time(&self) -> bool {
        self.until.is_some()
    }

    /// A second is over in which ticks came so late.
    pub fn second(&mut self, now: Uptime, late: Duration) {
        match self.until {
            None if late > LATE && !self.refused => {
                self.refused = !schedule(libc::SCHED_FIFO, PRIORITY);
                tracing::debug!(?late, refused = self.refused, "a sound thread asks for real time");
                if !self.refused {
                    self.until = Some(now + self.lasts);
                    self.lasts = (self.lasts * 2).min(LONGEST);
                }
            }
            Some(until) if now >= until => {
                schedule(libc::SCHED_OTHER, 0);
                self.until = None;
            }
            _ => {}
        }
    }
}

/// False if the process may not. As a thread asks for itself, for the process that `sched_setscheduler` speaks of is
/// nothing that musl knows.
fn schedule(policy: i32, priority: i32) -> bool {
    // SAFETY: plain numbers, of which some systems have more; the parameter lives through the call.
    unsafe {
        let mut wanted: libc::sched_param = std::mem::zeroed();
        wanted.sched_priority = priority;
        libc::pthread_setschedparam(libc::pthread_self(), policy, &wanted) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn seconds(seconds: u64) -> Uptime {
        Uptime(seconds * 1_000_000)
    }

    /// BOX-133: on a thread of its own, as it changes the thread.
    #[test]
    fn real_time_comes_when_it_is_needed_and_goes() {
        let calm = std::thread::spawn(|| {
            let mut rank = Rank::new();
            rank.second(seconds(1), MS / 2);
            assert_eq!(rank.until, None);
            rank.second(seconds(2), 3 * MS);
            if rank.refused {
                return rank.second(seconds(3), 9 * MS);
            }
            assert_eq!(rank.until, Some(seconds(32)));
            rank.second(seconds(31), 3 * MS);
            rank.second(seconds(32), MS / 2);
            assert_eq!(rank.until, None);
            rank.second(seconds(33), 3 * MS);
            assert_eq!(rank.until, Some(seconds(93)), "twice as long");
        });
        calm.join().unwrap();
    }
}
