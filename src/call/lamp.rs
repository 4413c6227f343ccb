//! Lamps: what a phone that watches a number or a feature code is shown (PHN-116 to PHN-123).

use super::{destination::slot_of, office::Office, verb::work::Work};
use crate::{
    floor::agent::Agent,
    model::feature_code::FeatureCodes,
    sip::order::{Lamp, LampId, Order, Shown},
    view::AgentState,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lamps {
    watches: BTreeMap<LampId, Watch>,
    /// Those that something new of each number may change.
    of: BTreeMap<String, BTreeSet<LampId>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Watch {
    /// The agent whose phone it is.
    watcher: String,
    watched: String,
    shown: Option<Shine>,
}

impl Watch {
    /// The number of which something new may change it: of a code the watcher's own.
    fn hangs_on(&self) -> &str {
        if self.watched.starts_with('*') { &self.watcher } else { &self.watched }
    }
}

/// A lamp's state as last ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Shine {
    word: String,
    other: Option<(String, String)>,
}

impl Lamps {
    /// The first state is shown at once (PHN-118). Only numbers of the box can be watched (PHN-116).
    pub fn watch(&mut self, lamp: LampId, watcher: String, watched: String, office: &mut Office) {
        let watch = Watch { watcher, watched, shown: None };
        self.of.entry(watch.hangs_on().to_owned()).or_default().insert(lamp);
        self.watches.insert(lamp, watch);
        self.light(lamp, office);
    }

    pub fn unwatch(&mut self, lamp: LampId) {
        let Some(watch) = self.watches.remove(&lamp) else { return };
        if let Some(of) = self.of.get_mut(watch.hangs_on()) {
            of.remove(&lamp);
            if of.is_empty() {
                self.of.remove(watch.hangs_on());
            }
        }
    }

    /// Something is new about these numbers.
    pub fn changed(&mut self, numbers: &BTreeSet<String>, office: &mut Office) {
        let lamps: Vec<LampId> = numbers.iter().filter_map(|number| self.of.get(number)).flatten().copied().collect();
        self.light_all(lamps, office);
    }

    /// What is wanted has changed: numbers, departments, the slots.
    pub fn tenant(&mut self, office: &mut Office) {
        self.light_all(self.watches.keys().copied().collect(), office);
    }

    fn light_all(&mut self, lamps: Vec<LampId>, office: &mut Office) {
        for lamp in lamps {
            self.light(lamp, office);
        }
    }

    fn light(&mut self, lamp: LampId, office: &mut Office) {
        let Some(watch) = self.watches.get_mut(&lamp) else { return };
        let Some(state) = state(watch, office) else {
            self.unwatch(lamp);
            return office.sip(Order::RefuseLamp { lamp });
        };
        let shine = shine(&state);
        if watch.shown.as_ref() != Some(&shine) {
            watch.shown = Some(shine);
            office.sip(Order::Lamp { lamp, state });
        }
    }
}

/// `None`: nothing of the box has this number. A call that is parked in a slot goes before an agent of its number, as
/// it does for whoever dials it (FEA-6).
fn state(watch: &Watch, office: &Office) -> Option<Lamp> {
    let slot = slot_of(&watch.watched, &office.tenant);
    if slot.is_some_and(|slot| office.parked.contains_key(&slot)) {
        return Some(Lamp::Confirmed { other: None });
    }
    if office.is_agent(&watch.watched) {
        // The other party is for those who could pick the call up (PHN-121).
        let near = office.department(&watch.watcher) == office.department(&watch.watched);
        return Some(of_agent(office.floor.agent(&watch.watched), near));
    }
    if let Some(lamp) = of_code(watch, office) {
        return Some(lamp);
    }
    slot.map(|_| Lamp::Idle)
}

/// PHN-123: what the code does is done to the agent of the phone that watches it.
fn of_code(watch: &Watch, office: &Office) -> Option<Lamp> {
    let codes = FeatureCodes::of(&office.tenant);
    let code = &*watch.watched;
    let agent = office.floor.agent(&watch.watcher);
    let lit = match Work::of(code, codes) {
        Some(Work::SignIn(None)) => agent.is_some_and(|agent| !agent.groups().is_empty()),
        Some(Work::SignIn(Some(group))) => {
            office.group(&group)?;
            agent.is_some_and(|agent| agent.groups().contains(&group))
        }
        Some(Work::Pause) => agent.is_some_and(|agent| agent.pause.is_some()),
        Some(Work::SignOut(_) | Work::Resume) => false,
        None if *codes.dnd == *code => agent.is_some_and(|agent| agent.dnd),
        None => {
            codes.all().iter().find(|(_, known)| !known.is_empty() && ***known == *code)?;
            false
        }
    };
    Some(if lit { Lamp::Confirmed { other: None } } else { Lamp::Idle })
}

/// PHN-119, PHN-120.
fn of_agent(agent: Option<&Agent>, near: bool) -> Lamp {
    let Some(agent) = agent else { return Lamp::Away { why: "offline".into() } };
    let engaged = agent.engagement().filter(|_| near);
    let other = engaged.map(|engaged| Shown { number: engaged.other.0.clone(), name: engaged.other.1.clone() });
    match agent.standing() {
        AgentState::Talking => Lamp::Confirmed { other },
        AgentState::Ringing => Lamp::Early { other },
        AgentState::PhoneOffline => Lamp::Away { why: "offline".into() },
        AgentState::Idle | AgentState::Paused if agent.dnd => Lamp::Away { why: "do not disturb".into() },
        AgentState::Paused => Lamp::Away { why: "paused".into() },
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
