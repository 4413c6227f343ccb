//! The address that peers outside our local networks see (BOX-41, BOX-43): as it is set, as its name says, or as trunks
//! tell it.

use super::{
    machine::{External, Sip},
    message::Message,
    order::TrunkId,
    timers::Due,
    trunk::standing::Changed,
    wire::{Order, Peer, Transport},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

/// BOX-41
const LOOK_UP_EVERY: Duration = Duration::from_secs(60);

/// What is known of what is set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Outside {
    of: External,
    /// Of the name, or the latest of each family that a trunk told.
    addresses: Vec<IpAddr>,
    /// How each address of a trunk sees us: an office may have two lines (BOX-42).
    seen: BTreeMap<SocketAddr, SocketAddr>,
}

impl Sip {
    /// Looks up another name at once; what the same setting gave stays.
    pub(super) fn look_outside(&mut self) {
        if self.settings.external != self.outside.of {
            self.outside = Outside { of: self.settings.external.clone(), ..Outside::default() };
            self.timers.clear(Due::Outside);
            self.look_up();
        }
    }

    pub(super) fn look_up(&mut self) {
        if let External::Name(name) = self.outside.of.clone() {
            self.timers.set(Due::Outside, self.now.up + LOOK_UP_EVERY);
            self.out.wire.push(Order::Resolve { name });
        }
    }

    /// A name that is not found for once keeps the addresses it had.
    pub(super) fn resolved(&mut self, name: &str, addresses: Vec<IpAddr>) {
        if matches!(&self.outside.of, External::Name(of) if of == name) && !addresses.is_empty() {
            self.outside.addresses = addresses;
        }
    }

    /// A trunk gives back where our request came from (RFC 3581 section 4).
    pub(super) fn told_outside(&mut self, peer: Peer, response: &Message) {
        if self.outside.of != External::Auto || !self.is_trunk_outside(peer) {
            return;
        }
        let via = response.top_via();
        let Some(address) = via.received().or(via.address()).map(|address| address.to_canonical()) else { return };
        // What a connection comes from is not where another could be opened to.
        let own = peer.local.port();
        let port = if peer.transport == Transport::Udp { via.rport().unwrap_or(own) } else { own };
        self.outside.seen.insert(peer.remote, SocketAddr::new(address, port));
        if !self.is_local(address) {
            self.outside.addresses.retain(|known| known.is_ipv4() != address.is_ipv4());
            self.outside.addresses.push(address);
        }
    }

    /// No more is known than there are trunks.
    pub(super) fn forget_outside(&mut self) {
        let Sip { outside, trunks, .. } = self;
        outside.seen.retain(|remote, _| trunks.sources.contains_key(&remote.ip()));
    }

    /// A response that names another sender than our request did was changed on its way, or the request was (BOX-49).
    /// An answer that is as it should be takes that back.
    pub(super) fn compare(&mut self, trunk: TrunkId, peer: Peer, response: &Message) {
        let via = response.top_via();
        let (host, port) = (via.host, via.port.unwrap_or(peer.transport.port()));
        let came = via.address().map_or_else(|| format!("{host}:{port}"), |ip| SocketAddr::new(ip, port).to_string());
        let sent = self.place_for(peer);
        // What was sent before it was known how we are seen names our own address.
        let is_ours = came == sent || came == peer.local.to_string();
        let router = via.received();
        let changed = (!is_ours).then_some(Changed { sent, came, router });
        if let Some(line) = self.trunks.lines.get_mut(&trunk)
            && line.standing.changed != changed
        {
            line.standing.changed = changed;
            self.trunks.touched.insert(trunk);
        }
    }

    fn is_trunk_outside(&self, peer: Peer) -> bool {
        let address = peer.remote.ip();
        !self.is_local(address) && self.trunks.sources.contains_key(&address)
    }

    /// Where a peer outside sees us; an address of the other family says nothing of it.
    pub(super) fn seen_from(&self, peer: Peer) -> SocketAddr {
        let ours = SocketAddr::new(peer.local.ip().to_canonical(), peer.local.port());
        if let Some(seen) = self.outside.seen.get(&peer.remote) {
            return *seen;
        }
        let known = match &self.settings.external {
            External::Own => &[][..],
            External::Address(address) => std::slice::from_ref(address),
            External::Auto | External::Name(_) => &self.outside.addresses,
        };
        let address = known.iter().copied().find(|address| address.is_ipv4() == ours.is_ipv4());
        SocketAddr::new(address.unwrap_or(ours.ip()), ours.port())
    }
}
