//! Provisional responses to our INVITE: one early dialog for each branch that rings (RFC 3261 section 12, RFC 3262).

use super::super::{machine::Sip, message::Message, method::Method, name::Name, order::Report, transaction::Purpose};
use super::{EARLY_MAX, Early, offer::said};
use crate::sdp::{LegId, Session};

impl Sip {
    pub(in crate::sip) fn rings(&mut self, leg: LegId, code: u16, response: &Message) {
        let rseq = rseq_of(response);
        let early = match response.to().tag() {
            Some(tag) => match self.branch_rings(leg, tag.to_owned(), rseq, response) {
                Ok(early) => early,
                Err(()) => return,
            },
            None => None,
        };
        if (180..184).contains(&code) {
            self.report(Report::Ringing { leg, code, early });
        }
    }

    /// `Err`: a repeat, or one that overtook another; it counts for nothing.
    fn branch_rings(
        &mut self,
        leg: LegId,
        tag: String,
        rseq: Option<u32>,
        response: &Message,
    ) -> Result<Option<Session>, ()> {
        let kept = self.legs.get_mut(&leg).ok_or(())?;
        let peer = kept.peer;
        if !kept.early.contains_key(&tag) && kept.early.len() >= EARLY_MAX {
            return Err(());
        }
        let early = kept.early.entry(tag).or_default();
        if early.dialog.call_id.is_empty() {
            early.dialog = kept.dialog.answered(response);
        } else {
            early.dialog.refresh_target(response);
        }
        if let (Some(last), Some(rseq)) = (early.rseq, rseq)
            && rseq != last.wrapping_add(1)
        {
            return Err(());
        }
        let heard = if early.settled { None } else { said(response, peer).session() };
        if let Some(session) = &heard {
            early.session = Some(session.clone());
            early.settled = rseq.is_some();
        }
        if let Some(rseq) = rseq {
            early.rseq = Some(rseq);
            self.send_prack(leg, rseq, response);
        }
        Ok(heard)
    }

    /// RFC 3262 section 4.
    fn send_prack(&mut self, leg: LegId, rseq: u32, response: &Message) {
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        let peer = kept.peer;
        let Some(early) = response.to().tag().and_then(|tag| kept.early.get_mut(tag)) else { return };
        let rack = format!("{rseq} {} INVITE", response.cseq().0);
        let asked = early.dialog.ask(peer, Method::Prack, vec![(Name::RAck, rack)], None);
        self.ask(asked, Purpose::Prack(leg));
    }
}

/// Of a response that wants a PRACK.
pub(super) fn rseq_of(response: &Message) -> Option<u32> {
    let rseq = response.value(Name::RSeq)?.trim().parse().ok()?;
    response.has_token(Name::Require, "100rel").then_some(rseq)
}

impl Early {
    /// Whether a request of theirs comes in order.
    pub fn takes(&mut self, cseq: u32) -> bool {
        self.dialog.takes(cseq)
    }
}
