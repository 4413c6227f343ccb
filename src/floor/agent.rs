//! One agent: devices, do-not-disturb, pause, groups signed in to, and what the phones are doing.

use crate::{
    time::Timestamp,
    view::{AgentRow, AgentState, AlertRow, DeviceRow, PauseRow},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Agent {
    devices: BTreeMap<u64, Device>,
    /// FEA-9: the number cannot be called.
    pub dnd: bool,
    /// Offered no calls of queues and dialers (FEA-30).
    pub pause: Option<PauseRow>,
    /// Numbers of the groups that the agent signed in to, as one who may come and go (FEA-27).
    pub joined: BTreeSet<String>,
    pub post: Post,
    /// Pages of the panel on which the agent is signed in.
    pub pages: u32,
    engaged: BTreeMap<u64, Engaged>,
    since: Timestamp,
}

/// What is set of an agent and not done by one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Has a number outside, which is rung where no phone is registered (AGT-1).
    pub bound: bool,
    /// Signs in by phone only while a page is open (AGT-33).
    pub needs_page: bool,
    /// Numbers of the groups that the agent is always signed in to (GRP-45).
    pub always: BTreeSet<String>,
}

/// A registered phone, by the number of its registration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Device {
    pub id: u64,
    pub address: IpAddr,
    pub row: DeviceRow,
    /// Its connection is TLS, so it may take SRTP (DSK-341).
    pub encrypted: bool,
}

/// What one leg is to its agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engaged {
    /// The phone rings; else it calls or talks.
    pub rings: bool,
    /// Number and name of the other party.
    pub other: (String, String),
    /// What the agent is warned of in this call.
    pub alerts: Vec<AlertRow>,
}

impl Agent {
    pub fn new(at: Timestamp) -> Agent {
        Agent {
            devices: BTreeMap::new(),
            dnd: false,
            pause: None,
            joined: BTreeSet::new(),
            post: Post::default(),
            pages: 0,
            engaged: BTreeMap::new(),
            since: at,
        }
    }

    pub fn standing(&self) -> AgentState {
        if self.engaged.values().any(|engaged| !engaged.rings) {
            AgentState::Talking
        } else if !self.engaged.is_empty() {
            AgentState::Ringing
        } else if self.reachable_devices().next().is_none() && !self.post.bound {
            AgentState::PhoneOffline
        } else if self.pause.is_some() {
            AgentState::Paused
        } else {
            AgentState::Idle
        }
    }

    /// Remembers since when it stands as it does.
    pub fn stand(&mut self, before: AgentState, at: Timestamp) {
        if self.standing() != before {
            self.since = at;
        }
    }

    /// The time of day was set.
    pub fn date_anew(&mut self, by_ms: i64) {
        for moment in [&mut self.since].into_iter().chain(self.pause.as_mut().map(|pause| &mut pause.since)) {
            *moment = moment.moved(by_ms);
        }
    }

    pub fn registered(&mut self, device: Device) {
        self.devices.insert(device.id, device);
    }

    pub fn unregistered(&mut self, id: u64) {
        self.devices.remove(&id);
    }

    pub fn reachable(&mut self, id: u64, reachable: bool) {
        if let Some(device) = self.devices.get_mut(&id) {
            device.row.reachable = reachable;
        }
    }

    pub fn engage(&mut self, leg: u64, engaged: Option<Engaged>) {
        match engaged {
            Some(engaged) => self.engaged.insert(leg, engaged),
            None => self.engaged.remove(&leg),
        };
    }

    /// One of the phones is there.
    pub fn is_at(&self, address: IpAddr) -> bool {
        self.devices.values().any(|device| device.address == address)
    }

    pub fn device(&self, id: u64) -> Option<&Device> {
        self.devices.get(&id)
    }

    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.devices.values()
    }

    /// Those that can be rung (DSK-337).
    pub fn reachable_devices(&self) -> impl Iterator<Item = &Device> {
        self.devices.values().filter(|device| device.row.reachable)
    }

    /// The call that a lamp shows: one that is up before one that rings.
    pub fn engagement(&self) -> Option<&Engaged> {
        self.engaged.values().min_by_key(|engaged| engaged.rings)
    }

    /// Numbers of all groups that the agent is signed in to.
    pub fn groups(&self) -> BTreeSet<&String> {
        self.joined.union(&self.post.always).collect()
    }

    pub fn legs(&self) -> impl Iterator<Item = &u64> {
        self.engaged.keys()
    }

    /// Neither a device nor a call is known of it.
    pub fn is_free(&self) -> bool {
        self.devices.is_empty() && self.engaged.is_empty()
    }

    /// Two legs of one call warn once.
    fn alerts(&self) -> Vec<AlertRow> {
        let mut alerts: Vec<AlertRow> = Vec::new();
        for alert in self.engaged.values().flat_map(|engaged| &engaged.alerts) {
            if !alerts.contains(alert) {
                alerts.push(alert.clone());
            }
        }
        alerts
    }

    pub fn row(&self, number: &str) -> AgentRow {
        AgentRow {
            agent_number: number.to_string(),
            state: self.standing(),
            since: self.since,
            dnd: self.dnd,
            pause: self.pause.clone(),
            groups: self.groups().into_iter().cloned().collect(),
            devices: self.devices.values().map(|device| device.row.clone()).collect(),
            alerts: self.alerts(),
        }
    }
}
