//! ACK: of a refusal it ends a transaction, of a 2xx it brings the leg up (RFC 3261 sections 13.3.1.4, 17.2.1).

use super::super::{
    machine::{Owner, Sip},
    message::Message,
    order::{End, Report},
    timers::Due,
    transaction::ServerKey,
    wire::Peer,
};
use super::{Stage, offer::said};
use crate::sdp::LegId;
use bytes::Bytes;

impl Sip {
    pub(in crate::sip) fn hear_ack(&mut self, peer: Peer, key: &ServerKey, request: &Message) {
        if let Some(id) = self.transactions.server(key)
            && let Some(server) = self.transactions.servers.get_mut(&id)
            && server.acknowledged(id, self.now.up, &mut self.timers)
        {
            self.known = true;
            return;
        }
        let owner = request.to().tag().and_then(|tag| self.tags.get(tag)).copied();
        if let Some(Owner::Leg(leg)) = owner
            && self.is_of_leg(peer, leg, request)
        {
            self.known = true;
            self.acknowledged(peer, leg, request);
        }
    }

    fn acknowledged(&mut self, peer: Peer, leg: LegId, request: &Message) {
        let cseq = request.cseq().0;
        let Some(kept) = self.legs.get_mut(&leg).filter(|kept| kept.answer.waiting && kept.answer.cseq == cseq) else {
            return;
        };
        let (offered, again, over) = (kept.answer.offered, kept.answer.again, kept.over);
        let session = if offered { said(request, peer).session() } else { None };
        if offered {
            kept.theirs = Bytes::copy_from_slice(request.body());
        }
        self.stop_answering(leg);
        if !again {
            self.settle_way(leg);
        }
        if over {
            self.send_bye(leg);
            return self.forget(leg);
        }
        match (again, session) {
            (false, None) if offered => {
                self.send_bye(leg);
                return self.finish(leg, End::Refused { code: 488, retry_after: None });
            }
            (false, session) => self.report(Report::Confirmed { leg, session }),
            (true, Some(session)) => self.report(Report::ChangeAnswered { leg, session }),
            (true, None) if offered => self.report(Report::ChangeRefused { leg, code: 488 }),
            (true, None) => {}
        }
        self.offer_next(leg);
    }

    /// The 2xx has arrived.
    pub(in crate::sip) fn stop_answering(&mut self, leg: LegId) {
        self.timers.clear(Due::AnswerAgain(leg));
        self.timers.clear(Due::AnswerEnd(leg));
        if let Some(kept) = self.legs.get_mut(&leg) {
            kept.answer.waiting = false;
            kept.answer.response = Bytes::new();
            kept.answer.offered = false;
            kept.stage = Stage::Up;
        }
    }
}
