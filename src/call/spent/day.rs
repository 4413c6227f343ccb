//! What was used today, by the clocks of the office.

use super::{MINUTE, Outside};
use crate::{
    history::fact::{BudgetOf, BudgetUsed, UsedToday},
    sip::order::TrunkId,
    time::Timestamp,
};
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
    /// What is not written down yet.
    changed: BTreeSet<Budget>,
    changed_numbers: BTreeSet<String>,
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

    /// The clock was wrong: it is another day, and what is known to be used of that counts too.
    pub fn is_really(&mut self, number: i32, known: Option<Day>) {
        self.number = number;
        let known = known.unwrap_or_default();
        for (of, known) in known.budgets {
            let budget = self.budgets.entry(of).or_default();
            budget.used_ms = budget.used_ms.saturating_add(known.used_ms);
            budget.released = budget.released.max(known.released);
            budget.told.extend(known.told);
            if budget.last.is_empty() {
                budget.last = known.last;
            }
        }
        for (called, calls) in known.numbers {
            let sum = self.numbers.entry(called).or_default();
            *sum = sum.saturating_add(calls);
        }
        // Of another day nothing is written down yet.
        self.changed = self.budgets.keys().cloned().collect();
        self.changed_numbers = self.numbers.keys().cloned().collect();
    }

    /// As it was written down.
    pub fn restored(used: UsedToday) -> Day {
        let budget = |one: BudgetUsed| {
            let of = match one.of {
                BudgetOf::Agent(agent) => Budget::Agent(agent),
                BudgetOf::DearOfAgent(agent) => Budget::DearOfAgent(agent),
                BudgetOf::Dear => Budget::Dear,
                BudgetOf::Trunk(trunk) => Budget::Trunk(TrunkId(trunk)),
            };
            let (told, last) = (one.told.into_iter().collect(), one.last.into());
            (of, OfBudget { used_ms: one.used_ms, released: one.released, told, last })
        };
        Day {
            number: used.day,
            budgets: used.budgets.into_iter().map(budget).collect(),
            numbers: used.numbers.into_iter().collect(),
            ..Day::default()
        }
    }

    /// What is to be written down, once.
    pub fn take_changes(&mut self) -> Option<UsedToday> {
        if self.changed.is_empty() && self.changed_numbers.is_empty() {
            return None;
        }
        let (changed, numbers) = (std::mem::take(&mut self.changed), std::mem::take(&mut self.changed_numbers));
        let budget = |of: Budget| {
            let OfBudget { used_ms, released, told, last } = self.budgets.get(&of)?.clone();
            let of = match of {
                Budget::Agent(agent) => BudgetOf::Agent(agent),
                Budget::DearOfAgent(agent) => BudgetOf::DearOfAgent(agent),
                Budget::Dear => BudgetOf::Dear,
                Budget::Trunk(trunk) => BudgetOf::Trunk(trunk.0),
            };
            Some(BudgetUsed { of, used_ms, released, told: told.into_iter().collect(), last: last.into() })
        };
        let calls = |number: String| self.numbers.get(&number).map(|calls| (number.clone(), *calls));
        Some(UsedToday {
            day: self.number,
            budgets: changed.into_iter().filter_map(budget).collect(),
            numbers: numbers.into_iter().filter_map(calls).collect(),
        })
    }

    /// The highest percentage of each budget that was told since it was last released, with the last numbers called.
    pub fn told(&self) -> Vec<(Budget, u8, Vec<String>)> {
        let told = |(of, one): (&Budget, &OfBudget)| {
            let percents =
                one.told.iter().filter(|(released, _)| *released == one.released).map(|(_, percent)| *percent);
            Some((of.clone(), percents.max()?, one.last.iter().cloned().collect()))
        };
        self.budgets.iter().filter_map(told).collect()
    }

    fn change(&mut self, of: Budget) -> &mut OfBudget {
        self.changed.insert(of.clone());
        self.budgets.entry(of).or_default()
    }

    /// Whole minutes that have passed.
    pub fn minutes(&self, of: &Budget) -> u64 {
        self.used(of) / MINUTE
    }

    /// Who has minutes of their own.
    pub fn agents(&self) -> impl Iterator<Item = String> {
        self.budgets.keys().filter_map(|of| match of {
            Budget::Agent(agent) | Budget::DearOfAgent(agent) => Some(agent.clone()),
            Budget::Dear | Budget::Trunk(_) => None,
        })
    }

    /// The calls to the number that was called most.
    pub fn most_called(&self) -> u64 {
        self.numbers.values().copied().max().map_or(0, u64::from)
    }

    pub fn used(&self, of: &Budget) -> u64 {
        self.budgets.get(of).map_or(0, |budget| budget.used_ms)
    }

    /// How many times its own size a budget has today (OUT-68).
    pub fn times(&self, of: &Budget) -> u64 {
        1 + self.budgets.get(of).map_or(0, |budget| budget.released)
    }

    pub fn release(&mut self, of: Budget) {
        self.change(of).released += 1;
    }

    pub fn calls_to(&self, number: &str) -> u64 {
        self.numbers.get(number).map_or(0, |calls| u64::from(*calls))
    }

    pub fn called(&mut self, number: &str) {
        if let Some(calls) = self.numbers.get_mut(number) {
            *calls += 1;
            self.changed_numbers.insert(number.into());
        } else if self.numbers.len() < NUMBERS_MAX {
            self.numbers.insert(number.into(), 1);
            self.changed_numbers.insert(number.into());
        }
    }

    pub fn add(&mut self, outside: &Outside, trunk: Option<TrunkId>, passed_ms: u64) {
        for budget in budgets(outside).chain(trunk.map(Budget::Trunk)) {
            self.change(budget).used_ms += passed_ms;
        }
    }

    /// The number stands among the last that used these budgets: those of the trunk once it is known, else all others.
    pub fn noted(&mut self, outside: &Outside, trunk: Option<TrunkId>) {
        let of: Vec<Budget> = match trunk {
            Some(trunk) => vec![Budget::Trunk(trunk)],
            None => budgets(outside).collect(),
        };
        for budget in of {
            let last = &mut self.change(budget).last;
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
        let last = budget.last.iter().cloned().collect();
        if new {
            self.changed.insert(of.clone());
        }
        new.then_some((percent, last))
    }
}

fn budgets(outside: &Outside) -> impl Iterator<Item = Budget> {
    let agent = outside.agent.clone();
    let dear = outside.class.is_dear();
    let of_agent = agent.clone().map(Budget::Agent);
    let dear_of_agent = agent.filter(|_| dear).map(Budget::DearOfAgent);
    of_agent.into_iter().chain(dear_of_agent).chain(dear.then_some(Budget::Dear))
}

pub fn minute_of(at: Timestamp, clocks: &TimeZone) -> u32 {
    let clock = at.local(clocks).time();
    u32::from(clock.hour().unsigned_abs()) * 60 + u32::from(clock.minute().unsigned_abs())
}
