//! Requests from carriers: whose they are, and what is taken from them (TRK-52 to TRK-68).

use super::{
    super::{
        compose::Lines,
        digest::Outcome,
        machine::Sip,
        message::Message,
        method::Method,
        name::Name,
        order::{Report, TrunkId},
        transaction::{ServerId, ServerKey},
        wire::{Peer, Transport},
    },
    line::Line,
    read,
};
use crate::sip::dialog::{Refusal, offer_of, too_short};
use std::net::SocketAddr;

/// What is taken from a trunk; it is not asked to transfer.
pub(in crate::sip) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, NOTIFY";
pub(in crate::sip) const SUPPORTED: &str = "100rel, timer";
const MAX_FORWARDS: u8 = super::super::compose::MAX_FORWARDS;

impl Sip {
    /// The trunk that a request outside of any call comes from (TRK-52, TRK-53).
    pub(in crate::sip) fn trunk_of(&self, peer: Peer, request: &Message) -> Option<TrunkId> {
        let is_own = |line: &&Line| line.ways.values().any(|way| way.connection == peer.connection);
        if peer.connection.is_some()
            && let Some(own) = self.trunks.lines.values().filter(|line| line.is_open()).find(is_own)
        {
            return Some(own.wanted.id);
        }
        let address = peer.remote.ip().to_canonical();
        let known = self.trunks.sources.get(&address);
        let is_source = |line: &Line| {
            known.is_some_and(|trunks| trunks.contains(&line.wanted.id))
                || line.wanted.allowed_sources.iter().any(|network| network.contains(address))
        };
        let mut fit: Vec<&Line> = self.trunks.lines.values().filter(|line| line.is_open() && is_source(line)).collect();
        if fit.is_empty() || self.is_of_phone(peer, request) {
            return None;
        }
        fit.sort_by(|one, other| one.wanted.name.cmp(&other.wanted.name));
        let uri = request.uri().ok();
        let line_named = uri.and_then(|uri| uri.params.value("line"));
        let user = uri.map(|uri| uri.number()).unwrap_or_default();
        let to = request.to();
        let to_host = to.uri().map(|uri| uri.host).unwrap_or("");
        let by_line = |line: &&&Line| line_named == Some(&line.wanted.id.0.to_string());
        let by_user = |line: &&&Line| !line.wanted.username.is_empty() && line.wanted.username == *user;
        let by_domain = |line: &&&Line| line.wanted.domain().eq_ignore_ascii_case(to_host);
        let found = fit.iter().find(by_line).or_else(|| fit.iter().find(by_user));
        let found = found.or_else(|| fit.iter().find(by_domain)).or_else(|| fit.first());
        found.map(|line| line.wanted.id)
    }

    /// A phone may stand at the address of a trunk, behind the same router or in the same machine. What it says is its
    /// own if it wants to register, as phones may from there (BOX-151), or speaks from where it has registered and by
    /// the number of its agent. That is believed by nobody: it has to prove itself like any other.
    fn is_of_phone(&self, peer: Peer, request: &Message) -> bool {
        if request.method() == Method::Register {
            return self.is_taken_from(peer);
        }
        request.from().uri().is_ok_and(|uri| self.registrar.at(&uri.number(), peer).is_some())
    }

    /// Where the answer goes: a carrier may send from another port than it listens on, and says so by leaving
    /// `rport` out (RFC 3261 section 18.2.2).
    pub(in crate::sip) fn answered_at(&self, peer: Peer, request: &Message) -> Peer {
        let via = request.top_via();
        let says_where = peer.transport == Transport::Udp && !via.asks_rport();
        if !says_where || !self.is_any_source(peer) || self.is_of_phone(peer, request) {
            return peer;
        }
        let port = via.port.unwrap_or(Transport::Udp.port());
        Peer { remote: SocketAddr::new(peer.remote.ip(), port), ..peer }
    }

    fn is_any_source(&self, peer: Peer) -> bool {
        let address = peer.remote.ip().to_canonical();
        self.trunks.sources.contains_key(&address)
            || self.trunks.lines.values().any(|line| {
                line.is_open() && line.wanted.allowed_sources.iter().any(|network| network.contains(address))
            })
    }

    /// A request outside of any call (TRK-56).
    pub(in crate::sip) fn hear_trunk(&mut self, peer: Peer, key: ServerKey, trunk: TrunkId, request: &Message) {
        self.known = true;
        let allow = || vec![(Name::Allow, ALLOW.to_owned())];
        match request.method() {
            Method::Invite => self.hear_trunk_invite(peer, key, trunk, request),
            Method::Options => self.respond_and_forget(peer, request, 200, allow()),
            Method::Bye | Method::Prack | Method::Update | Method::Info => {
                self.respond_and_forget(peer, request, 481, Lines::new());
            }
            Method::Register | Method::Subscribe | Method::Message | Method::Publish | Method::Refer => {
                self.respond_and_forget(peer, request, 403, Lines::new());
            }
            Method::Notify | Method::Other(_) => self.respond_and_forget(peer, request, 405, allow()),
            Method::Ack | Method::Cancel => {}
        }
    }

    fn hear_trunk_invite(&mut self, peer: Peer, key: ServerKey, trunk: TrunkId, request: &Message) {
        if self.is_full() {
            return self.refuse_full(peer, request);
        }
        if self.is_merged(request) {
            return self.respond_and_forget(peer, request, 482, Lines::new());
        }
        if !self.is_proven_trunk(peer, trunk, request) {
            return;
        }
        let server = self.open(peer, key, request);
        match self.came_in(peer, server, trunk, request) {
            Ok(report) => self.report(report),
            Err((code, lines)) => self.refuse(server, code, lines),
        }
    }

    /// TRK-55. Not proven: it is challenged already.
    fn is_proven_trunk(&mut self, peer: Peer, trunk: TrunkId, request: &Message) -> bool {
        let Some(line) = self.trunks.lines.get(&trunk) else { return false };
        if !line.wanted.inbound_auth {
            return true;
        }
        match self.digest.verify(self.now.up, peer.remote.ip(), request, &line.proofs) {
            Outcome::Proven { .. } => return true,
            Outcome::Stale { .. } => self.challenge(peer, request, true),
            Outcome::Missing => self.challenge(peer, request, false),
            Outcome::Wrong { .. } | Outcome::Unknown { .. } => {
                self.counters.unproven += 1;
                self.challenge(peer, request, false);
            }
        }
        false
    }

    fn came_in(&mut self, peer: Peer, server: ServerId, trunk: TrunkId, request: &Message) -> Result<Report, Refusal> {
        let line = self.trunks.lines.get(&trunk).ok_or((403, Lines::new()))?;
        let full = self.calls_of(trunk) >= line.wanted.max_calls as usize;
        if let Some(lines) = too_short(request) {
            return Err((422, lines));
        }
        let offer = offer_of(request, peer)?;
        let called = read::called(&line.wanted, request, &self.trunks.dids);
        let caller = read::caller(&line.wanted, request);
        let leg = self.begin(peer, server, String::new(), request)?;
        if let Some(kept) = self.legs.get_mut(&leg) {
            kept.dialog.trunk = Some(trunk);
            kept.answer.offered = offer.is_none();
            kept.answer.cseq = request.cseq().0;
        }
        self.trunks.touched.insert(trunk);
        self.respond(server, 100, "", Lines::new(), None);
        Ok(Report::CameIn {
            leg,
            trunk,
            asked: called.asked,
            number: called.number,
            caller: caller.shown,
            withheld: caller.withheld,
            max_forwards: request.max_forwards().unwrap_or(MAX_FORWARDS),
            full,
            offer,
            peer,
        })
    }
}
