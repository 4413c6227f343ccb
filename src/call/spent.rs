//! What is used of the fraud limits (OUT-54..69) and of the calls to one number in a day (CDR-80).

mod day;
mod now;

pub use super::step::Limit;
use crate::{
    history::fact::UsedToday,
    model::{FraudLimits, Limits, Preferences, Trunk, outbound_profile::NumberClass},
    schema::{Id, Tenant},
    sip::order::TrunkId,
    time::Timestamp,
};
pub use day::Budget;
use day::Day;
pub use now::{AgentNow, Left, SpentNow, TrunkNow};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

/// Within which `agent_attempts_minute` counts.
const ATTEMPTS_WITHIN: Duration = Duration::from_secs(60);
/// Of an agent; the limit allows no more.
const ATTEMPTS_MAX: usize = 60;
/// How often what passes is added while somebody talks.
const ADD_EVERY: Duration = Duration::from_secs(1);
/// Before the longest dear call is ended (OUT-60).
const WARN_BEFORE: Duration = Duration::from_secs(60);
const MINUTE: u64 = 60_000;

/// An outside call as the limits see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside {
    /// Who started it; a campaign's dialer has none (OUT-56 reading).
    pub agent: Option<String>,
    /// The number called, in the form in which calls to it are counted.
    pub number: String,
    pub class: NumberClass,
    /// Made for a caller from outside (OUT-63).
    pub forward: bool,
    pub emergency: bool,
}

/// How much of a limit is used, and how much of it there is; minutes of the day are whole ones that have passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    pub limit: Limit,
    pub used: u64,
    pub allowed: u64,
}

/// What a call that is up has to expect now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// A tone: it ends in a minute (OUT-60).
    Warn {
        call: String,
    },
    End {
        call: String,
        limit: Limit,
    },
    /// A budget of the day is at 80 or at 100 percent (OUT-67).
    Alarm {
        limit: Limit,
        of: Budget,
        percent: u8,
        numbers: Vec<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Up {
    outside: Outside,
    trunk: Option<TrunkId>,
    answered_at: Option<Timestamp>,
    /// Up to here its time is in the budgets.
    counted_to: Timestamp,
    warned: bool,
}

/// Everything that is used, now and today. Plain: it goes with the state of the exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    day: Day,
    /// The day before it, or before one that there never was: a clock may come back.
    before: Day,
    up: BTreeMap<String, Up>,
    attempts: BTreeMap<String, VecDeque<Timestamp>>,
}

impl Spent {
    /// Refused with the first limit that this call would go beyond. `at` may be another time than now.
    pub fn allows(&self, outside: &Outside, tenant: &Tenant, at: Timestamp) -> Result<(), Used> {
        self.limits(outside, tenant, at).into_iter().find(|limit| limit.used >= limit.allowed).map_or(Ok(()), Err)
    }

    /// Calls to this number today against `daily_call_limit`; none: there is no limit.
    pub fn of_number(&self, number: &str, tenant: &Tenant, at: Timestamp) -> Option<Used> {
        let allowed = Limits::of(tenant).daily_call_limit.value() as u64;
        let used = self.today(tenant, at).map_or(0, |day| day.calls_to(number));
        (allowed > 0).then_some(Used { limit: Limit::DailyCallLimit, used, allowed })
    }

    /// The minutes of a trunk today; none: there is no limit (OUT-61).
    pub fn of_trunk(&self, trunk: TrunkId, tenant: &Tenant, at: Timestamp) -> Option<Used> {
        let minutes = tenant.table::<Trunk>().row(Id(trunk.0))?.value.minutes_day.value() as u64;
        (minutes > 0).then(|| self.minutes(Limit::MinutesDay, Budget::Trunk(trunk), minutes, tenant, at))
    }

    /// Every limit that holds for this call, in the order in which they are asked.
    pub fn limits(&self, outside: &Outside, tenant: &Tenant, at: Timestamp) -> Vec<Used> {
        let limits = FraudLimits::of(tenant);
        let mut all = Vec::new();
        let mut count = |limit, used: usize, allowed: i64| {
            all.push(Used { limit, used: used as u64, allowed: allowed as u64 });
        };
        if let Some(agent) = &outside.agent {
            count(Limit::AgentAttemptsMinute, self.attempts(agent, at), limits.agent_attempts_minute.value());
            let up = self.count(|up| up.outside.agent.as_ref() == Some(agent));
            count(Limit::AgentConcurrent, up, limits.agent_concurrent.value());
            if is_night(tenant, at) {
                let up = self.count(|up| up.outside.agent.is_some());
                count(Limit::NightConcurrent, up, limits.night_concurrent.value());
            }
        }
        if outside.forward {
            count(Limit::ForwardConcurrent, self.count(|up| up.outside.forward), limits.forward_concurrent.value());
        }
        if outside.class.is_dear() {
            count(Limit::DearConcurrent, self.count(|up| up.outside.class.is_dear()), limits.dear_concurrent.value());
        }
        all.extend(self.budgets(outside, tenant, at));
        all
    }

    /// The same, of those that count minutes of the day.
    fn budgets(&self, outside: &Outside, tenant: &Tenant, at: Timestamp) -> Vec<Used> {
        let limits = FraudLimits::of(tenant);
        let mut all = Vec::new();
        let mut minutes = |limit, of, allowed: i64| all.push(self.minutes(limit, of, allowed as u64, tenant, at));
        if let Some(agent) = &outside.agent {
            if limits.agent_minutes_day.value() > 0 {
                minutes(Limit::AgentMinutesDay, Budget::Agent(agent.clone()), limits.agent_minutes_day.value());
            }
            if outside.class.is_dear() {
                let allowed = limits.dear_agent_minutes_day.value();
                minutes(Limit::DearAgentMinutesDay, Budget::DearOfAgent(agent.clone()), allowed);
            }
        }
        if outside.class.is_dear() {
            minutes(Limit::DearMinutesDay, Budget::Dear, limits.dear_minutes_day.value());
        }
        all
    }

    /// What outlived a stop; before the first event.
    pub fn restore(&mut self, used: UsedToday) {
        self.day = Day::restored(used);
    }

    /// What has changed since this was last asked, to be written down (OUT-66).
    pub fn take_changes(&mut self) -> Option<UsedToday> {
        self.day.take_changes()
    }

    /// A call is sent; its number and its attempt count from now on.
    pub fn began(&mut self, call: &str, outside: Outside, tenant: &Tenant, at: Timestamp) {
        self.roll(tenant, at);
        if outside.emergency {
            return;
        }
        if let Some(agent) = &outside.agent {
            let attempts = self.attempts.entry(agent.clone()).or_default();
            attempts.push_back(at);
            while attempts.len() > ATTEMPTS_MAX {
                attempts.pop_front();
            }
        }
        if Limits::of(tenant).daily_call_limit.value() > 0 {
            self.day.called(&outside.number);
        }
        self.day.noted(&outside, None);
        let up = Up { outside, trunk: None, answered_at: None, counted_to: at, warned: false };
        self.up.insert(call.into(), up);
    }

    /// Its time counts from now on, for this trunk.
    pub fn answered(&mut self, call: &str, trunk: TrunkId, tenant: &Tenant, at: Timestamp) {
        self.roll(tenant, at);
        if let Some(up) = self.up.get_mut(call) {
            (up.trunk, up.answered_at, up.counted_to) = (Some(trunk), Some(at), at);
            self.day.noted(&up.outside, Some(trunk));
        }
    }

    pub fn ended(&mut self, call: &str, tenant: &Tenant, at: Timestamp) {
        self.roll(tenant, at);
        self.add(at);
        self.up.remove(call);
    }

    /// When `tick` wants to be called if nothing happens before: while somebody talks, each second.
    pub fn due(&self) -> Option<Timestamp> {
        let talking = self.up.values().filter(|up| up.answered_at.is_some());
        talking.map(|up| up.counted_to + ADD_EVERY).min()
    }

    /// Adds what has passed, and says what follows. Calls that are not dear are never ended (OUT-65).
    pub fn tick(&mut self, tenant: &Tenant, at: Timestamp) -> Vec<Due> {
        self.roll(tenant, at);
        self.add(at);
        let mut due = self.alarms(tenant, at);
        due.extend(self.dear(tenant, at));
        due
    }

    /// The time of day was set: what is up and what was just begun lasts as it would have (BOX-52).
    pub fn date_anew(&mut self, by_ms: i64) {
        for up in self.up.values_mut() {
            up.counted_to = up.counted_to.moved(by_ms);
            up.answered_at = up.answered_at.map(|at| at.moved(by_ms));
        }
        self.attempts.values_mut().flatten().for_each(|at| *at = at.moved(by_ms));
    }

    /// What was told of budgets of today, as it was told last; for who has forgotten it over a stop.
    pub fn told(&self, tenant: &Tenant, at: Timestamp) -> Vec<Due> {
        let told = self.today(tenant, at).into_iter().flat_map(Day::told);
        told.map(|(of, percent, numbers)| Due::Alarm { limit: limit_of(&of), of, percent, numbers }).collect()
    }

    /// When the day ends, and with it what was used and released.
    pub fn day_ends(tenant: &Tenant, at: Timestamp) -> Timestamp {
        at.day_ends(&Preferences::of(tenant).time_zone.clocks())
    }

    /// Raises a budget of today by its own size until midnight (OUT-68).
    pub fn release(&mut self, of: Budget, tenant: &Tenant, at: Timestamp) {
        self.roll(tenant, at);
        self.day.release(of);
    }

    fn add(&mut self, at: Timestamp) {
        for up in self.up.values_mut().filter(|up| up.answered_at.is_some()) {
            let passed = at.since(up.counted_to).as_millis() as u64;
            up.counted_to = up.counted_to.max(at);
            if passed > 0 {
                self.day.add(&up.outside, up.trunk, passed);
            }
        }
    }

    /// Another day has begun in the office: what was used yesterday is gone, and calls that are up count from
    /// midnight on. No day comes twice: where the clock was set back, all that was used since counts today.
    fn roll(&mut self, tenant: &Tenant, at: Timestamp) {
        let clocks = Preferences::of(tenant).time_zone.clocks();
        let day = at.day(&clocks);
        if self.day.number == day {
            return;
        }
        if day < self.day.number {
            let before = std::mem::take(&mut self.before);
            return self.day.is_really(day, Some(before).filter(|before| before.number == day));
        }
        self.before = std::mem::replace(&mut self.day, Day::of(day));
        let midnight = at.day_begins(&clocks);
        for up in self.up.values_mut() {
            up.counted_to = up.counted_to.max(midnight);
        }
        self.attempts.retain(|_, attempts| attempts.back().is_some_and(|last| at.since(*last) < ATTEMPTS_WITHIN));
    }

    fn alarms(&mut self, tenant: &Tenant, at: Timestamp) -> Vec<Due> {
        let talking: Vec<(Outside, Option<TrunkId>)> =
            self.up.values().filter(|up| up.answered_at.is_some()).map(|up| (up.outside.clone(), up.trunk)).collect();
        let mut alarms = Vec::new();
        for (outside, trunk) in talking {
            let trunk = trunk.and_then(|trunk| Some((Budget::Trunk(trunk), self.of_trunk(trunk, tenant, at)?)));
            let budgets = self.budgets(&outside, tenant, at).into_iter();
            let of = |used: &Used| match (used.limit, &outside.agent) {
                (Limit::AgentMinutesDay, Some(agent)) => Budget::Agent(agent.clone()),
                (Limit::DearAgentMinutesDay, Some(agent)) => Budget::DearOfAgent(agent.clone()),
                _ => Budget::Dear,
            };
            for (of, used) in budgets.map(|used| (of(&used), used)).chain(trunk) {
                if let Some((percent, numbers)) = self.day.reached(&of, used.allowed) {
                    alarms.push(Due::Alarm { limit: used.limit, of, percent, numbers });
                }
            }
        }
        alarms
    }

    /// OUT-60, OUT-65
    fn dear(&mut self, tenant: &Tenant, at: Timestamp) -> Vec<Due> {
        let longest = Duration::from_secs(60 * FraudLimits::of(tenant).dear_call_minutes.value() as u64);
        let talking = self.up.iter().filter(|(_, up)| up.outside.class.is_dear());
        let talking: Vec<(String, Outside, Timestamp, bool)> = talking
            .filter_map(|(call, up)| Some((call.clone(), up.outside.clone(), up.answered_at?, up.warned)))
            .collect();
        let mut due = Vec::new();
        for (call, outside, answered_at, warned) in talking {
            let lasted = at.since(answered_at);
            let spent = |used: &Used| {
                matches!(used.limit, Limit::DearAgentMinutesDay | Limit::DearMinutesDay) && used.used >= used.allowed
            };
            if let Some(used) = self.budgets(&outside, tenant, at).into_iter().find(spent) {
                due.push(Due::End { call, limit: used.limit });
            } else if lasted >= longest {
                due.push(Due::End { call, limit: Limit::DearCallMinutes });
            } else if !warned && lasted + WARN_BEFORE >= longest {
                self.up.entry(call.clone()).and_modify(|up| up.warned = true);
                due.push(Due::Warn { call });
            }
        }
        due
    }

    fn today(&self, tenant: &Tenant, at: Timestamp) -> Option<&Day> {
        let day = at.day(&Preferences::of(tenant).time_zone.clocks());
        // A clock that was set back takes the day with it, with the next call.
        Some(&self.day).filter(|today| today.number >= day)
    }

    fn minutes(&self, limit: Limit, of: Budget, minutes: u64, tenant: &Tenant, at: Timestamp) -> Used {
        let day = self.today(tenant, at);
        let allowed = minutes * day.map_or(1, |day| day.times(&of));
        Used { limit, used: day.map_or(0, |day| day.used(&of) / MINUTE), allowed }
    }

    fn attempts(&self, agent: &str, at: Timestamp) -> usize {
        let attempts = self.attempts.get(agent).into_iter().flatten();
        attempts.filter(|attempt| at >= **attempt && at.since(**attempt) < ATTEMPTS_WITHIN).count()
    }

    fn count(&self, counts: impl Fn(&Up) -> bool) -> usize {
        self.up.values().filter(|up| counts(up)).count()
    }
}

fn limit_of(budget: &Budget) -> Limit {
    match budget {
        Budget::Agent(_) => Limit::AgentMinutesDay,
        Budget::DearOfAgent(_) => Limit::DearAgentMinutesDay,
        Budget::Dear => Limit::DearMinutesDay,
        Budget::Trunk(_) => Limit::MinutesDay,
    }
}

/// Whether the dear classes rest (OUT-62), by the clocks of the office; over midnight where it ends before it begins.
pub fn is_night(tenant: &Tenant, at: Timestamp) -> bool {
    let limits = FraudLimits::of(tenant);
    let now = day::minute_of(at, &Preferences::of(tenant).time_zone.clocks());
    let within = |(from, to)| if from <= to { (from..to).contains(&now) } else { now >= from || now < to };
    limits.nights().any(within)
}

#[cfg(test)]
mod tests;
