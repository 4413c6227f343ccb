//! Requests inside the dialog of a leg: whose they are, and which verb takes them (RFC 3261 section 12.2.2).

use super::super::{
    compose::{ALLOW, Lines},
    machine::Sip,
    message::Message,
    method::Method,
    name::Name,
    timers::Due,
    transaction::{ServerId, ServerKey},
    trunk,
    wire::{Peer, Transport},
};
use super::{Leg, Stage};
use crate::sdp::LegId;

impl Sip {
    /// Same Call-ID and tags, and from where the other side can be.
    pub(in crate::sip) fn is_of_leg(&self, peer: Peer, leg: LegId, request: &Message) -> bool {
        let Some(kept) = self.legs.get(&leg) else { return false };
        let from = request.from();
        kept.dialog.call_id == request.call_id()
            && kept.has_remote_tag(from.tag().unwrap_or(""))
            && (self.is_plausible(peer, kept.peer, &kept.user) || self.is_of_trunk(peer, kept))
    }

    /// A carrier speaks from any of its addresses, but where TLS was agreed over TLS alone.
    fn is_of_trunk(&self, peer: Peer, kept: &Leg) -> bool {
        let no_weaker = kept.peer.transport != Transport::Tls || peer.transport == Transport::Tls;
        no_weaker && kept.dialog.trunk.is_some_and(|trunk| self.is_source(trunk, peer.remote.ip()))
    }

    pub(in crate::sip) fn hear_leg(&mut self, peer: Peer, leg: LegId, key: ServerKey, request: &Message) {
        let server = self.open(peer, key, request);
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        if !kept.takes(request) {
            return self.refuse(server, 500, Lines::new());
        }
        if kept.over && request.method() != Method::Bye {
            return self.refuse(server, 481, Lines::new());
        }
        if let Some(open) = self.transactions.servers.get_mut(&server) {
            open.leg = Some(leg);
        }
        self.follow(leg, peer);
        self.hear_verb(peer, leg, server, request);
    }

    fn hear_verb(&mut self, peer: Peer, leg: LegId, server: ServerId, request: &Message) {
        let tag = self.tag_of(leg);
        if let Some((code, lines)) = self.refusal_to_trunk(leg, &request.method()) {
            self.respond(server, code, &tag, lines, None);
            return;
        }
        match request.method() {
            Method::Invite => self.hear_reinvite(peer, leg, server, request),
            Method::Update => self.hear_update(peer, leg, server, request),
            Method::Bye => self.hear_bye(leg, server),
            Method::Prack => self.hear_prack(leg, server, request),
            Method::Info => self.hear_info(leg, server, request),
            Method::Refer => self.hear_refer(leg, server, request),
            Method::Options => {
                self.respond(server, 200, &tag, Lines::new(), None);
            }
            Method::Notify | Method::Subscribe => {
                self.respond(server, 489, &tag, Lines::new(), None);
            }
            Method::Register | Method::Message | Method::Publish | Method::Ack | Method::Cancel => {
                self.respond(server, 405, &tag, vec![(Name::Allow, ALLOW.to_owned())], None);
            }
            Method::Other(_) => {
                self.respond(server, 501, &tag, vec![(Name::Allow, ALLOW.to_owned())], None);
            }
        }
    }

    /// What is not taken from a trunk inside a call (TRK-56); a NOTIFY is, and nothing follows of it.
    fn refusal_to_trunk(&self, leg: LegId, method: &Method) -> Option<(u16, Lines)> {
        self.legs.get(&leg)?.dialog.trunk?;
        match method {
            Method::Notify => Some((200, Lines::new())),
            Method::Refer | Method::Subscribe | Method::Register | Method::Message | Method::Publish => {
                Some((403, Lines::new()))
            }
            Method::Other(_) => Some((405, vec![(Name::Allow, trunk::ALLOW.to_owned())])),
            _ => None,
        }
    }

    /// The phone speaks from another port or a new connection: from now on it is spoken to there.
    fn follow(&mut self, leg: LegId, peer: Peer) {
        if let Some(kept) = self.legs.get_mut(&leg) {
            if kept.dialog.trunk.is_some() && peer.transport == Transport::Udp {
                return;
            }
            kept.peer = peer;
            kept.broken = false;
            self.timers.clear(Due::FlowEnd(leg));
        }
    }
}

impl Leg {
    fn takes(&mut self, request: &Message) -> bool {
        let cseq = request.cseq().0;
        match self.stage {
            Stage::Sent(_) => {
                let from = request.from();
                self.early.get_mut(from.tag().unwrap_or("")).is_some_and(|early| early.takes(cseq))
            }
            Stage::Came(_) | Stage::Answered | Stage::Up => self.dialog.takes(cseq),
        }
    }
}
