//! Our responses to an INVITE: ringing, reliable or not, and the answer until its ACK (RFC 3261 section 13.3.1).

use super::super::{
    compose::Lines,
    machine::Sip,
    name::Name,
    order::End,
    timers::Due,
    transaction::{LIFE, ServerId, T1, T2},
};
use super::{Answer, QUEUE_MAX, Stage, Waiting};
use crate::sdp::{LegId, Session};
use bytes::Bytes;

impl Sip {
    /// A response below 200. Sound goes reliably to a phone that can (RFC 3262); a phone that wants everything so and
    /// has made no offer hears nothing before the answer, because our offer would have to be in it.
    pub(in crate::sip) fn progress(&mut self, leg: LegId, code: u16, early: Option<Session>) {
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        let Stage::Came(server) = kept.stage else { return };
        if kept.over || !(101..200).contains(&code) || kept.reliable.held.is_some() {
            return;
        }
        let early = early.filter(|_| !kept.answer.offered && !kept.reliable.answered);
        let reliable = kept.reliable.required || (kept.reliable.supported && early.is_some());
        if !reliable {
            return self.progress_once(leg, server, code, early);
        }
        if kept.reliable.required && kept.answer.offered {
            return;
        }
        if kept.reliable.waiting.is_some() {
            if kept.reliable.queue.len() < QUEUE_MAX {
                kept.reliable.queue.push_back((code, early));
            }
            return;
        }
        self.progress_reliably(leg, server, code, early);
    }

    fn progress_once(&mut self, leg: LegId, server: ServerId, code: u16, early: Option<Session>) {
        let body = early.and_then(|session| self.describe(leg, &session));
        let lines = self.own_lines(leg);
        let tag = self.tag_of(leg);
        self.respond(server, code, &tag, lines, body);
    }

    fn progress_reliably(&mut self, leg: LegId, server: ServerId, code: u16, early: Option<Session>) {
        let first = (self.chance.u32() >> 2) + 1;
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        kept.reliable.rseq = if kept.reliable.rseq == 0 { first } else { kept.reliable.rseq + 1 };
        kept.reliable.answered |= early.is_some();
        let rseq = kept.reliable.rseq;
        let cseq = kept.answer.cseq;
        let body = early.and_then(|session| self.describe(leg, &session));
        let mut lines = self.own_lines(leg);
        lines.push((Name::Require, "100rel".to_owned()));
        lines.push((Name::RSeq, rseq.to_string()));
        let tag = self.tag_of(leg);
        let Some(response) = self.respond(server, code, &tag, lines, body) else { return };
        if let Some(kept) = self.legs.get_mut(&leg) {
            kept.reliable.waiting = Some(Waiting { rseq, cseq, response, wait: T1 });
        }
        self.timers.set(Due::ReliableAgain(leg), self.now.up + T1);
        self.timers.set(Due::ReliableEnd(leg), self.now.up + LIFE);
    }

    pub(in crate::sip) fn reliable_again(&mut self, leg: LegId) {
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        let Some(waiting) = &mut kept.reliable.waiting else { return };
        waiting.wait *= 2;
        let (peer, bytes, wait) = (kept.peer, waiting.response.clone(), waiting.wait);
        self.timers.set(Due::ReliableAgain(leg), self.now.up + wait);
        self.counters.retransmits += 1;
        self.send(peer, bytes);
    }

    /// No PRACK: the INVITE is refused (RFC 3262 section 3).
    pub(in crate::sip) fn reliable_end(&mut self, leg: LegId) {
        let Some(Stage::Came(server)) = self.legs.get(&leg).map(|kept| kept.stage) else { return };
        let tag = self.tag_of(leg);
        self.respond(server, 504, &tag, Lines::new(), None);
        self.finish(leg, End::TimedOut);
    }

    /// The PRACK came: the next response may go, and the answer that waited.
    pub(in crate::sip) fn reliable_heard(&mut self, leg: LegId) {
        self.timers.clear(Due::ReliableAgain(leg));
        self.timers.clear(Due::ReliableEnd(leg));
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        kept.reliable.waiting = None;
        if let Some(session) = kept.reliable.held.take() {
            return self.answer(leg, session);
        }
        if let Some((code, early)) = kept.reliable.queue.pop_front() {
            self.progress(leg, code, early);
        }
    }

    /// 200; after a reliable answer without a body (RFC 3261 section 13.2.1).
    pub(in crate::sip) fn answer(&mut self, leg: LegId, session: Session) {
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        let Stage::Came(server) = kept.stage else { return };
        if kept.reliable.waiting.is_some() {
            kept.reliable.held = Some(session);
            return;
        }
        let (cseq, offered, said) = (kept.answer.cseq, kept.answer.offered, kept.reliable.answered);
        let body = if said { None } else { self.describe(leg, &session) };
        let mut lines = self.own_lines(leg);
        lines.extend(self.session_starts(leg));
        let tag = self.tag_of(leg);
        let Some(response) = self.respond(server, 200, &tag, lines, body) else { return };
        self.expect_ack(leg, response, cseq, offered);
        if let Some(kept) = self.legs.get_mut(&leg) {
            kept.stage = Stage::Answered;
        }
    }

    /// A 2xx is sent again until its ACK comes, over every transport.
    pub(in crate::sip) fn expect_ack(&mut self, leg: LegId, response: Bytes, cseq: u32, offered: bool) {
        let Some(kept) = self.legs.get_mut(&leg) else { return };
        let again = kept.stage == Stage::Up;
        kept.answer = Answer { cseq, response, waiting: true, wait: T1, offered, again };
        self.timers.set(Due::AnswerAgain(leg), self.now.up + T1);
        self.timers.set(Due::AnswerEnd(leg), self.now.up + LIFE);
    }

    pub(in crate::sip) fn answer_again(&mut self, leg: LegId) {
        let Some(kept) = self.legs.get_mut(&leg).filter(|kept| kept.answer.waiting) else { return };
        kept.answer.wait = (kept.answer.wait * 2).min(T2);
        let (peer, bytes, wait) = (kept.peer, kept.answer.response.clone(), kept.answer.wait);
        self.timers.set(Due::AnswerAgain(leg), self.now.up + wait);
        self.counters.retransmits += 1;
        self.send(peer, bytes);
    }

    /// No ACK came (RFC 3261 section 13.3.1.4).
    pub(in crate::sip) fn answer_end(&mut self, leg: LegId) {
        if self.legs.get(&leg).is_some_and(|kept| kept.answer.waiting) {
            self.send_bye(leg);
            self.finish(leg, End::TimedOut);
        }
    }

    pub(in crate::sip) fn refuse_leg(&mut self, leg: LegId, code: u16, retry_after: Option<u32>) {
        let Some(Stage::Came(server)) = self.legs.get(&leg).map(|kept| kept.stage) else { return self.end(leg) };
        let lines = retry_after.map(|s| (Name::RetryAfter, s.to_string())).into_iter().collect();
        let tag = self.tag_of(leg);
        self.respond(server, code.clamp(300, 699), &tag, lines, None);
        self.finish(leg, End::Ours);
    }

    /// Our tag on a leg.
    pub(in crate::sip) fn tag_of(&self, leg: LegId) -> String {
        self.legs.get(&leg).map_or(String::new(), |kept| kept.dialog.local_tag.clone())
    }
}
