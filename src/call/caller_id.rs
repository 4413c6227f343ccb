//! Which number those we call are shown (CID reading, PRF-51..56, TRK-73, OUT-45).

use super::way_out::How;
use crate::{
    model::{Agent, AgentGroup, CallerId, Campaign, Preferences, Trunk},
    schema::{Id, Tenant, kind::Ref},
    sip::order::TrunkId,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Settings that are forgotten do no harm but begin again.
const TURNS_MAX: usize = 10_000;

/// Whose turn it is in each setting that names several numbers. Plain: it goes with the state of the exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turns(BTreeMap<Setting, u32>);

/// Where caller IDs are set (CID-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Setting {
    Agent(u64),
    Campaign(u64),
    Preferences,
}

/// For whom a call is made.
#[derive(Clone, Copy, Debug, Default)]
pub struct For<'a> {
    /// Of the API request; it goes before all (CID reading).
    pub requested: Option<&'a str>,
    pub agent: Option<&'a str>,
    pub campaign: Option<Id>,
    /// The number that the caller called whose call is sent on outside.
    pub did: Option<&'a str>,
    pub how: How,
    pub emergency: bool,
}

/// The caller ID of a call, before it is known which trunk takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// None: nobody set one.
    number: Option<String>,
    /// What stands in its place where the trunk has no default; empty: the trunk's own name (CID reading).
    otherwise: String,
    emergency: bool,
}

/// Once for each call, whatever trunks are tried: a rotation goes on by one (PRF-53). An emergency call turns nothing
/// (OUT-45).
pub fn choose(tenant: &Tenant, made: &For, turns: &mut Turns, at: Timestamp) -> Chosen {
    let turned = |list: &Listed| if made.emergency { 0 } else { list.place(tenant, turns, at) };
    let mut set = set(tenant, made);
    let place = set.as_ref().map_or(0, turned);
    let set = set.as_mut().and_then(|list| list.numbers.get(place).cloned());
    let did = made.did.filter(|_| made.is_sent_on()).map(String::from);
    Chosen {
        number: made.requested.map(String::from).or(set).or(did),
        otherwise: made.own_number(tenant),
        emergency: made.emergency,
    }
}

impl Chosen {
    /// What this trunk is sent; empty: nothing is shown.
    pub fn on(&self, tenant: &Tenant, trunk: TrunkId) -> String {
        let Some(row) = tenant.table::<Trunk>().row(Id(trunk.0)) else {
            return self.number.clone().unwrap_or_else(|| self.otherwise.clone());
        };
        let trunk = &row.value;
        let default = || trunk.default_caller_id.as_ref().map(|number| number.to_string());
        if self.emergency {
            let own = trunk.emergency_caller_id.as_ref().map(|number| number.to_string()).or_else(default);
            return own.or_else(|| self.number.clone()).unwrap_or_else(|| self.otherwise.clone());
        }
        let accepted = |number: &String| {
            trunk.caller_ids.is_empty() || trunk.caller_ids.iter().any(|accepted| **accepted == **number)
        };
        match &self.number {
            Some(number) if accepted(number) => number.clone(),
            Some(number) => default().unwrap_or_else(|| number.clone()),
            None => default().unwrap_or_else(|| self.without_any(trunk)),
        }
    }

    fn without_any(&self, trunk: &Trunk) -> String {
        if self.otherwise.is_empty() { trunk.username.to_string() } else { self.otherwise.clone() }
    }
}

impl For<'_> {
    fn is_sent_on(&self) -> bool {
        matches!(self.how, How::Destination | How::Forward)
    }

    /// CID-14 and its reading: the agent's, else that of the campaign's group.
    fn own_number(&self, tenant: &Tenant) -> String {
        if let Some(agent) = self.agent {
            return agent.into();
        }
        let campaign = self.campaign.and_then(|id| tenant.table::<Campaign>().row(id));
        let group = campaign.and_then(|row| tenant.table::<AgentGroup>().row(row.value.agent_group.id));
        group.map(|row| row.value.group_number.to_string()).unwrap_or_default()
    }
}

/// The numbers of one setting.
struct Listed {
    setting: Setting,
    numbers: Vec<String>,
}

/// The first of agent, campaign and preferences that names any (AGT-30, CID-11..13, CID-15).
fn set(tenant: &Tenant, made: &For) -> Option<Listed> {
    let numbers = |refs: &[Ref<CallerId>]| -> Vec<String> {
        refs.iter().filter_map(|caller_id| Some(caller_id.row(tenant)?.value.number.to_string())).collect()
    };
    let listed = |setting, refs: &[Ref<CallerId>]| {
        Some(Listed { setting, numbers: numbers(refs) }).filter(|list| !list.numbers.is_empty())
    };
    let agent = made.agent.filter(|_| !made.is_sent_on()).and_then(|number| Agent::of(tenant, number));
    let campaign = made.campaign.and_then(|id| tenant.table::<Campaign>().row(id));
    let of_agent = agent.and_then(|row| listed(Setting::Agent(row.id().0), &row.value.caller_ids));
    let of_campaign = || campaign.and_then(|row| listed(Setting::Campaign(row.id().0), &row.value.caller_ids));
    let of_all = || listed(Setting::Preferences, &Preferences::of(tenant).caller_ids);
    of_agent.or_else(of_campaign).or_else(of_all)
}

impl Listed {
    /// The next for each call, or the one of these days (PRF-53, PRF-54).
    fn place(&self, tenant: &Tenant, turns: &mut Turns, at: Timestamp) -> usize {
        let preferences = Preferences::of(tenant);
        let count = self.numbers.len();
        match preferences.caller_id_rotation.value() {
            _ if count < 2 => 0,
            0 => turns.next(self.setting, count),
            days => {
                let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
                let date = moment.to_zoned(preferences.time_zone.clocks()).date();
                let day = date.since(jiff::civil::date(1970, 1, 1)).map_or(0, |span| i64::from(span.get_days()));
                day.div_euclid(days).rem_euclid(count as i64) as usize
            }
        }
    }
}

impl Turns {
    fn next(&mut self, setting: Setting, count: usize) -> usize {
        if self.0.len() >= TURNS_MAX && !self.0.contains_key(&setting) {
            self.0.clear();
        }
        let turn = self.0.entry(setting).or_default();
        let place = *turn as usize % count;
        *turn = (place as u32 + 1) % count as u32;
        place
    }
}

#[cfg(test)]
mod tests;
