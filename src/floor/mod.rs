//! Who works: the agents, their devices, and what each is doing.

pub mod agent;

use crate::{
    time::Timestamp,
    view::{AgentRow, PauseRow},
};
use agent::{Agent, Device, Engaged, Post};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Every agent that was ever heard of, and which of them changed since last asked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Floor {
    agents: BTreeMap<String, Agent>,
    changed: BTreeSet<String>,
    devices: usize,
}

impl Floor {
    pub fn agent(&self, number: &str) -> Option<&Agent> {
        self.agents.get(number)
    }

    /// Makes the floor know exactly these numbers; what is known of the others is forgotten.
    pub fn staff(&mut self, posts: BTreeMap<String, Post>, at: Timestamp) {
        let gone: Vec<String> = self.agents.keys().filter(|number| !posts.contains_key(*number)).cloned().collect();
        for number in gone {
            if self.agents.get(&number).is_some_and(Agent::is_free) {
                self.agents.remove(&number);
                self.changed.insert(number);
            }
        }
        for (number, post) in posts {
            if self.agents.get(&number).is_none_or(|known| known.post != post) {
                self.change(&number, at, |agent| agent.post = post);
            }
        }
    }

    pub fn registered(&mut self, number: &str, device: Device, at: Timestamp) {
        self.change(number, at, |agent| agent.registered(device));
    }

    pub fn unregistered(&mut self, number: &str, id: u64, at: Timestamp) {
        self.change(number, at, |agent| agent.unregistered(id));
    }

    /// DSK-337: a device that stops answering is not rung.
    pub fn reachable(&mut self, id: u64, reachable: bool, at: Timestamp) {
        let owner = self.agents.iter().find(|(_, agent)| agent.device(id).is_some()).map(|(number, _)| number.clone());
        if let Some(number) = owner {
            self.change(&number, at, |agent| agent.reachable(id, reachable));
        }
    }

    /// FEA-9: whether that is new.
    pub fn set_dnd(&mut self, number: &str, on: bool, at: Timestamp) -> bool {
        self.change(number, at, |agent| std::mem::replace(&mut agent.dnd, on) != on)
    }

    /// FEA-27: whether that is new.
    pub fn sign_in(&mut self, number: &str, group: &str, at: Timestamp) -> bool {
        self.change(number, at, |agent| agent.joined.insert(group.to_owned()))
    }

    /// FEA-28: whether the agent was signed in.
    pub fn sign_out(&mut self, number: &str, group: &str, at: Timestamp) -> bool {
        self.change(number, at, |agent| agent.joined.remove(group))
    }

    /// FEA-29, FEA-30: `None` resumes. Whether that is new.
    pub fn pause(&mut self, number: &str, pause: Option<PauseRow>, at: Timestamp) -> bool {
        self.change(number, at, |agent| {
            let reason = |pause: &Option<PauseRow>| pause.as_ref().map(|pause| pause.reason.clone());
            let is_new = reason(&agent.pause) != reason(&pause);
            if is_new {
                agent.pause = pause;
            }
            is_new
        })
    }

    /// A page of the agent is open from now on, or no more.
    pub fn page(&mut self, number: &str, opens: bool, at: Timestamp) {
        self.change(number, at, |agent| {
            agent.pages = if opens { agent.pages + 1 } else { agent.pages.saturating_sub(1) };
        });
    }

    /// What this leg of a call is to the agent; `None` when it is over.
    pub fn engage(&mut self, number: &str, leg: u64, engaged: Option<Engaged>, at: Timestamp) {
        self.change(number, at, |agent| agent.engage(leg, engaged));
    }

    /// Of a number that is no agent's any more, once nothing of it is left.
    pub fn forget(&mut self, number: &str) {
        if self.agent(number).is_some_and(Agent::is_free) {
            self.agents.remove(number);
        }
    }

    /// The time of day was set.
    pub fn date_anew(&mut self, by_ms: i64) {
        for (number, agent) in &mut self.agents {
            agent.date_anew(by_ms);
            self.changed.insert(number.clone());
        }
    }

    /// The numbers of those that changed since this was last asked.
    pub fn take_changed(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.changed)
    }

    pub fn row(&self, number: &str) -> Option<AgentRow> {
        self.agents.get(number).map(|agent| agent.row(number))
    }

    pub fn devices(&self) -> usize {
        self.devices
    }

    pub fn agents(&self) -> impl Iterator<Item = (&String, &Agent)> {
        self.agents.iter()
    }

    fn change<T>(&mut self, number: &str, at: Timestamp, act: impl FnOnce(&mut Agent) -> T) -> T {
        let agent = self.agents.entry(number.to_string()).or_insert_with(|| Agent::new(at));
        let (before, devices) = (agent.standing(), agent.devices().count());
        let done = act(agent);
        self.devices = self.devices + agent.devices().count() - devices;
        agent.stand(before, at);
        self.changed.insert(number.to_string());
        done
    }
}
