//! Where a call from a trunk goes: blacklist, DID, inbound routes, the default route, in this order (INR reading).

use super::step::{Found, Rule, Step};
use crate::{
    history::call_record::HangupReason,
    model::{
        Agent, Blacklist, Did, InboundRoute, Package, Preferences,
        inbound_route::{MatchOn, MatchType},
    },
    schema::{
        Id, Row, Tenant,
        kind::{Approval, Status, destination::To, phone, regex},
    },
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is known of a call when it comes in.
#[derive(Clone, Copy, Debug, Default)]
pub struct CameIn<'a> {
    /// What was called, with the trunk's prefixes taken away and added (TRK-60).
    pub number: &'a str,
    /// As the trunk gives it (TRK-61, 62, 64); empty where withheld.
    pub caller: &'a str,
    pub withheld: bool,
    /// Where the caller's number belongs; empty: nowhere known (LOC-7).
    pub caller_region: &'a str,
    /// Where the number called belongs; empty: what the DID says counts.
    pub called_region: &'a str,
}

/// Where it goes, what is shown of it, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayIn {
    pub did: Option<Id>,
    /// In which the caller is looked up and recorded (DID-16, DID-17); none: this office has no package at all.
    pub package: Option<Id>,
    pub arrival: Arrival,
    /// Stand before the caller's number and name where they are shown (DID-24..27, INR-18..20).
    pub number_prefix: String,
    pub name_prefix: String,
    /// This agent is rung before the call goes on (INR-21).
    pub last_agent_first: Option<String>,
    /// Its record says `blacklist`, wherever it goes (BLK-4).
    pub blacklisted: bool,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arrival {
    Go(To),
    /// Of the blacklist: a minute at most, then hang up (BLK-3 reading).
    RingTone,
    /// The same, once.
    Voice(Id),
    /// The same, a minute at most.
    HoldMusic(Id),
    /// A final response before any answer.
    Refuse(Refusal),
}

/// `code` goes to the trunk, `record_code` into the record (CDR-50).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub code: u16,
    pub record_code: String,
    pub reason: HangupReason,
}

/// `last_agent` is the agent of the latest answered call with the caller's number (INR reading).
pub fn way_in(tenant: &Tenant, came: &CameIn, last_agent: Option<&str>) -> WayIn {
    let did = tenant.table::<Did>().by("number", bare(came.number));
    let package = did.and_then(|did| did.value.package?.row(tenant)).or_else(|| Package::usual(tenant));
    let mut way = WayIn {
        did: did.map(|did| did.id()),
        package: package.map(|package| package.id()),
        arrival: refuse(404, "404", HangupReason::CallFailed),
        number_prefix: String::new(),
        name_prefix: String::new(),
        last_agent_first: None,
        blacklisted: false,
        steps: Vec::new(),
    };
    if way.is_blacklisted(tenant, came) {
        way.arrival = treatment(tenant);
    } else if let Some(arrival) = way.by_did(tenant, came, did) {
        way.arrival = arrival;
    } else if let Some(route) = way.by_route(tenant, came, did) {
        way.take(&route.value, tenant, last_agent);
    }
    way
}

impl WayIn {
    /// This agent called for help under the number that is called now, and is rung before all else (OUT-47).
    pub fn call_back(&mut self, agent: &str) {
        if self.blacklisted {
            return;
        }
        self.last_agent_first = Some(agent.into());
        if let Arrival::Refuse(_) = self.arrival {
            self.arrival = Arrival::Go(To::HangUp);
        }
    }

    fn step(&mut self, step: Step) {
        self.steps.push(step);
    }

    fn is_blacklisted(&mut self, tenant: &Tenant, came: &CameIn) -> bool {
        let number = phone::meant(came.caller);
        let entry = tenant.table::<Blacklist>().by("number", &number).filter(|_| !number.is_empty());
        let found = match entry {
            _ if came.withheld => Found::Withheld,
            None => Found::NotListed,
            Some(entry) if entry.value.status == Approval::Enabled => Found::Decides,
            Some(_) => Found::NotInForce,
        };
        self.step(Step::new(Rule::Blacklist, found).of_any(tenant, entry).compared(&number, ""));
        self.blacklisted = found == Found::Decides;
        self.blacklisted
    }

    /// `None`: the routes are asked.
    fn by_did(&mut self, tenant: &Tenant, came: &CameIn, did: Option<&Arc<Row<Did>>>) -> Option<Arrival> {
        let Some(row) = did else {
            self.step(Step::new(Rule::Did, Found::NoSuchNumber).compared(came.number, ""));
            return None;
        };
        let did = &row.value;
        let mut asked = |rule, found| self.steps.push(Step::new(rule, found).of(tenant, row));
        asked(Rule::Did, Found::Passes);
        if did.status == Status::Disabled {
            asked(Rule::DidStatus, Found::Disabled);
            return Some(refuse(403, "L403", HangupReason::CallFailed));
        }
        asked(Rule::DidDestination, if did.destination.is_some() { Found::Decides } else { Found::NoDestination });
        self.number_prefix = did.caller_number_prefix.to_string();
        self.name_prefix = did.caller_name_prefix.to_string();
        did.destination.as_ref().map(|destination| Arrival::Go(destination.to().clone()))
    }

    /// The first that fits, from the top; the default route fits what no other does (INR-5).
    fn by_route<'t>(
        &mut self,
        tenant: &'t Tenant,
        came: &CameIn,
        did: Option<&Arc<Row<Did>>>,
    ) -> Option<&'t Arc<Row<InboundRoute>>> {
        let routes = in_order(tenant);
        for row in routes.iter().filter(|row| !row.value.default_route.0) {
            let (found, value) = fits(&row.value, came, did.map(|did| &did.value));
            self.step(Step::new(Rule::InboundRoute, found).of(tenant, row).compared(&value, &row.value.match_value));
            if found == Found::Decides {
                return Some(row);
            }
        }
        let default = routes.into_iter().find(|row| row.value.default_route.0);
        let found = if default.is_some() { Found::Decides } else { Found::None };
        self.step(Step::new(Rule::DefaultRoute, found).of_any(tenant, default));
        default
    }

    fn take(&mut self, route: &InboundRoute, tenant: &Tenant, last_agent: Option<&str>) {
        if route.remove_caller_prefix.0 {
            self.number_prefix.clear();
            self.name_prefix.clear();
        }
        self.number_prefix.insert_str(0, &route.caller_number_prefix);
        let to = route.destination.as_ref().map_or(To::HangUp, |destination| destination.to().clone());
        self.arrival = Arrival::Go(to);
        if route.last_agent_first.0 {
            let agent = last_agent.and_then(|number| Agent::of(tenant, number));
            self.last_agent_first = agent.map(|agent| agent.value.agent_number.to_string());
            let found = if agent.is_some() { Found::Passes } else { Found::None };
            self.step(Step::new(Rule::LastAgent, found).of_any(tenant, agent));
        }
    }
}

/// As the list shows them: from the lowest position up, of two with the same the older first.
pub fn in_order(tenant: &Tenant) -> Vec<&Arc<Row<InboundRoute>>> {
    let mut routes: Vec<_> = tenant.table::<InboundRoute>().rows().collect();
    routes.sort_by_key(|row| (row.value.position, row.id()));
    routes
}

/// Whether a route that looks at the number called takes what comes to this DID.
pub fn takes_did(route: &InboundRoute, did: &Did) -> bool {
    fits(route, &CameIn { number: &did.number, ..CameIn::default() }, Some(did)).0 == Found::Decides
}

/// And what of the call was compared.
fn fits(route: &InboundRoute, came: &CameIn, did: Option<&Did>) -> (Found, String) {
    let wanted = &*route.match_value;
    let number = match route.match_on {
        MatchOn::Caller => came.caller,
        MatchOn::Did => bare(came.number),
    };
    let region = match route.match_on {
        MatchOn::Caller => came.caller_region,
        MatchOn::Did if came.called_region.is_empty() => did.map_or("", |did| &did.region),
        MatchOn::Did => came.called_region,
    };
    let group = did.map_or("", |did| &did.group);
    let (value, fits, otherwise) = match route.match_type {
        MatchType::Prefix => (number, begins(number, wanted), Found::OtherPrefix),
        MatchType::Regex => (number, regex::is_found(wanted, number), Found::OtherNumber),
        MatchType::Region => (region, region.to_lowercase().contains(&wanted.to_lowercase()), Found::OtherRegion),
        MatchType::Group => (group, group == wanted, Found::OtherGroup),
    };
    let found = match (wanted.is_empty() || fits, came.withheld && route.match_on == MatchOn::Caller) {
        (true, _) => Found::Decides,
        (false, true) => Found::Withheld,
        (false, false) => otherwise,
    };
    (found, value.into())
}

/// A `+` counts only where both have one: carriers write it or not.
fn begins(number: &str, prefix: &str) -> bool {
    if prefix.starts_with('+') { number.starts_with(prefix) } else { bare(number).starts_with(prefix) }
}

fn bare(number: &str) -> &str {
    number.strip_prefix('+').unwrap_or(number)
}

/// What preferences do with a call from the blacklist (BLK-3, PRF-57).
fn treatment(tenant: &Tenant) -> Arrival {
    let to = Preferences::of(tenant).blacklist_destination.as_ref().map(|destination| destination.to());
    match to {
        None | Some(To::HangUp) => refuse(403, "L403", HangupReason::Blacklist),
        Some(To::RingTone) => Arrival::RingTone,
        Some(To::Voice(media)) => Arrival::Voice(*media),
        Some(To::HoldMusic(media)) => Arrival::HoldMusic(*media),
        Some(to) => Arrival::Go(to.clone()),
    }
}

fn refuse(code: u16, record_code: &str, reason: HangupReason) -> Arrival {
    Arrival::Refuse(Refusal { code, record_code: record_code.into(), reason })
}

#[cfg(test)]
mod tests;
