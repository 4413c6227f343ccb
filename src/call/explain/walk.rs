//! "What would happen to a call from here to there at this time": the way in, and on until somebody is rung or asked.

use super::{Tried, WouldGo, number};
use crate::{
    call::{
        condition,
        step::{Found, Named, Rule, Step, named},
        way_in::{Arrival, CameIn, Refusal, way_in},
        way_out::{Asked, How},
        ways::Ways,
    },
    model::{Condition, Did, Package, Playlist},
    schema::{
        Model, Tenant,
        kind::destination::{self, To},
    },
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// After so many destinations a call is hung up, so that loops end (DST reading).
const STOPS_MAX: usize = 30;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goes {
    pub did: Option<Named>,
    pub package: Option<Named>,
    /// As the agent sees the caller: with every prefix in front.
    pub shown: String,
    pub name_prefix: String,
    pub blacklisted: bool,
    pub last_agent_first: Option<String>,
    /// Where it goes, one after another; the last one keeps it.
    pub stops: Vec<Stop>,
    /// Refused before any answer.
    pub refused: Option<Refusal>,
    /// Of the outside number at the end.
    pub outside: Option<Tried>,
    pub steps: Vec<Step>,
}

/// A place where a call comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// The word of its kind (DST-1).
    pub place: String,
    pub row: Option<Named>,
    /// Of an outside number.
    pub number: String,
}

pub fn goes(tenant: &Tenant, ways: &Ways, call: &WouldGo, at: Timestamp) -> Goes {
    let came =
        CameIn { number: &call.number, caller: &call.caller, withheld: call.caller.is_empty(), ..CameIn::default() };
    let way = way_in(tenant, &came, call.last_agent.as_deref());
    let mut steps = way.steps;
    let (stops, refused) = match way.arrival {
        Arrival::Go(to) => (walk(tenant, to, at, &mut steps), None),
        Arrival::RingTone => (vec![Stop::at(tenant, &To::RingTone)], None),
        Arrival::Voice(media) => (vec![Stop::at(tenant, &To::Voice(media))], None),
        Arrival::HoldMusic(media) => (vec![Stop::at(tenant, &To::HoldMusic(media))], None),
        Arrival::Refuse(refusal) => (Vec::new(), Some(refusal)),
    };
    let outside = stops.last().filter(|stop| stop.place == "outside_number").map(|stop| {
        let asked = Asked { number: &stop.number, how: How::Destination, ..Asked::default() };
        number::tried(tenant, ways, &asked, at)
    });
    let shown = !tenant.bounds.withholds_noun(Package::NAME);
    Goes {
        did: way.did.and_then(|id| named(tenant, Did::NAME, id)),
        package: way.package.filter(|_| shown).and_then(|id| named(tenant, Package::NAME, id)),
        shown: format!("{}{}", way.number_prefix, call.caller),
        name_prefix: way.name_prefix,
        blacklisted: way.blacklisted,
        last_agent_first: way.last_agent_first,
        stops,
        refused,
        outside,
        steps,
    }
}

/// On through what decides by itself; a loop ends with a hang-up.
fn walk(tenant: &Tenant, from: To, at: Timestamp, steps: &mut Vec<Step>) -> Vec<Stop> {
    let (mut stops, mut here) = (Vec::new(), from);
    while stops.len() < STOPS_MAX {
        stops.push(Stop::at(tenant, &here));
        match next(tenant, &here, at, steps) {
            Some(to) => here = to,
            None => return stops,
        }
    }
    stops.push(Stop::at(tenant, &To::HangUp));
    stops
}

fn next(tenant: &Tenant, here: &To, at: Timestamp, steps: &mut Vec<Step>) -> Option<To> {
    match here {
        To::Condition(id) => {
            let row = tenant.table::<Condition>().row(*id)?;
            let inside = condition::is_inside(&row.value, tenant, at);
            let found = if inside { Found::Inside } else { Found::Outside };
            steps.push(Step::new(Rule::Condition, found).of(tenant, row));
            Some(condition::destination(&row.value, tenant, at).clone())
        }
        To::Playlist(id) => {
            let row = tenant.table::<Playlist>().row(*id)?;
            steps.push(Step::new(Rule::Playlist, Found::Passes).of(tenant, row));
            Some(row.value.destination.as_ref().map_or(To::HangUp, |destination| destination.to().clone()))
        }
        To::Ivr(_) | To::RingGroup(_) | To::AgentGroup(_) | To::Agent(_) | To::OutsideNumber(_) => None,
        To::HangUp | To::RingTone | To::Voice(_) | To::HoldMusic(_) => None,
    }
}

impl Stop {
    pub(super) fn at(tenant: &Tenant, to: &To) -> Stop {
        let place = to.word();
        let row = to.row().and_then(|id| named(tenant, destination::noun(place)?, id));
        let number = if let To::OutsideNumber(number) = to { number.to_string() } else { String::new() };
        Stop { place: place.into(), row, number }
    }
}

#[cfg(test)]
mod tests;
