//! With which agent a number outside last talked (INR-21).

use crate::{
    history::{call_record::CallRecord, fact::LastTalk},
    model::numbering::Numbering,
    schema::tenant::Tenant,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Older talks no longer count (INR reading).
const DAYS: i64 = 180;
/// Numbers that are remembered; the one that talked longest ago goes first.
const NUMBERS_MAX: usize = 50_000;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAgents {
    /// By the number in its international form, where it has one.
    by_number: BTreeMap<Box<str>, Last>,
    /// The same by their time.
    by_time: BTreeSet<(Timestamp, Box<str>)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Last {
    agent: Box<str>,
    at: Timestamp,
}

impl LastAgents {
    /// What outlived a stop.
    pub fn restore(&mut self, talks: Vec<LastTalk>, tenant: &Tenant) {
        let numbering = Numbering::of(tenant);
        for talk in talks {
            self.put(key(&numbering, &talk.number), &talk.agent_number, talk.at);
        }
    }

    pub fn note(&mut self, record: &CallRecord, tenant: &Tenant) {
        if let Some(number) = record.talked_with() {
            let at = record.ended_at.unwrap_or(record.started_at);
            self.put(key(&Numbering::of(tenant), number), &record.agent_number, at);
        }
    }

    pub fn of(&self, number: &str, tenant: &Tenant, now: Timestamp) -> Option<&str> {
        let last = self.by_number.get(&*key(&Numbering::of(tenant), number))?;
        (last.at.0 >= now.0 - DAYS * 86_400_000).then_some(&*last.agent)
    }

    fn put(&mut self, number: Box<str>, agent: &str, at: Timestamp) {
        if let Some(before) = self.by_number.get(&number) {
            if before.at > at {
                return;
            }
            self.by_time.remove(&(before.at, number.clone()));
        }
        self.by_time.insert((at, number.clone()));
        self.by_number.insert(number, Last { agent: agent.into(), at });
        if self.by_number.len() > NUMBERS_MAX
            && let Some((_, oldest)) = self.by_time.pop_first()
        {
            self.by_number.remove(&oldest);
        }
    }
}

fn key(numbering: &Numbering, number: &str) -> Box<str> {
    numbering.international(number).unwrap_or_else(|| number.to_owned()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk(number: &str, agent: &str, at: i64) -> LastTalk {
        LastTalk { number: number.into(), agent_number: agent.into(), at: Timestamp(at) }
    }

    /// INR-21 and its reading: the latest counts, in whatever form the number was written, for 180 days.
    #[test]
    fn the_latest_talk_of_half_a_year_counts() {
        let (tenant, day) = (Tenant::default(), 86_400_000);
        let mut last = LastAgents::default();
        last.restore(vec![talk("13800000001", "801", 2 * day), talk("8613800000001", "802", day)], &tenant);
        assert_eq!(last.of("13800000001", &tenant, Timestamp(3 * day)), Some("801"));
        assert_eq!(last.of("+8613800000001", &tenant, Timestamp(182 * day)), Some("801"));
        assert_eq!(last.of("13800000001", &tenant, Timestamp(182 * day + 1)), None);
        assert_eq!(last.of("13800000002", &tenant, Timestamp(3 * day)), None);
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let tenant = Tenant::default();
        let mut last = LastAgents::default();
        let number = |n: usize| format!("1380{n:07}");
        last.restore((0..=NUMBERS_MAX).map(|n| talk(&number(n), "801", n as i64)).collect(), &tenant);
        let now = Timestamp(NUMBERS_MAX as i64);
        assert_eq!(last.of(&number(0), &tenant, now), None);
        assert_eq!(last.of(&number(1), &tenant, now), Some("801"));
        assert_eq!((last.by_number.len(), last.by_time.len()), (NUMBERS_MAX, NUMBERS_MAX));
    }
}
