//! How long each agent talked with numbers outside, counted by days as the calls end, so that nobody counts records for
//! it (OUT-69).

use super::call_record::CallRecord;
use crate::time::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Days that are told of, today among them; what is older is not kept.
pub const DAYS: i32 = 30;

/// The agent of a call with a number outside, and how long it was. Calls that came in use nobody's minutes.
pub fn spent(record: &CallRecord) -> Option<(&str, u64)> {
    let used = record.call_type.goes_out() && !record.agent_number.is_empty() && record.answered_at.is_some();
    used.then(|| (&*record.agent_number, u64::from(record.talk_seconds)))
}

/// The first day that is told of on the day of this moment.
pub fn first_day(now: Timestamp, clocks: &TimeZone) -> i32 {
    now.day(clocks) - (DAYS - 1)
}

/// Seconds of each agent, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Minutes(BTreeMap<String, u64>);

impl Minutes {
    pub fn add(&mut self, agent: &str, seconds: u64) {
        *self.0.entry(agent.to_owned()).or_default() += seconds;
    }

    pub fn agents(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whole minutes.
    pub fn of(&self, agent: &str) -> u64 {
        self.0.get(agent).map_or(0, |seconds| seconds / 60)
    }
}
