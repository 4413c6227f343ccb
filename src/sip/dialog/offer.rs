//! Descriptions in and out of messages: where they stand, what we wrote last, and whether an offer may come now.

use super::super::{
    compose::{Body, SDP},
    machine::Sip,
    message::Message,
    name::Name,
    wire::{Peer, Transport},
};
use super::{Leg, Stage};
use crate::sdp::{Origin, Session};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What we said last on a leg (RFC 3264 section 8: one identity, a version more with each change).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::sip) struct Description {
    pub id: u32,
    version: u64,
    last: Option<Session>,
}

impl Description {
    pub fn new(id: u32) -> Description {
        Description { id, version: 0, last: None }
    }

    /// `address` is ours as the peer sees it.
    pub fn write(&mut self, session: &Session, address: IpAddr) -> Body {
        let session = Session { address: session.address.or(Some(address)), ..session.clone() };
        if self.last.as_ref() != Some(&session) {
            self.version += 1;
        }
        let origin = Origin { id: u64::from(self.id), version: self.version, address };
        let body = session.write(&origin);
        self.last = Some(session);
        Some((SDP.into(), Bytes::from(body)))
    }

    /// A refused offer was never said.
    pub fn back_to(&mut self, before: Option<Session>) {
        if self.last != before {
            self.version += 1;
            self.last = before;
        }
    }

    /// Whether the last one can stand as an answer: an offer may name more keys than one.
    pub fn is_answer(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.crypto.len() <= 1)
    }

    pub fn last(&self) -> Option<&Session> {
        self.last.as_ref()
    }

    /// The last one again, word for word.
    pub fn again(&mut self, address: IpAddr) -> Body {
        let last = self.last.clone()?;
        self.write(&last, address)
    }
}

/// What is said about sound in a message.
pub(in crate::sip) enum Said {
    Nothing,
    Session(Session),
    /// What it is to be answered with.
    Bad(u16),
}

/// A body that is no SDP is refused unless it may be passed over (RFC 3261 sections 8.2.3, 20.11). Off TLS plain RTP
/// is preferred where both are offered (DSK-343).
pub(in crate::sip) fn said(message: &Message, peer: Peer) -> Said {
    if message.body().is_empty() {
        return Said::Nothing;
    }
    let plain = message.value(Name::ContentEncoding).is_none_or(|coding| coding.eq_ignore_ascii_case("identity"));
    let is_sdp = message.content_type().is_none_or(|kind| kind.eq_ignore_ascii_case(SDP));
    if !plain || !is_sdp {
        let disposition = message.value(Name::ContentDisposition).unwrap_or("");
        return if disposition.to_ascii_lowercase().contains("handling=optional") {
            Said::Nothing
        } else {
            Said::Bad(415)
        };
    }
    let parsed = match peer.transport {
        Transport::Tls => Session::parse(message.body()),
        Transport::Udp | Transport::Tcp => Session::parse_plain(message.body()),
    };
    match parsed {
        Ok(session) => Said::Session(session),
        Err(fault) => Said::Bad(fault.code()),
    }
}

impl Said {
    pub fn session(self) -> Option<Session> {
        match self {
            Said::Session(session) => Some(session),
            Said::Nothing | Said::Bad(_) => None,
        }
    }
}

impl Leg {
    /// What an offer of theirs is answered with right now; `None`: it may come (RFC 3261 section 14.2, RFC 3311
    /// section 5.2).
    pub fn refuses_offer(&self) -> Option<u16> {
        if self.change.is_some() {
            return Some(500);
        }
        if self.reoffer.as_ref().is_some_and(|reoffer| reoffer.client.is_some()) {
            return Some(491);
        }
        match self.stage {
            Stage::Up if self.answer.waiting && self.answer.offered => Some(491),
            Stage::Up => None,
            Stage::Answered if self.answer.offered => Some(491),
            Stage::Answered => None,
            Stage::Came(_) if self.reliable.answered && self.reliable.waiting.is_none() => None,
            Stage::Came(_) => Some(500),
            Stage::Sent(_) if self.early.values().any(|early| early.settled) => None,
            Stage::Sent(_) => Some(491),
        }
    }
}

impl Sip {
    /// A body for `session` on this leg.
    pub(in crate::sip) fn describe(&mut self, leg: crate::sdp::LegId, session: &Session) -> Body {
        let peer = self.legs.get(&leg)?.peer;
        let address = self.address_for(peer);
        self.legs.get_mut(&leg)?.ours.write(session, address)
    }
}
