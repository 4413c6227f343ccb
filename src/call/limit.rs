//! When new calls are refused, so that those that are up do not suffer (BOX-131, BOX-132, BOX-173).

use super::{cause::Cause, office::Office, place::ringing::DEVICES_MAX};
use crate::time::Uptime;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// Sound may leave this late in the mean of a second, microseconds (BOX-132).
const LATE_US: u32 = 5_000;
/// An event may wait this long (BOX-132).
const WAIT: Duration = Duration::from_millis(200);
/// How long one sign of overload counts.
const SIGN_COUNTS: Duration = Duration::from_secs(2);
/// Seconds after which a refused caller may try again (BOX-131): from 5, this many different.
const RETRY_AFTER: (u32, u32) = (5, 26);
/// What a call may take at once: the caller's slot and one for each device of an agent. With fewer, some of the
/// devices would stay silent.
const SLOTS: usize = 1 + DEVICES_MAX;
/// Whoever calls, and the one line.
const SLOTS_FOR_HELP: usize = 2;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Limit {
    late: BTreeMap<u8, Uptime>,
    waited: Option<Uptime>,
    /// The process is about to stop.
    pub draining: bool,
    pub refused: u64,
}

impl Limit {
    pub fn load(&mut self, deck: u8, late_us_mean: u32, now: Uptime) {
        if late_us_mean > LATE_US {
            self.late.insert(deck, now);
        } else {
            self.late.remove(&deck);
        }
    }

    /// How long an event lay before it was looked at.
    pub fn waited(&mut self, length: Duration, now: Uptime) {
        if length > WAIT {
            self.waited = Some(now);
        }
    }

    /// Events wait so long that a new call is refused before it is looked at.
    pub fn is_behind(&self, now: Uptime) -> bool {
        self.waited.is_some_and(|sign| now.since(sign) < SIGN_COUNTS)
    }

    pub fn refuses(&self, calls: usize, office: &Office) -> bool {
        let recent = |sign: &Uptime| office.up().since(*sign) < SIGN_COUNTS;
        self.draining
            || calls >= office.settings().calls_most(&office.tenant) as usize
            || office.stock.left() < SLOTS
            || self.late.values().any(recent)
            || self.is_behind(office.up())
    }

    /// Nobody who calls for help is sent away while one can be carried (OUT-41, OUT-44).
    pub fn refuses_help(&self, office: &Office) -> bool {
        self.draining || office.stock.left() < SLOTS_FOR_HELP
    }

    pub fn cause(&mut self, office: &mut Office) -> Cause {
        self.refused += 1;
        Cause::refused(RETRY_AFTER.0 + office.chance.below(RETRY_AFTER.1))
    }
}
