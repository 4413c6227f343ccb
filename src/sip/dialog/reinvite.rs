//! re-INVITE in both directions, with glare (RFC 3261 section 14).

use super::super::{
    compose::Lines,
    machine::Sip,
    message::Message,
    method::Method,
    name::Name,
    order::{End, Report},
    timers::Due,
    transaction::{ClientId, Purpose, ServerId},
    wire::Peer,
};
use super::{
    Change, Dialog, Reoffer, Stage,
    early::rseq_of,
    invite::{Refusal, offer_of},
    offer::said,
    ring::{allows_update, retry_after},
    session_timer::too_short,
};
use crate::sdp::{LegId, Session};
use bytes::Bytes;
use std::time::Duration;

/// How often an offer is sent again after glare or a refusal that names a short time.
const TRIES_MAX: u32 = 6;
/// The longest Retry-After that a re-INVITE waits for, in seconds.
const RETRY_S_MAX: u32 = 10;

impl Sip {
    pub(in crate::sip) fn hear_reinvite(&mut self, peer: Peer, leg: LegId, server: ServerId, request: &Message) {
        if let Err((code, lines)) = self.reinvited(peer, leg, server, request) {
            let tag = self.tag_of(leg);
            self.respond(server, code, &tag, lines, None);
        }
    }

    fn reinvited(&mut self, peer: Peer, leg: LegId, server: ServerId, request: &Message) -> Result<(), Refusal> {
        self.take_as_acknowledged(leg);
        self.may_invite(leg)?;
        self.may_offer(leg)?;
        if let Some(lines) = too_short(request) {
            return Err((422, lines));
        }
        let offer = offer_of(request, peer)?;
        let body = Bytes::copy_from_slice(request.body());
        self.session_wished(leg, request);
        let address = self.address_for(peer);
        let Some(kept) = self.legs.get_mut(&leg) else { return Ok(()) };
        kept.dialog.refresh_target(request);
        let change = Change { server, cseq: request.cseq().0, update: false, offerless: offer.is_none(), body };
        let same = offer.is_some() && !kept.theirs.is_empty() && change.body == kept.theirs;
        let as_before = if same && kept.ours.is_answer() { kept.ours.again(address) } else { None };
        kept.change = Some(change);
        match as_before {
            // Nothing changed: it only refreshes the session (RFC 4028 section 7.4).
            Some(body) => self.accept(leg, Some(body)),
            None => self.report(Report::Changed { leg, offer }),
        }
        Ok(())
    }

    /// A new INVITE says that our last 2xx has arrived even if its ACK was lost.
    fn take_as_acknowledged(&mut self, leg: LegId) {
        let Some(kept) = self.legs.get(&leg).filter(|kept| kept.answer.waiting && !kept.answer.offered) else { return };
        let first = kept.stage == Stage::Answered;
        self.stop_answering(leg);
        if first {
            self.report(Report::Confirmed { leg, session: None });
        }
    }

    /// Not before the first INVITE is answered, whoever sent it (RFC 3261 section 14.2).
    fn may_invite(&mut self, leg: LegId) -> Result<(), Refusal> {
        match self.legs.get(&leg).map(|kept| kept.stage) {
            Some(Stage::Came(_)) => Err(self.not_yet()),
            Some(Stage::Sent(_)) => Err((491, Lines::new())),
            Some(Stage::Answered | Stage::Up) | None => Ok(()),
        }
    }

    /// Another of theirs is not answered.
    fn not_yet(&mut self) -> Refusal {
        (500, vec![(Name::RetryAfter, self.chance.below(11).to_string())])
    }

    /// 491 while an offer of ours is out, 500 while one of theirs is not answered.
    pub(in crate::sip) fn may_offer(&mut self, leg: LegId) -> Result<(), Refusal> {
        match self.legs.get(&leg).and_then(|kept| kept.refuses_offer()) {
            Some(500) => Err(self.not_yet()),
            Some(code) => Err((code, Lines::new())),
            None => Ok(()),
        }
    }

    pub(in crate::sip) fn accept_change(&mut self, leg: LegId, session: &Session) {
        if self.legs.get(&leg).is_some_and(|kept| kept.change.is_some()) {
            let body = self.describe(leg, session);
            self.accept(leg, body);
        }
    }

    fn accept(&mut self, leg: LegId, body: super::super::compose::Body) {
        let Some(change) = self.legs.get_mut(&leg).and_then(|kept| kept.change.take()) else { return };
        let mut lines = self.own_lines(leg);
        lines.extend(self.session_starts(leg));
        let tag = self.tag_of(leg);
        if let Some(kept) = self.legs.get_mut(&leg)
            && !change.offerless
        {
            kept.theirs = change.body.clone();
        }
        let Some(response) = self.respond(change.server, 200, &tag, lines, body) else { return };
        if change.update {
            self.offer_next(leg);
        } else {
            self.expect_ack(leg, response, change.cseq, change.offerless);
        }
    }

    pub(in crate::sip) fn refuse_change(&mut self, leg: LegId, code: u16) {
        let Some(change) = self.legs.get_mut(&leg).and_then(|kept| kept.change.take()) else { return };
        let tag = self.tag_of(leg);
        self.respond(change.server, code.clamp(300, 699), &tag, Lines::new(), None);
        self.offer_next(leg);
    }

    /// Our offer; it waits while another change is on its way, and the newest one counts.
    pub(in crate::sip) fn reoffer(&mut self, leg: LegId, session: Session) {
        if let Some(kept) = self.legs.get_mut(&leg).filter(|kept| !kept.over) {
            kept.reoffer_next = Some(session);
            self.offer_next(leg);
        }
    }

    pub(in crate::sip) fn offer_next(&mut self, leg: LegId) {
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        let free = kept.stage == Stage::Up && !kept.answer.waiting && kept.change.is_none() && kept.reoffer.is_none();
        if free && let Some(session) = kept.reoffer_next.take() {
            self.start_reoffer(leg, Some(session));
        }
    }

    /// `None` says the same again, which refreshes the session.
    pub(in crate::sip) fn start_reoffer(&mut self, leg: LegId, session: Option<Session>) {
        if let Some(kept) = self.legs.get_mut(&leg) {
            let before = kept.ours.last().cloned();
            kept.reoffer = Some(Reoffer { session, before, client: None, tries: 0, rseq: None, early: None });
            self.send_reoffer(leg);
        }
    }

    fn send_reoffer(&mut self, leg: LegId) {
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        let Some(reoffer) = &mut kept.reoffer else { return };
        reoffer.tries += 1;
        (reoffer.rseq, reoffer.early) = (None, None);
        let Some(session) = reoffer.session.clone().or_else(|| kept.ours.last().cloned()) else { return };
        let body = self.describe(leg, &session);
        let lines = self.invite_lines(leg);
        let client = self.ask_in(leg, Method::Invite, lines, body, Purpose::Reinvite(leg));
        if let Some(reoffer) = self.legs.get_mut(&leg).and_then(|kept| kept.reoffer.as_mut()) {
            reoffer.client = client;
        }
    }

    pub(in crate::sip) fn reoffer_again(&mut self, leg: LegId) {
        let Some(kept) = self.legs.get(&leg) else { return };
        if kept.change.is_some() || kept.answer.waiting {
            self.timers.set(Due::Reoffer(leg), self.now.up + Duration::from_secs(1));
        } else if kept.reoffer.as_ref().is_some_and(|reoffer| reoffer.client.is_none()) {
            self.send_reoffer(leg);
        }
    }

    pub(in crate::sip) fn reinvite_heard(&mut self, leg: LegId, client: ClientId, response: &Message) {
        let code = response.code().unwrap_or(0);
        let waits =
            self.legs.get(&leg).and_then(|kept| kept.reoffer.as_ref()).is_some_and(|one| one.client == Some(client));
        match code {
            ..200 if waits => self.reinvite_thought_of(leg, response),
            ..200 => {}
            200..300 if waits => self.reinvite_accepted(leg, client, response),
            // The leg is over meanwhile; the 2xx wants its ACK all the same.
            200..300 => {
                let asked = self.transactions.clients.get(&client);
                if let Some((peer, head)) = asked.and_then(|client| Some((client.peer, client.head.as_ref()?))) {
                    let dialog = Dialog::asked_in(head, None).answered(response);
                    self.acknowledge(client, peer, &dialog);
                }
            }
            _ if !waits => {}
            422 if self.wants_longer(leg, response) => self.send_reoffer(leg),
            _ => self.reinvite_failed(leg, code, response.value(Name::RetryAfter).and_then(retry_after)),
        }
    }

    /// A phone that takes its time may say so reliably, and waits for the PRACK (RFC 3262 section 4).
    fn reinvite_thought_of(&mut self, leg: LegId, response: &Message) {
        let Some(rseq) = rseq_of(response) else { return };
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        let peer = kept.peer;
        let Some(reoffer) =
            kept.reoffer.as_mut().filter(|one| one.rseq.is_none_or(|last| rseq == last.wrapping_add(1)))
        else {
            return;
        };
        reoffer.rseq = Some(rseq);
        if let Some(session) = said(response, peer).session() {
            reoffer.early = Some(session);
        }
        let rack = format!("{rseq} {} INVITE", response.cseq().0);
        self.ask_in(leg, Method::Prack, vec![(Name::RAck, rack)], None, Purpose::Prack(leg));
    }

    fn reinvite_accepted(&mut self, leg: LegId, client: ClientId, response: &Message) {
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        kept.dialog.refresh_target(response);
        kept.allows_update |= allows_update(response);
        let (peer, dialog) = (kept.peer, kept.dialog.clone());
        let reoffer = kept.reoffer.take();
        let changed = response.body() != &kept.theirs[..];
        kept.theirs = Bytes::copy_from_slice(response.body());
        self.acknowledge(client, peer, &dialog);
        self.session_agreed(leg, response);
        let ordered = reoffer.as_ref().is_some_and(|reoffer| reoffer.session.is_some());
        match said(response, peer).session().or(reoffer.and_then(|reoffer| reoffer.early)) {
            Some(session) if ordered || changed => self.report(Report::ChangeAnswered { leg, session }),
            None if ordered => self.report(Report::ChangeRefused { leg, code: 488 }),
            Some(_) | None => {}
        }
        self.offer_next(leg);
    }

    pub(in crate::sip) fn reinvite_failed(&mut self, leg: LegId, code: u16, retry_after: Option<u32>) {
        if matches!(code, 408 | 481) {
            self.send_bye(leg);
            return self.finish(leg, End::TimedOut);
        }
        let wait = match (code, retry_after) {
            (491, _) => Some(self.glare_wait(leg)),
            (500..600, Some(s)) if s <= RETRY_S_MAX => Some(Duration::from_secs(u64::from(s))),
            _ => None,
        };
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        let Some(reoffer) = &mut kept.reoffer else { return };
        if let Some(wait) = wait.filter(|_| reoffer.tries < TRIES_MAX) {
            reoffer.client = None;
            return self.timers.set(Due::Reoffer(leg), self.now.up + wait);
        }
        let Some(reoffer) = kept.reoffer.take() else { return };
        kept.ours.back_to(reoffer.before);
        match reoffer.session {
            Some(_) => self.report(Report::ChangeRefused { leg, code }),
            None => self.refresh_failed(leg, code, retry_after),
        }
        self.offer_next(leg);
    }

    /// Who made the Call-ID waits longer, so that the two do not meet again (RFC 3261 section 14.1).
    fn glare_wait(&mut self, leg: LegId) -> Duration {
        let outgoing = self.legs.get(&leg).is_some_and(|kept| kept.outgoing);
        let tens = if outgoing { 210 + self.chance.below(191) } else { self.chance.below(201) };
        Duration::from_millis(u64::from(tens) * 10)
    }
}
