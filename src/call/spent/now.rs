//! What is used of every limit now, and what is left (OUT-69).

use super::{Budget, Limit, Outside, Spent, Used};
use crate::{
    model::{FraudLimits, Limits, Preferences, Trunk, outbound_profile::NumberClass},
    schema::{Id, Tenant},
    sip::order::TrunkId,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One limit as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    pub limit: Limit,
    pub used: u64,
    /// None: there is no limit.
    pub allowed: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpentNow {
    /// Since when the day counts.
    pub since: Timestamp,
    pub office: Vec<Left>,
    pub agents: Vec<AgentNow>,
    pub trunks: Vec<TrunkNow>,
}

/// Of an agent who has used anything today, or does now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentNow {
    pub agent_number: String,
    pub limits: Vec<Left>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkNow {
    pub trunk: Id,
    pub name: String,
    pub limits: Vec<Left>,
}

impl Spent {
    pub fn now(&self, tenant: &Tenant, at: Timestamp) -> SpentNow {
        SpentNow {
            since: at.day_begins(&Preferences::of(tenant).time_zone.clocks()),
            office: self.of_office(tenant, at),
            agents: self.agents(tenant, at).into_iter().map(|agent| self.of_agent(agent, tenant, at)).collect(),
            trunks: tenant.table::<Trunk>().rows().map(|row| self.of_one_trunk(row.id(), tenant, at)).collect(),
        }
    }

    fn of_office(&self, tenant: &Tenant, at: Timestamp) -> Vec<Left> {
        let limits = FraudLimits::of(tenant);
        let count = |limit, used: usize, allowed: i64| Left { limit, used: used as u64, allowed: Some(allowed as u64) };
        let longest = self.up.values().filter(|up| up.outside.class.is_dear()).filter_map(|up| up.answered_at);
        let longest = longest.map(|answered| at.seconds_since(answered) / 60).max().unwrap_or(0);
        let most_called = self.today(tenant, at).map_or(0, |day| day.most_called());
        let every = Limits::of(tenant).daily_call_limit.value() as u64;
        vec![
            self.minutes(Limit::DearMinutesDay, Budget::Dear, limits.dear_minutes_day.value() as u64, tenant, at)
                .into(),
            count(Limit::DearConcurrent, self.count(|up| up.outside.class.is_dear()), limits.dear_concurrent.value()),
            count(Limit::DearCallMinutes, longest as usize, limits.dear_call_minutes.value()),
            count(Limit::NightConcurrent, self.count(|up| up.outside.agent.is_some()), limits.night_concurrent.value()),
            count(Limit::ForwardConcurrent, self.count(|up| up.outside.forward), limits.forward_concurrent.value()),
            Left { limit: Limit::DailyCallLimit, used: most_called, allowed: (every > 0).then_some(every) },
        ]
    }

    /// Those who have used anything.
    fn agents(&self, tenant: &Tenant, at: Timestamp) -> BTreeSet<String> {
        let up = self.up.values().filter_map(|up| up.outside.agent.clone());
        let today = self.today(tenant, at).into_iter().flat_map(|day| day.agents());
        let tried = self.attempts.keys().filter(|agent| self.attempts(agent, at) > 0).cloned();
        up.chain(today).chain(tried).collect()
    }

    /// As a dear call of theirs would be held against them: that is against every limit there is.
    fn of_agent(&self, agent_number: String, tenant: &Tenant, at: Timestamp) -> AgentNow {
        let outside =
            Outside { agent: Some(agent_number.clone()), class: NumberClass::International, ..Outside::default() };
        let own =
            [Limit::AgentConcurrent, Limit::AgentAttemptsMinute, Limit::AgentMinutesDay, Limit::DearAgentMinutesDay];
        let held: Vec<Used> = self.limits(&outside, tenant, at);
        let minutes = self.today(tenant, at).map_or(0, |day| day.minutes(&Budget::Agent(agent_number.clone())));
        let of = |limit: Limit| match held.iter().find(|used| used.limit == limit) {
            Some(used) => used.clone().into(),
            None => Left { limit, used: minutes, allowed: None },
        };
        AgentNow { limits: own.map(of).to_vec(), agent_number }
    }

    /// Answered minutes over it today (TRK-4).
    pub fn over(&self, trunk: TrunkId, tenant: &Tenant, at: Timestamp) -> u64 {
        self.today(tenant, at).map_or(0, |day| day.minutes(&Budget::Trunk(trunk)))
    }

    fn of_one_trunk(&self, id: Id, tenant: &Tenant, at: Timestamp) -> TrunkNow {
        let trunk = TrunkId(id.0);
        let none = Left { limit: Limit::MinutesDay, used: self.over(trunk, tenant, at), allowed: None };
        let limit = self.of_trunk(trunk, tenant, at).map_or(none, Into::into);
        TrunkNow { trunk: id, name: Trunk::name_of(tenant, id), limits: vec![limit] }
    }
}

impl From<Used> for Left {
    fn from(used: Used) -> Left {
        Left { limit: used.limit, used: used.used, allowed: Some(used.allowed) }
    }
}
