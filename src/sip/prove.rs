//! Who a request is from: nothing gets past here without proof (BOX-140 to BOX-151).

use super::{
    compose::Lines,
    digest::{Outcome, hex},
    guard::{Failure, Verdict},
    machine::{RemotePhones, Sip},
    message::Message,
    name::Name,
    wire::{self, Peer, Transport},
};
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;

impl Sip {
    /// The proven number; `None`: answered already, and nothing is kept of it (BOX-143).
    pub(super) fn prove(&mut self, peer: Peer, request: &Message) -> Option<String> {
        if !self.is_taken_from(peer) {
            self.respond_and_forget(peer, request, 403, Lines::new());
            return None;
        }
        let address = peer.remote.ip();
        let outcome = self.digest.verify(self.now.up, address, request, &self.users);
        match outcome {
            // Not even that the password was right is told then, or guessing would go on.
            Outcome::Proven { user } | Outcome::Stale { user } if self.guard.refuses(self.now.wall, address, &user) => {
                self.challenge(peer, request, false);
                None
            }
            Outcome::Proven { user } => Some(user),
            Outcome::Missing => {
                self.challenge(peer, request, false);
                None
            }
            Outcome::Stale { .. } => {
                self.challenge(peer, request, true);
                None
            }
            Outcome::Wrong { user } => {
                self.unproven(peer, request, &user, Failure::WrongProof);
                None
            }
            Outcome::Unknown { user } => {
                self.unproven(peer, request, &user, Failure::UnknownNumber);
                None
            }
        }
    }

    /// Whether From says who was proven (BOX-150): another number there is a mistake or a lie.
    pub(super) fn is_from(request: &Message, user: &str) -> bool {
        request.from().uri().is_ok_and(|uri| uri.number() == user)
    }

    /// BOX-147: a stranger over UDP could be made to flood someone else.
    pub(super) fn may_answer(&mut self, peer: Peer) -> bool {
        let may = self.guard.may_answer(self.now.up, &peer);
        if !may {
            self.counters.unanswered += 1;
        }
        may
    }

    /// This address has proven itself.
    pub(super) fn trust(&mut self, peer: Peer) {
        let address = peer.remote.ip();
        self.guard.trust(address);
        self.out.wire.push(wire::Order::Trust { address });
    }

    /// Something that had proven itself left this address; if it was the last, whoever comes from there is a stranger.
    pub(super) fn end_trust(&mut self, address: IpAddr) {
        let is_there = |peer: Peer| peer.remote.ip() == address;
        let is_held = self.trunks.sources.contains_key(&address.to_canonical())
            || self.registrar.all().any(|binding| is_there(binding.peer))
            || self.legs.values().any(|leg| is_there(leg.peer));
        if !is_held && self.guard.trusts(address) {
            self.guard.distrust(address);
            self.out.wire.push(wire::Order::Distrust { address });
        }
    }

    pub(super) fn stateless_tag(&self, request: &Message) -> String {
        let mut sum = Sha256::new();
        sum.update(self.digest.salt());
        for part in [request.call_id(), request.value(Name::From).unwrap_or(""), request.value(Name::Via).unwrap_or("")]
        {
            sum.update(part.as_bytes());
            sum.update([0]);
        }
        hex(&sum.finalize()[..8])
    }

    pub(super) fn challenge(&mut self, peer: Peer, request: &Message, stale: bool) {
        self.counters.challenged += 1;
        let challenges = self.digest.challenges(self.now.up, peer.remote.ip(), self.settings.digest, stale);
        let lines = challenges.into_iter().map(|value| (Name::WwwAuthenticate, value)).collect();
        self.respond_and_forget(peer, request, 401, lines);
    }

    fn unproven(&mut self, peer: Peer, request: &Message, user: &str, failure: Failure) {
        self.counters.unproven += 1;
        self.challenge(peer, request, false);
        let address = peer.remote.ip();
        if let Verdict::Ban { until } = self.guard.failed(self.now, address, user, failure) {
            self.counters.bans += 1;
            let address = self.guard.origin(address);
            self.out.wire.push(wire::Order::Ban { address, until });
        }
    }

    /// BOX-151
    pub(super) fn is_taken_from(&self, peer: Peer) -> bool {
        match self.settings.remote_phones {
            RemotePhones::Any => true,
            RemotePhones::Tls if peer.transport == Transport::Tls => true,
            RemotePhones::Tls | RemotePhones::Off => self.is_local(peer.remote.ip()),
        }
    }
}
