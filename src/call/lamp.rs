//! Lamps: what a phone that watches a number is shown (PHN-116 to PHN-121).

use super::office::Office;
use crate::{
    floor::agent::Agent,
    sip::order::{Lamp, LampId, Order, Shown},
    view::AgentState,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lamps {
    watches: BTreeMap<LampId, Watch>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Watch {
    watched: String,
    shown: Option<Shine>,
}

/// A lamp's state as last ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Shine {
    word: String,
    other: Option<(String, String)>,
}

impl Lamps {
    /// The first state is shown at once (PHN-118). Only numbers of the box can be watched (PHN-116).
    pub fn watch(&mut self, lamp: LampId, watched: String, office: &mut Office) {
        if !office.is_agent(&watched) {
            return office.sip(Order::RefuseLamp { lamp });
        }
        self.watches.insert(lamp, Watch { watched, shown: None });
        self.light(lamp, office);
    }

    pub fn unwatch(&mut self, lamp: LampId) {
        self.watches.remove(&lamp);
    }

    pub fn changed(&mut self, agents: &BTreeSet<String>, office: &mut Office) {
        let lamps: Vec<LampId> =
            self.watches.iter().filter(|(_, watch)| agents.contains(&watch.watched)).map(|(lamp, _)| *lamp).collect();
        for lamp in lamps {
            self.light(lamp, office);
        }
    }

    fn light(&mut self, lamp: LampId, office: &mut Office) {
        let Some(watch) = self.watches.get_mut(&lamp) else { return };
        if !office.is_agent(&watch.watched) {
            self.watches.remove(&lamp);
            return office.sip(Order::RefuseLamp { lamp });
        }
        let state = state(office.floor.agent(&watch.watched));
        let shine = shine(&state);
        if watch.shown.as_ref() != Some(&shine) {
            watch.shown = Some(shine);
            office.sip(Order::Lamp { lamp, state });
        }
    }
}

/// PHN-119, PHN-120. The other party is named, as agents without a department may pick up each other's calls
/// (PHN-121, FEA-13).
fn state(agent: Option<&Agent>) -> Lamp {
    let Some(agent) = agent else { return Lamp::Away { why: "offline".into() } };
    let other =
        agent.engagement().map(|engaged| Shown { number: engaged.other.0.clone(), name: engaged.other.1.clone() });
    match agent.standing() {
        AgentState::Talking => Lamp::Confirmed { other },
        AgentState::Ringing => Lamp::Early { other },
        AgentState::PhoneOffline => Lamp::Away { why: "offline".into() },
        AgentState::Idle if agent.dnd => Lamp::Away { why: "do not disturb".into() },
        AgentState::Idle => Lamp::Idle,
    }
}

fn shine(lamp: &Lamp) -> Shine {
    let (word, other) = match lamp {
        Lamp::Idle => ("idle", None),
        Lamp::Early { other } => ("early", other.as_ref()),
        Lamp::Confirmed { other } => ("confirmed", other.as_ref()),
        Lamp::Away { why } => (why.as_str(), None),
    };
    Shine { word: word.into(), other: other.map(|other| (other.number.clone(), other.name.clone())) }
}
