//! Ways to the targets of a trunk: opened when wanted, used in both directions, opened again when they break (TRK-26).

use super::{
    super::{
        machine::Sip,
        order::TrunkId,
        timers::Due,
        wire::{ConnectionId, NoWay, Order, Peer, Transport, WayId},
    },
    errand::{ErrandId, What},
    standing::Reason,
    trial::is_trial,
};
use std::net::SocketAddr;

impl Sip {
    /// Unless it is being opened already.
    pub(in crate::sip) fn open_way(&mut self, trunk: TrunkId, target: SocketAddr) {
        if self.trunks.opening.values().any(|opening| *opening == (trunk, target)) {
            return;
        }
        let Some(line) = self.trunks.lines.get(&trunk) else { return };
        let (transport, certified) = (line.wanted.transport, line.wanted.certified());
        self.trunks.last_way += 1;
        let way = WayId(self.trunks.last_way);
        self.trunks.opening.insert(way, (trunk, target));
        self.out.wire.push(Order::Connect { way, transport, remote: target, certified });
    }

    pub(in crate::sip) fn way_open(&mut self, way: WayId, peer: Peer) {
        let Some((trunk, target)) = self.trunks.opening.remove(&way) else { return self.close_way(peer) };
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return self.close_way(peer) };
        line.ways.insert(target, peer);
        if !is_trial(trunk) {
            self.trust(peer);
        }
        self.carry_on(trunk, peer);
        for errand in self.waiting_for(trunk, target) {
            self.errand_goes(errand, peer);
        }
    }

    pub(in crate::sip) fn way_shut(&mut self, way: WayId, fault: &NoWay) {
        let Some((trunk, target)) = self.trunks.opening.remove(&way) else { return };
        let (reason, text) = match fault {
            NoWay::Unreached => (Reason::NotConnected, ""),
            NoWay::Certificate(text) => (Reason::Certificate, text.as_str()),
        };
        for errand in self.waiting_for(trunk, target) {
            self.errand_lost(errand, reason, text);
        }
    }

    /// A connection broke. Calls that are up go on over the next one, which is opened at once (TRK-26).
    pub(in crate::sip) fn way_broke(&mut self, connection: ConnectionId) {
        let of = |peer: &Peer| peer.connection == Some(connection);
        let found = self.trunks.lines.iter().find(|(_, line)| line.ways.values().any(of)).map(|(trunk, _)| *trunk);
        let Some(trunk) = found else { return };
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return };
        line.ways.retain(|_, peer| !of(peer));
        if is_trial(trunk) {
            return;
        }
        let (enabled, registers) = (line.wanted.enabled, line.wanted.registers && line.registration.is_held());
        let called = self.legs.values().any(|leg| leg.broken && leg.dialog.trunk == Some(trunk));
        if enabled && registers {
            self.register_trunk(trunk);
        } else if called {
            self.begin_errand(trunk, What::Ping);
        } else {
            self.ping_trunk(trunk);
        }
    }

    /// Calls whose connection broke.
    fn carry_on(&mut self, trunk: TrunkId, peer: Peer) {
        let line = self.trunks.lines.get(&trunk);
        let open: Vec<ConnectionId> =
            line.into_iter().flat_map(|line| line.ways.values()).filter_map(|peer| peer.connection).collect();
        for leg in self.legs.values_mut().filter(|leg| leg.dialog.trunk == Some(trunk)) {
            if leg.broken && leg.peer.connection.is_none_or(|connection| !open.contains(&connection)) {
                leg.peer = peer;
                leg.broken = false;
            }
        }
    }

    /// No new request goes over them; those that a call needs stay open until it ends.
    pub(in crate::sip) fn drop_ways(&mut self, trunk: TrunkId) {
        self.trunks.opening.retain(|_, (of, _)| *of != trunk);
        let Some(line) = self.trunks.lines.get_mut(&trunk) else { return };
        for peer in std::mem::take(&mut line.ways).into_values() {
            let needed = self.legs.values().any(|leg| leg.peer.connection == peer.connection);
            if !needed {
                self.close_way(peer);
            }
        }
    }

    fn close_way(&mut self, peer: Peer) {
        if let Some(connection) = peer.connection {
            self.out.wire.push(Order::Close { connection });
        }
    }

    /// TRK-32: the box has another address, or its link is back.
    pub(in crate::sip) fn ways_moved(&mut self) {
        let rows = self.trunks.lines.keys().copied().filter(|trunk| !is_trial(*trunk));
        for trunk in rows.collect::<Vec<_>>() {
            if let Some(line) = self.trunks.lines.get_mut(&trunk) {
                line.ways.retain(|_, peer| peer.transport != Transport::Udp);
            }
            self.drop_ways(trunk);
            if let Some(errand) = self.trunks.lines.get(&trunk).and_then(|line| line.registration.running) {
                self.drop_errand(errand);
            }
            self.timers.clear(Due::TrunkRegister(trunk));
            self.try_anew(trunk);
        }
        self.look_up_names();
    }

    fn waiting_for(&self, trunk: TrunkId, target: SocketAddr) -> Vec<ErrandId> {
        let errands = self.trunks.errands.iter().filter(|(_, errand)| errand.waits_for(trunk, target));
        errands.map(|(id, _)| *id).collect()
    }
}
