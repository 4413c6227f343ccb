//! One agent: devices, do-not-disturb, and what the phones are doing.

use crate::{
    time::Timestamp,
    view::{AgentRow, AgentState, AlertRow, DeviceRow},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Agent {
    devices: BTreeMap<u64, Device>,
    /// FEA-9: the number cannot be called.
    pub dnd: bool,
    engaged: BTreeMap<u64, Engaged>,
    since: Timestamp,
}

/// A registered phone, by the number of its registration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Device {
    pub id: u64,
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
        Agent { devices: BTreeMap::new(), dnd: false, engaged: BTreeMap::new(), since: at }
    }

    pub fn standing(&self) -> AgentState {
        if self.engaged.values().any(|engaged| !engaged.rings) {
            AgentState::Talking
        } else if !self.engaged.is_empty() {
            AgentState::Ringing
        } else if self.devices.values().any(|device| device.row.reachable) {
            AgentState::Idle
        } else {
            AgentState::PhoneOffline
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
        self.since = self.since.moved(by_ms);
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
            devices: self.devices.values().map(|device| device.row.clone()).collect(),
            alerts: self.alerts(),
        }
    }
}
