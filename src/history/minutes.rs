//! How long each agent talked with numbers outside, told by the records of calls (OUT-69).

use super::call_record::CallRecord;
use std::collections::BTreeMap;

/// Seconds of each agent, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Minutes(BTreeMap<String, u64>);

impl Minutes {
    /// Calls that came in use nobody's minutes.
    pub fn take(&mut self, record: &CallRecord) {
        if record.call_type.goes_out() && !record.agent_number.is_empty() && record.answered_at.is_some() {
            *self.0.entry(record.agent_number.clone()).or_default() += u64::from(record.talk_seconds);
        }
    }

    pub fn agents(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whole minutes.
    pub fn of(&self, agent: &str) -> u64 {
        self.0.get(agent).map_or(0, |seconds| seconds / 60)
    }
}
