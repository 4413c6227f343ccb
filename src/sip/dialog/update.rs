//! UPDATE from them: an offer before or after the answer, or a refresh of the session (RFC 3311, RFC 4028).

use super::super::{compose::Lines, machine::Sip, message::Message, order::Report, transaction::ServerId, wire::Peer};
use super::{
    Change, Leg,
    invite::{Refusal, offer_of},
    session_timer::too_short,
};
use crate::sdp::LegId;
use bytes::Bytes;

impl Sip {
    pub(in crate::sip) fn hear_update(&mut self, peer: Peer, leg: LegId, server: ServerId, request: &Message) {
        if let Err((code, lines)) = self.updated(peer, leg, server, request) {
            let tag = self.tag_of(leg);
            self.respond(server, code, &tag, lines, None);
        }
    }

    fn updated(&mut self, peer: Peer, leg: LegId, server: ServerId, request: &Message) -> Result<(), Refusal> {
        if let Some(lines) = too_short(request) {
            return Err((422, lines));
        }
        let offer = offer_of(request, peer)?;
        if offer.is_some() {
            self.may_offer(leg)?;
        }
        self.session_wished(leg, request);
        let Some(kept) = self.legs.get_mut(&leg) else { return Ok(()) };
        kept.dialog.refresh_target(request);
        kept.allows_update = true;
        if offer.is_some() {
            let body = Bytes::copy_from_slice(request.body());
            kept.change = Some(Change { server, cseq: request.cseq().0, update: true, offerless: false, body });
            self.report(Report::Changed { leg, offer });
        } else {
            let mut lines: Lines = self.own_lines(leg);
            if self.legs.get(&leg).is_some_and(Leg::is_answered) {
                lines.extend(self.session_starts(leg));
            }
            let tag = self.tag_of(leg);
            self.respond(server, 200, &tag, lines, None);
        }
        Ok(())
    }
}
