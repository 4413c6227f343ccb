//! What was used today, by the clocks of the office.

use super::{MINUTE, Outside};
use crate::{sip::order::TrunkId, time::Timestamp};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Numbers whose calls of the day are counted; a box cannot call as many.
const NUMBERS_MAX: usize = 200_000;
/// Of each budget, for the alarm.
const LAST_NUMBERS: usize = 5;
/// Of a budget, at which somebody is told.
const PERCENTS: [u8; 2] = [100, 80];

/// Whose minutes of the day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Budget {
    Agent(String),
    DearOfAgent(String),
    Dear,
    Trunk(TrunkId),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Days since 1970.
    pub number: i32,
    budgets: BTreeMap<Budget, OfBudget>,
    numbers: BTreeMap<String, u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct OfBudget {
    used_ms: u64,
    /// How often it was released.
    released: u64,
    told: BTreeSet<(u64, u8)>,
    last: VecDeque<String>,
}

impl Day {
    pub fn of(number: i32) -> Day {
        Day { number, ..Day::default() }
    }

    pub fn used(&self, of: &Budget) -> u64 {
        self.budgets.get(of).map_or(0, |budget| budget.used_ms)
    }

    /// How many times its own size a budget has today (OUT-68).
    pub fn times(&self, of: &Budget) -> u64 {
        1 + self.budgets.get(of).map_or(0, |budget| budget.released)
    }

    pub fn release(&mut self, of: Budget) {
        self.budgets.entry(of).or_default().released += 1;
    }

    pub fn calls_to(&self, number: &str) -> u64 {
        self.numbers.get(number).map_or(0, |calls| u64::from(*calls))
    }

    pub fn called(&mut self, number: &str) {
        if let Some(calls) = self.numbers.get_mut(number) {
            *calls += 1;
        } else if self.numbers.len() < NUMBERS_MAX {
            self.numbers.insert(number.into(), 1);
        }
    }

    pub fn add(&mut self, outside: &Outside, trunk: Option<TrunkId>, passed_ms: u64) {
        for budget in budgets(outside).chain(trunk.map(Budget::Trunk)) {
            self.budgets.entry(budget).or_default().used_ms += passed_ms;
        }
    }

    /// The number stands among the last that used these budgets: those of the trunk once it is known, else all others.
    pub fn noted(&mut self, outside: &Outside, trunk: Option<TrunkId>) {
        let of: Vec<Budget> = match trunk {
            Some(trunk) => vec![Budget::Trunk(trunk)],
            None => budgets(outside).collect(),
        };
        for budget in of {
            let last = &mut self.budgets.entry(budget).or_default().last;
            last.push_back(outside.number.clone());
            if last.len() > LAST_NUMBERS {
                last.pop_front();
            }
        }
    }

    /// What is to be told, once: a percentage of the minutes there are today, and the last numbers called.
    pub fn reached(&mut self, of: &Budget, minutes: u64) -> Option<(u8, Vec<String>)> {
        let budget = self.budgets.get_mut(of)?;
        let percent = *PERCENTS
            .iter()
            .find(|percent| minutes > 0 && budget.used_ms * 100 >= minutes * MINUTE * u64::from(**percent))?;
        let new = budget.told.insert((budget.released, percent));
        new.then(|| (percent, budget.last.iter().cloned().collect()))
    }
}

fn budgets(outside: &Outside) -> impl Iterator<Item = Budget> {
    let agent = outside.agent.clone();
    let dear = outside.class.is_dear();
    let of_agent = agent.clone().map(Budget::Agent);
    let dear_of_agent = agent.filter(|_| dear).map(Budget::DearOfAgent);
    of_agent.into_iter().chain(dear_of_agent).chain(dear.then_some(Budget::Dear))
}

pub fn day_of(at: Timestamp, clocks: &TimeZone) -> i32 {
    let date = local(at, clocks).date();
    date.since(jiff::civil::date(1970, 1, 1)).map_or(0, |span| span.get_days())
}

/// The first moment of the day; where clocks are set at midnight it may not be 00:00.
pub fn begins_at(at: Timestamp, clocks: &TimeZone) -> Timestamp {
    let begins = local(at, clocks).start_of_day();
    begins.map_or(at, |begins| Timestamp(begins.timestamp().as_millisecond()))
}

pub fn minute_of(at: Timestamp, clocks: &TimeZone) -> u32 {
    let clock = local(at, clocks).time();
    u32::from(clock.hour().unsigned_abs()) * 60 + u32::from(clock.minute().unsigned_abs())
}

fn local(at: Timestamp, clocks: &TimeZone) -> jiff::Zoned {
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    moment.to_zoned(clocks.clone())
}
