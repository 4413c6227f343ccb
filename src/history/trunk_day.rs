//! What went over a trunk in a day, told by the records of its calls (TRK-50).

use super::call_record::{CallRecord, CallType, HangupBy};
use crate::{schema::Id, time::Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TrunkDay {
    pub calls_in: u32,
    pub calls_out: u32,
    pub answered: u32,
    /// By the code of the refusal; `0`: no response at all.
    pub refused: BTreeMap<String, u32>,
    /// The median time from INVITE to ringing of calls out; none: none rang.
    pub ringing_ms: Option<u32>,
    /// The most calls at one time.
    pub most: u32,
    /// The share of packets that did not come, and of those that did not arrive there; none: there was no sound.
    pub lost_in: Option<f64>,
    pub lost_out: Option<f64>,
}

/// Records are taken one by one, in any order.
#[derive(Clone, Debug, Default)]
pub struct Counting {
    trunk: Id,
    day: TrunkDay,
    ringing_ms: Vec<u32>,
    /// When a line was taken, and when it was left.
    lines: Vec<(Timestamp, i32)>,
    /// Packets that came or were sent, and those of them that were lost; in and out.
    packets: [(u64, u64); 2],
}

impl Counting {
    pub fn of(trunk: Id) -> Counting {
        Counting { trunk, ..Counting::default() }
    }

    pub fn take(&mut self, record: &CallRecord) {
        let came = self.came_in(record);
        if came && record.parent_call_id.is_none() {
            self.count_in(record);
        }
        let sides = record.sound.iter().filter(|side| side.trunk == Some(self.trunk)).count();
        for _ in 0..sides.max(usize::from(came)) {
            self.line(record.started_at, record.ended_at.unwrap_or(record.started_at));
        }
        for side in record.sound.iter().filter(|side| side.trunk == Some(self.trunk)) {
            let [came, went] = &mut self.packets;
            *came = (came.0 + side.packets_received + u64::from(side.lost), came.1 + u64::from(side.lost));
            *went = (went.0 + side.packets_sent, went.1 + u64::from(side.lost_there));
        }
        self.count_out(record);
    }

    /// The caller's side says where it came; without sound only what was sent nowhere is known to be here.
    fn came_in(&self, record: &CallRecord) -> bool {
        let over = match record.sound.first() {
            Some(side) => side.trunk,
            None if record.attempts.is_empty() => record.trunk,
            None => return false,
        };
        record.call_type == CallType::Inbound && over == Some(self.trunk)
    }

    fn count_in(&mut self, record: &CallRecord) {
        self.day.calls_in += 1;
        if record.answered_at.is_some() {
            self.day.answered += 1;
        } else if record.hangup_by != HangupBy::Caller {
            *self.day.refused.entry(record.sip_code.clone()).or_default() += 1;
        }
    }

    fn count_out(&mut self, record: &CallRecord) {
        let trunk = self.trunk;
        for attempt in record.attempts.iter().filter(|attempt| attempt.trunk == trunk) {
            self.day.calls_out += 1;
            self.ringing_ms.extend(attempt.ringing_ms);
            let is_over = attempt.milliseconds > 0;
            match attempt.code {
                200..300 => self.day.answered += 1,
                // Given up by whoever called.
                0 if !is_over => {}
                code => *self.day.refused.entry(code.to_string()).or_default() += 1,
            }
            if is_over && attempt.code != 200 {
                let until = record.started_at.moved(i64::from(attempt.milliseconds));
                self.line(record.started_at, until);
            }
        }
    }

    fn line(&mut self, from: Timestamp, until: Timestamp) {
        self.lines.extend([(from, 1), (until, -1)]);
    }

    /// `now`: calls that are up, which have no record yet.
    pub fn told(mut self, now: u32) -> TrunkDay {
        self.lines.sort();
        let (mut up, mut most) = (0, 0);
        for (_, change) in &self.lines {
            up += change;
            most = most.max(up);
        }
        self.ringing_ms.sort_unstable();
        let median = self.ringing_ms.get(self.ringing_ms.len() / 2).copied();
        let share = |(all, lost): (u64, u64)| (all > 0).then(|| lost as f64 / all as f64);
        let [lost_in, lost_out] = self.packets.map(share);
        TrunkDay { ringing_ms: median, most: now.max(most as u32), lost_in, lost_out, ..self.day }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::call_record::{Attempt, SideSound};
    use serde_json::json;

    /// Columns that are texts, and those that are numbers.
    const TEXTS: &str = "call_id transferred_from agent_number agent_name department_name group_number campaign_name \
        original_caller_number original_caller_name actual_caller_number actual_caller_name original_called_number \
        actual_called_number access_number original_access_number did_name trunk_name customer_keys custom_content \
        caller_region called_region server_name remark";
    const NUMBERS: &str = "weekday call_hour talk_seconds billed_seconds did_billed_seconds total_seconds hold_count \
        hold_seconds";

    fn record(kind: CallType, from: i64, until: i64, answered: bool) -> CallRecord {
        let mut value = json!({
            "call_type": kind, "call_outcome": if answered { "answered" } else { "failed" }, "transfer_type": "none",
            "is_holiday": false, "hangup_reason": "normal", "hangup_by": "system", "sip_code": "200", "sound": [],
            "started_at": Timestamp(from), "ended_at": Timestamp(until), "attempts": [], "places": [],
            "answered_at": answered.then_some(Timestamp(from)),
        });
        TEXTS.split_whitespace().for_each(|column| value[column] = "".into());
        NUMBERS.split_whitespace().for_each(|column| value[column] = 0.into());
        serde_json::from_value(value).unwrap()
    }

    const A: Id = Id(7);
    const B: Id = Id(8);

    fn side(trunk: Option<Id>, received: u64, lost: u32, sent: u64, lost_there: u32) -> SideSound {
        SideSound { trunk, packets_received: received, lost, packets_sent: sent, lost_there, ..SideSound::default() }
    }

    /// The name it had then is not asked for.
    fn attempt(trunk: Id, code: u16, milliseconds: u32, ringing_ms: Option<u32>) -> Attempt {
        Attempt { trunk, trunk_name: "former".into(), code, milliseconds, ringing_ms }
    }

    fn of(trunk: Id, records: &[CallRecord]) -> TrunkDay {
        let mut counting = Counting::of(trunk);
        records.iter().for_each(|record| counting.take(record));
        counting.told(0)
    }

    /// TRK-50
    #[test]
    fn a_day_is_counted_of_one_trunk() {
        let taken =
            CallRecord { sound: vec![side(Some(A), 90, 10, 100, 5)], ..record(CallType::Inbound, 0, 100, true) };
        let refused = CallRecord { trunk: Some(A), sip_code: "404".into(), ..record(CallType::Inbound, 10, 11, false) };
        let left =
            CallRecord { hangup_by: HangupBy::Caller, ..CallRecord { sip_code: "487".into(), ..refused.clone() } };
        // Handed on: the same call, and its line goes on.
        let on = CallRecord {
            parent_call_id: Some("1".into()),
            sound: vec![side(Some(A), 100, 0, 100, 0), side(Some(B), 50, 50, 100, 0)],
            attempts: vec![attempt(B, 200, 900, Some(300))],
            ..record(CallType::Inbound, 100, 200, true)
        };
        let out = CallRecord {
            sound: vec![side(None, 9, 9, 9, 9), side(Some(A), 0, 0, 0, 0)],
            attempts: vec![attempt(B, 503, 40, None), attempt(A, 200, 2_000, Some(700))],
            ..record(CallType::Outbound, 50, 150, true)
        };
        let busy =
            CallRecord { attempts: vec![attempt(A, 486, 30, Some(500))], ..record(CallType::Outbound, 60, 90, false) };
        let silent = CallRecord {
            attempts: vec![attempt(A, 0, 4_000, None)],
            ..record(CallType::Outbound, 9_000, 13_000, false)
        };
        let given_up = CallRecord {
            attempts: vec![attempt(A, 0, 0, Some(900))],
            ..record(CallType::Outbound, 9_000, 9_100, false)
        };
        let all = [taken, refused, left, on, out, busy, silent, given_up];
        let day = of(A, &all);
        assert_eq!((day.calls_in, day.calls_out, day.answered), (3, 4, 2), "{day:?}");
        let counted = [("0", 1), ("404", 1), ("486", 1)].map(|(code, n)| (code.to_owned(), n));
        assert_eq!(day.refused, BTreeMap::from(counted));
        assert_eq!((day.ringing_ms, day.most), (Some(700), 3), "{day:?}");
        assert_eq!((day.lost_in, day.lost_out), (Some(0.05), Some(0.025)));
        let other = of(B, &all);
        assert_eq!((other.calls_in, other.calls_out, other.answered, other.lost_in), (0, 2, 1, Some(0.5)));
        assert_eq!(Counting::of(Id(9)).told(2), TrunkDay { most: 2, ..TrunkDay::default() });
    }
}
