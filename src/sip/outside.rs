//! The address that peers outside our local networks see (BOX-41, BOX-43): as it is set, or as its name says.

use super::{
    machine::{External, Sip},
    timers::Due,
    wire::Order,
};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, time::Duration};

/// BOX-41
const LOOK_UP_EVERY: Duration = Duration::from_secs(60);

/// What is known of a name that is looked up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Outside {
    name: Option<String>,
    addresses: Vec<IpAddr>,
}

impl Sip {
    /// Looks up another name at once; what the same name gave stays.
    pub(super) fn look_outside(&mut self) {
        let name = match &self.settings.external {
            External::Name(name) => Some(name.clone()),
            External::Own | External::Address(_) => None,
        };
        if name != self.outside.name {
            self.outside = Outside { name, addresses: Vec::new() };
            self.timers.clear(Due::Outside);
            self.look_up();
        }
    }

    pub(super) fn look_up(&mut self) {
        if let Some(name) = self.outside.name.clone() {
            self.timers.set(Due::Outside, self.now.up + LOOK_UP_EVERY);
            self.out.wire.push(Order::Resolve { name });
        }
    }

    /// A name that is not found for once keeps the addresses it had.
    pub(super) fn resolved(&mut self, name: &str, addresses: Vec<IpAddr>) {
        if self.outside.name.as_deref() == Some(name) && !addresses.is_empty() {
            self.outside.addresses = addresses;
        }
    }

    /// Instead of `ours`; what is of the other family says nothing of it.
    pub(super) fn seen_outside(&self, ours: IpAddr) -> IpAddr {
        let known = match &self.settings.external {
            External::Own => &[][..],
            External::Address(address) => std::slice::from_ref(address),
            External::Name(_) => &self.outside.addresses,
        };
        known.iter().copied().find(|address| address.is_ipv4() == ours.is_ipv4()).unwrap_or(ours)
    }
}
