//! Signs of life: OPTIONS to phones on UDP, and what becomes of legs whose connection broke (DSK-337, DSK-338).

use super::{
    compose::{Asked, Lines, MAX_FORWARDS},
    dialog::Stage,
    machine::Sip,
    method::Method,
    order::{Binding, BindingId, End, Report},
    timers::Due,
    transaction::Purpose,
    wire::{ConnectionId, Peer, Transport},
    write,
};
use crate::{sdp::LegId, time::Uptime};
use std::time::Duration;

const PING_EVERY: Duration = Duration::from_secs(30);
/// Phones whose moments lie closer together than this are asked together, so that the box wakes once for them.
const TOGETHER_US: u64 = 1_000_000;
/// So many OPTIONS without an answer, and the phone is offline.
const MISSED_MAX: u32 = 3;
/// How long a call waits for the phone of a broken connection.
const FLOW_WAITS: Duration = Duration::from_secs(32);

impl Sip {
    /// A registration is a sign of life itself. The first question comes at a moment of its own, so that not all
    /// phones are asked at once after a power cut.
    pub(super) fn expect_signs(&mut self, binding: &Binding, same_way: bool) {
        let id = binding.id;
        if let Some(kept) = self.registrar.kept_mut(id) {
            kept.ping = Default::default();
        }
        if binding.peer.transport != Transport::Udp {
            self.timers.clear(Due::Ping(id));
        } else if !same_way || self.timers.at(Due::Ping(id)).is_none() {
            let first = Duration::from_millis(u64::from(self.chance.below(PING_EVERY.as_millis() as u32)) + 1);
            self.timers.set(Due::Ping(id), together(self.now.up + first));
        }
    }

    pub(super) fn ping(&mut self, id: BindingId) {
        let Some(kept) = self.registrar.kept_mut(id) else { return };
        if kept.ping.waiting {
            kept.ping.missed += 1;
        }
        kept.ping.waiting = true;
        let lost = kept.ping.missed >= MISSED_MAX && kept.binding.reachable;
        kept.binding.reachable &= !lost;
        let binding = kept.binding.clone();
        if lost {
            self.report(Report::Reachable { id, reachable: false });
        }
        self.timers.set(Due::Ping(id), together(self.now.up + PING_EVERY));
        self.send_ping(&binding);
    }

    fn send_ping(&mut self, binding: &Binding) {
        let host = self.host_for(binding.peer);
        let asked = Asked {
            peer: binding.peer,
            trunk: None,
            method: Method::Options,
            uri: binding.contact.clone(),
            routes: binding.path.clone(),
            from: format!("<sip:callbox@{host}>;tag={}", self.chance.token(10)),
            to: write::address("", &binding.contact),
            call_id: self.chance.token(20),
            cseq: 1,
            max_forwards: MAX_FORWARDS,
            lines: Lines::from([(super::name::Name::Contact, self.contact_for(binding.peer))]),
            body: None,
        };
        self.ask(asked, Purpose::Ping(binding.id));
    }

    /// Any answer will do.
    pub(super) fn pong(&mut self, id: BindingId) {
        let Some(kept) = self.registrar.kept_mut(id) else { return };
        kept.ping = Default::default();
        if !kept.binding.reachable {
            kept.binding.reachable = true;
            self.report(Report::Reachable { id, reachable: true });
        }
    }

    /// A call that rings cannot go on without its connection; one that is up waits for its phone.
    pub(super) fn break_legs(&mut self, connection: ConnectionId) {
        let broken = self.legs.values().filter(|leg| leg.peer.connection == Some(connection));
        let broken = broken.map(|leg| (leg.id, leg.stage, leg.over, leg.dialog.trunk.is_some()));
        for (leg, stage, over, of_trunk) in broken.collect::<Vec<_>>() {
            match stage {
                Stage::Answered | Stage::Up if of_trunk && !over => {
                    if let Some(leg) = self.legs.get_mut(&leg) {
                        leg.broken = true;
                    }
                }
                _ if over => self.forget(leg),
                Stage::Came(_) | Stage::Sent(_) => self.finish(leg, End::ConnectionLost),
                Stage::Answered | Stage::Up => self.timers.set(Due::FlowEnd(leg), self.now.up + FLOW_WAITS),
            }
        }
    }

    /// The phone registered: its calls go on over the new way. It is the same phone if the old way was its own, or
    /// if it comes from the same address.
    pub(super) fn rejoin(&mut self, before: Option<Peer>, binding: &Binding) {
        let is_its = |peer: Peer| Some(peer) == before || peer.remote.ip() == binding.peer.remote.ip();
        let legs = self.legs.values().filter(|leg| leg.user == binding.user && is_its(leg.peer));
        let waiting = |leg: &LegId| self.timers.at(Due::FlowEnd(*leg)).is_some();
        let legs: Vec<LegId> = legs.map(|leg| leg.id).filter(waiting).collect();
        for id in legs {
            if let Some(leg) = self.legs.get_mut(&id).filter(|leg| is_no_weaker(binding.peer, leg.peer)) {
                leg.peer = binding.peer;
                leg.dialog.target = binding.contact.clone();
                leg.binding = Some(binding.id);
                self.timers.clear(Due::FlowEnd(id));
            }
        }
    }
}

/// A call that began over TLS goes on over nothing less.
fn is_no_weaker(now: Peer, before: Peer) -> bool {
    before.transport != Transport::Tls || now.transport == Transport::Tls
}

#[cfg(test)]
impl Sip {
    /// No signs of life are asked for: only what a test is about goes over the wire.
    pub(super) fn registrar_quiet(&mut self) {
        for id in self.registrar.all().map(|binding| binding.id).collect::<Vec<_>>() {
            self.timers.clear(Due::Ping(id));
            self.timers.clear(Due::BindingEnd(id));
        }
    }
}

fn together(at: Uptime) -> Uptime {
    Uptime(at.0 / TOGETHER_US * TOGETHER_US)
}
