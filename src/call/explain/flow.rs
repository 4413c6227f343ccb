//! Every way that calls to a DID can go, as a picture shows it: places, and what leads from one to the next.

use super::walk::Stop;
use crate::{
    call::{
        step::{Named, named},
        way_in,
    },
    model::{AgentGroup, Condition, Did, Ivr, Playlist, Preferences, RingGroup, inbound_route::MatchOn},
    schema::{
        Id, Model, Row, Tenant,
        kind::{
            Status,
            destination::{Destination, To, Types},
        },
    },
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// Places of one picture; what lies further is cut off, and said so.
const PLACES_MAX: usize = 200;

/// `nodes[0]` is the DID.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    /// There is more than fits.
    pub cut: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// `did`, or the word of a destination (DST-1).
    pub place: String,
    pub row: Option<Named>,
    /// Of an outside number.
    pub number: String,
    /// Who is rung there: the numbers of a ring group.
    pub rings: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    pub from: usize,
    pub to: usize,
    pub by: By,
    /// The keys, or the route's name.
    pub text: String,
}

/// What leads there; a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Blacklist,
    /// The DID says it.
    Always,
    Route,
    DefaultRoute,
    /// No route takes it.
    NoRoute,
    Inside,
    Outside,
    Key,
    /// No key came.
    Timeout,
    /// Keys that lead nowhere.
    Invalid,
    /// The playlist has ended.
    Ended,
    /// Nobody answered in time.
    Unanswered,
    /// The queue let the call go.
    Overflow,
    /// The DID is switched off.
    Disabled,
}

/// `None`: there is no such DID.
pub fn flow(tenant: &Tenant, did: Id) -> Option<Flow> {
    let row = tenant.table::<Did>().row(did)?;
    let mut drawing = Drawing { tenant, flow: Flow::default(), known: BTreeMap::new(), waiting: VecDeque::new() };
    drawing.flow.nodes.push(Node {
        place: Did::NAME.into(),
        row: named(tenant, Did::NAME, did),
        number: row.value.number.to_string(),
        rings: Vec::new(),
    });
    drawing.begin(row);
    while let Some((from, to)) = drawing.waiting.pop_front() {
        drawing.onward(from, &to);
    }
    Some(drawing.flow)
}

struct Drawing<'t> {
    tenant: &'t Tenant,
    flow: Flow,
    /// By kind and target, as each place stands in the picture once.
    known: BTreeMap<String, usize>,
    /// Places whose own ways are still to be drawn.
    waiting: VecDeque<(usize, To)>,
}

impl Drawing<'_> {
    fn begin(&mut self, row: &Arc<Row<Did>>) {
        let did = &row.value;
        let treatment = Preferences::of(self.tenant).blacklist_destination.as_ref().map(|to| to.to().clone());
        self.lead(0, By::Blacklist, "", treatment.unwrap_or(To::HangUp));
        if did.status == Status::Disabled {
            return self.lead(0, By::Disabled, "", To::HangUp);
        }
        match &did.destination {
            Some(to) => self.lead(0, By::Always, "", to.to().clone()),
            None => self.routes(did),
        }
    }

    /// Those that can take a call to this DID, until one takes them all.
    fn routes(&mut self, did: &Did) {
        let routes = way_in::in_order(self.tenant);
        let (default, routes): (Vec<_>, Vec<_>) = routes.into_iter().partition(|row| row.value.default_route.0);
        for row in routes {
            let route = &row.value;
            let certain = route.match_value.is_empty() || route.match_on == MatchOn::Did;
            if route.match_on == MatchOn::Did && !way_in::takes_did(route, did) {
                continue;
            }
            self.lead(0, By::Route, &route.name, destination(&route.destination));
            if certain {
                return;
            }
        }
        match default.first() {
            Some(row) => self.lead(0, By::DefaultRoute, &row.value.name, destination(&row.value.destination)),
            None => self.lead(0, By::NoRoute, "", To::HangUp),
        }
    }

    fn onward(&mut self, from: usize, to: &To) {
        let tenant = self.tenant;
        match to {
            To::Condition(id) => {
                let Some(row) = tenant.table::<Condition>().row(*id) else { return };
                self.lead(from, By::Inside, "", destination(&row.value.inside_destination));
                self.lead(from, By::Outside, "", destination(&row.value.outside_destination));
            }
            To::Playlist(id) => {
                let Some(row) = tenant.table::<Playlist>().row(*id) else { return };
                self.lead(from, By::Ended, "", destination(&row.value.destination));
            }
            To::Ivr(id) => {
                let Some(row) = tenant.table::<Ivr>().row(*id) else { return };
                for key in row.value.keys.iter() {
                    self.lead(from, By::Key, &key.input, destination(&key.destination));
                }
                self.lead(from, By::Timeout, "", destination(&row.value.timeout_destination));
                self.lead(from, By::Invalid, "", destination(&row.value.invalid_destination));
            }
            To::RingGroup(id) => {
                let Some(row) = tenant.table::<RingGroup>().row(*id) else { return };
                self.lead(from, By::Unanswered, "", destination(&row.value.timeout_destination));
            }
            To::AgentGroup(id) => {
                let Some(row) = tenant.table::<AgentGroup>().row(*id) else { return };
                self.lead(from, By::Overflow, "", destination(&row.value.overflow_destination));
            }
            To::Agent(_) | To::OutsideNumber(_) => self.lead(from, By::Unanswered, "", To::HangUp),
            To::HangUp | To::RingTone | To::Voice(_) | To::HoldMusic(_) => {}
        }
    }

    fn lead(&mut self, from: usize, by: By, text: &str, to: To) {
        if let Some(to) = self.place(&to) {
            self.flow.edges.push(Edge { from, to, by, text: text.into() });
        }
    }

    /// Where it stands in the picture; a new one is drawn on later.
    fn place(&mut self, to: &To) -> Option<usize> {
        let stop = Stop::at(self.tenant, to);
        let key = format!("{} {:?} {}", stop.place, to.row(), stop.number);
        if let Some(known) = self.known.get(&key) {
            return Some(*known);
        }
        if self.flow.nodes.len() >= PLACES_MAX {
            self.flow.cut = true;
            return None;
        }
        let place = self.flow.nodes.len();
        let rings = match to {
            To::RingGroup(id) => self.tenant.table::<RingGroup>().row(*id).map(|row| numbers(&row.value)),
            _ => None,
        };
        self.flow.nodes.push(Node {
            place: stop.place,
            row: stop.row,
            number: stop.number,
            rings: rings.unwrap_or_default(),
        });
        self.known.insert(key, place);
        self.waiting.push_back((place, to.clone()));
        Some(place)
    }
}

fn numbers(group: &RingGroup) -> Vec<String> {
    group.numbers.iter().map(|number| number.to_string()).collect()
}

/// An empty one hangs up (DST reading).
fn destination<W: Types>(wanted: &Option<Destination<W>>) -> To {
    wanted.as_ref().map_or(To::HangUp, |wanted| wanted.to().clone())
}

#[cfg(test)]
mod tests;
