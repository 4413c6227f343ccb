//! INVITEs that begin a leg (RFC 3261 section 13.3, RFC 3891).

use super::super::{
    compose::{Lines, SDP},
    machine::{Owner, Sip},
    message::Message,
    name::Name,
    order::Report,
    params::Params,
    transaction::{ServerId, ServerKey},
    wire::Peer,
};
use super::{
    Dialog, LEGS_MAX, Leg, Stage,
    offer::{Said, said},
    ring::allows_update,
    session_timer::too_short,
};
use crate::sdp::LegId;
use bytes::Bytes;

/// Bounds of Retry-After when the box is full, in seconds (BOX-131).
const RETRY_S_MIN: u32 = 5;
const RETRY_S_MAX: u32 = 30;

/// The longest that is dialed, in bytes: it stands in records.
const DIALED_MAX: usize = 128;

impl Sip {
    pub(in crate::sip) fn hear_invite(&mut self, peer: Peer, key: ServerKey, request: &Message) {
        if self.is_full() {
            return self.refuse_full(peer, request);
        }
        if self.is_merged(request) {
            return self.respond_and_forget(peer, request, 482, Lines::new());
        }
        let Some(user) = self.prove(peer, request) else { return };
        let server = self.open(peer, key, request);
        match self.invited(peer, server, user, request) {
            Ok(report) => self.report(report),
            Err((code, lines)) => self.refuse(server, code, lines),
        }
    }

    pub(in crate::sip) fn is_full(&self) -> bool {
        self.refuses_new || self.legs.len() >= LEGS_MAX
    }

    /// Before anything costly is done (BOX-131, BOX-132).
    pub(in crate::sip) fn refuse_full(&mut self, peer: Peer, request: &Message) {
        self.counters.refused += 1;
        let wait_s = RETRY_S_MIN + self.chance.below(RETRY_S_MAX - RETRY_S_MIN + 1);
        self.respond_and_forget(peer, request, 503, vec![(Name::RetryAfter, wait_s.to_string())]);
    }

    fn invited(&mut self, peer: Peer, server: ServerId, user: String, request: &Message) -> Result<Report, Refusal> {
        if !Sip::is_from(request, &user) {
            return Err((403, Lines::new()));
        }
        if let Some(lines) = too_short(request) {
            return Err((422, lines));
        }
        let offer = offer_of(request, peer)?;
        let dialed = request.uri().map(|uri| uri.number().into_owned()).unwrap_or_default();
        if dialed.is_empty() {
            return Err((484, Lines::new()));
        }
        if dialed.len() > DIALED_MAX {
            return Err((414, Lines::new()));
        }
        let replaces = match request.value(Name::Replaces) {
            Some(value) => Some(self.replaced(value)?),
            None => None,
        };
        let leg = self.begin(peer, server, user.clone(), request)?;
        let binding = self.registrar.at(&user, peer);
        if let Some(kept) = self.legs.get_mut(&leg) {
            kept.binding = binding;
            kept.answer.offered = offer.is_none();
            kept.answer.cseq = request.cseq().0;
        }
        if binding.is_none() {
            self.trust(peer);
        }
        self.respond(server, 100, "", Lines::new(), None);
        Ok(Report::Invited { leg, user, binding, dialed, offer, replaces, peer })
    }

    pub(in crate::sip) fn begin(
        &mut self,
        peer: Peer,
        server: ServerId,
        user: String,
        request: &Message,
    ) -> Result<LegId, Refusal> {
        let leg = LegId(self.last_leg * 2 + 1);
        let tag = self.own_tag(Owner::Leg(leg));
        let Some(dialog) = Dialog::of_request(request, &tag) else {
            self.tags.remove(&tag);
            return Err((400, Lines::new()));
        };
        self.last_leg += 1;
        let id = self.chance.u32() >> 1;
        let mut new = Leg::new(leg, user, peer, dialog, id);
        new.stage = Stage::Came(server);
        new.theirs = Bytes::copy_from_slice(request.body());
        new.allows_update = allows_update(request);
        new.reliable.required = request.has_token(Name::Require, "100rel");
        new.reliable.supported = new.reliable.required || request.has_token(Name::Supported, "100rel");
        self.came.entry(new.dialog.call_id.clone()).or_default().push(leg);
        self.legs.insert(leg, new);
        self.session_wished(leg, request);
        if let Some(open) = self.transactions.servers.get_mut(&server) {
            open.leg = Some(leg);
        }
        Ok(leg)
    }

    /// The same request over another path, also when the first is answered already (RFC 3261 section 8.2.2.2).
    pub(in crate::sip) fn is_merged(&self, request: &Message) -> bool {
        let from = request.from();
        let (tag, cseq) = (from.tag().unwrap_or(""), request.cseq().0);
        let legs = self.came.get(request.call_id()).into_iter().flatten().filter_map(|leg| self.legs.get(leg));
        legs.into_iter().any(|leg| leg.answer.cseq == cseq && leg.dialog.remote_tag == tag)
    }

    /// The leg that a Replaces names (RFC 3891 section 3).
    fn replaced(&self, value: &str) -> Result<LegId, Refusal> {
        let leg = self.leg_named(value).ok_or((481, Lines::new()))?;
        let kept = &self.legs[&leg];
        let early_only = Params::split(value).1.has("early-only");
        match kept.stage {
            _ if kept.over => Err((603, Lines::new())),
            Stage::Up | Stage::Answered if early_only => Err((486, Lines::new())),
            Stage::Came(_) => Err((481, Lines::new())),
            _ => Ok(leg),
        }
    }

    /// `call-id;to-tag=…;from-tag=…`, seen from the one who gets it; phones that see it from themselves are understood.
    pub(in crate::sip) fn leg_named(&self, value: &str) -> Option<LegId> {
        let (call_id, params) = Params::split(value);
        let (to, from) = (params.value("to-tag")?, params.value("from-tag")?);
        let find = |ours: &str, theirs: &str| match self.tags.get(ours) {
            Some(Owner::Leg(leg)) => {
                let kept = self.legs.get(leg)?;
                (kept.dialog.call_id == call_id && kept.has_remote_tag(theirs)).then_some(*leg)
            }
            _ => None,
        };
        find(to, from).or_else(|| find(from, to))
    }
}

pub(in crate::sip) type Refusal = (u16, Lines);

/// The offer of a request, if it has one.
pub(in crate::sip) fn offer_of(request: &Message, peer: Peer) -> Result<Option<crate::sdp::Session>, Refusal> {
    match said(request, peer) {
        Said::Nothing => Ok(None),
        Said::Session(session) => Ok(Some(session)),
        Said::Bad(415) => {
            Err((415, vec![(Name::Accept, SDP.to_owned()), (Name::AcceptEncoding, "identity".to_owned())]))
        }
        Said::Bad(code) => Err((code, Lines::new())),
    }
}

impl Leg {
    pub fn has_remote_tag(&self, tag: &str) -> bool {
        self.dialog.remote_tag == tag || self.early.contains_key(tag)
    }
}
