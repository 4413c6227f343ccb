//! How a DID is used: counted as its calls end, so that nobody counts records for it (DID-30, DID-31, DID-33).

use super::call_record::{CallOutcome, CallRecord, CallType, TransferType};
use crate::time::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DidUse {
    /// The month that is counted, since the year 0, by the clocks of the office.
    pub month: i32,
    pub calls: u32,
    /// Each answered call rounded up to whole ones.
    pub minutes: u32,
    pub last_used_at: Timestamp,
}

impl DidUse {
    /// The same after a call to it has ended. A transfer goes on with a call: it is none of its own, and its minutes count.
    pub fn after(self, record: &CallRecord, clocks: &TimeZone) -> DidUse {
        let month = month_of(record.started_at, clocks);
        let mut used = if month > self.month { DidUse { month, calls: 0, minutes: 0, ..self } } else { self };
        if month == used.month {
            used.calls += u32::from(record.transfer_type == TransferType::None);
            let answered = record.call_outcome == CallOutcome::Answered;
            used.minutes += if answered { record.did_billed_seconds.div_ceil(60) } else { 0 };
        }
        used.last_used_at = used.last_used_at.max(record.started_at);
        used
    }

    /// The same before it, as far as its month is still counted.
    pub fn without(mut self, record: &CallRecord, clocks: &TimeZone) -> DidUse {
        let begun = DidUse { month: self.month, ..DidUse::default() }.after(record, clocks);
        if begun.month == self.month {
            self.calls = self.calls.saturating_sub(begun.calls);
            self.minutes = self.minutes.saturating_sub(begun.minutes);
        }
        self
    }

    /// What of it is of the month that is now.
    pub fn at(self, now: Timestamp, clocks: &TimeZone) -> DidUse {
        if self.month == month_of(now, clocks) { self } else { DidUse { calls: 0, minutes: 0, ..self } }
    }
}

/// The DID that a call came in on.
pub fn did_of(record: &CallRecord) -> Option<&str> {
    let number = record.access_number.as_str();
    (record.call_type == CallType::Inbound && !number.is_empty()).then_some(number)
}

fn month_of(at: Timestamp, clocks: &TimeZone) -> i32 {
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned(clocks.clone());
    i32::from(moment.year()) * 12 + i32::from(moment.month()) - 1
}
