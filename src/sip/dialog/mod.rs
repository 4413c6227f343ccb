//! Legs and what they can do, one SIP verb a file (RFC 3261 sections 12 to 15).

mod ack;
mod answer;
mod bye;
mod cancel;
mod early;
mod info;
mod inside;
mod invite;
mod offer;
mod prack;
mod refer;
mod reinvite;
mod ring;
mod session_timer;
mod update;

pub(super) use invite::{Refusal, offer_of};
pub(super) use offer::Description;
pub(super) use refer::Referral;
pub(super) use ring::retry_after;
pub(super) use session_timer::{SessionTimer, too_short};

use super::{
    address::Contacts,
    compose::{Asked, Body, Lines, MAX_FORWARDS},
    message::Message,
    method::Method,
    name::Name,
    order::{BindingId, TrunkId},
    recorded,
    transaction::{ClientId, Head, ServerId},
    wire::Peer,
};
use crate::sdp::{LegId, Session};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

/// Legs at once, those that wait for a last ACK among them; more are refused with 503.
pub(super) const LEGS_MAX: usize = 5_000;
/// Early dialogs of one INVITE of ours; more branches of a fork are not listened to.
pub(super) const EARLY_MAX: usize = 16;
/// Provisional responses that wait for the PRACK of the one before them.
pub(super) const QUEUE_MAX: usize = 8;

/// What both sides of a dialog know (RFC 3261 section 12).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Dialog {
    pub call_id: String,
    /// Our From or To with its tag, as it was first written.
    pub local: String,
    pub local_tag: String,
    /// Theirs.
    pub remote: String,
    /// Empty while nobody has answered.
    pub remote_tag: String,
    /// Their Contact.
    pub target: String,
    pub routes: Vec<String>,
    pub local_cseq: u32,
    /// Of their last request.
    pub remote_cseq: Option<u32>,
    /// The trunk on the other side.
    pub trunk: Option<TrunkId>,
}

impl Dialog {
    /// As the one who is asked sees it (RFC 3261 section 12.1.1). `None` without a Contact to speak to.
    pub fn of_request(request: &Message, tag: &str) -> Option<Dialog> {
        Some(Dialog {
            call_id: request.call_id().to_owned(),
            local: format!("{};tag={tag}", request.value(Name::To).unwrap_or("")),
            local_tag: tag.to_owned(),
            remote: request.value(Name::From).unwrap_or("").to_owned(),
            remote_tag: request.from().tag().unwrap_or("").to_owned(),
            target: target_of(request)?,
            routes: request.values(Name::RecordRoute).map(str::to_owned).collect(),
            local_cseq: 0,
            remote_cseq: Some(request.cseq().0),
            trunk: None,
        })
    }

    /// Of an INVITE of ours, before anybody answered it.
    pub fn asked_in(head: &Head, trunk: Option<TrunkId>) -> Dialog {
        let (call_id, local) = (head.call_id.clone(), head.from.clone());
        Dialog { call_id, local, local_cseq: head.cseq, trunk, ..Dialog::default() }
    }

    /// As the one who asked sees it (RFC 3261 section 12.1.2). What we said of ourselves holds as we said it, however
    /// it comes back.
    pub fn answered(&self, response: &Message) -> Dialog {
        let mut routes: Vec<String> = response.values(Name::RecordRoute).map(str::to_owned).collect();
        routes.reverse();
        let remote = response.to();
        Dialog {
            remote: response.value(Name::To).unwrap_or("").to_owned(),
            remote_tag: remote.tag().unwrap_or("").to_owned(),
            target: target_of(response).unwrap_or_else(|| remote.uri.to_owned()),
            routes,
            remote_cseq: None,
            ..self.clone()
        }
    }

    /// The next request inside it (RFC 3261 section 12.2.1.1).
    pub fn ask(&mut self, peer: Peer, method: Method, lines: Lines, body: Body) -> Asked {
        self.local_cseq += 1;
        self.asked(peer, method, lines, body)
    }

    /// The same with the number of the last one, as an ACK has it.
    pub fn asked(&self, peer: Peer, method: Method, lines: Lines, body: Body) -> Asked {
        Asked {
            peer,
            trunk: self.trunk,
            method,
            uri: self.target.clone(),
            routes: self.routes.clone(),
            from: self.local.clone(),
            to: self.remote.clone(),
            call_id: self.call_id.clone(),
            cseq: self.local_cseq,
            max_forwards: MAX_FORWARDS,
            lines,
            body,
        }
    }

    /// Whether their request comes in order; then it is the last (RFC 3261 section 12.2.2).
    pub fn takes(&mut self, cseq: u32) -> bool {
        let in_order = self.remote_cseq.is_none_or(|last| cseq > last);
        if in_order {
            self.remote_cseq = Some(cseq);
        }
        in_order
    }

    /// A Contact in a re-INVITE, UPDATE or their 2xx says where to speak to from now on (RFC 3261 section 12.2).
    pub fn refresh_target(&mut self, message: &Message) {
        if let Some(target) = target_of(message) {
            self.target = target;
        }
    }
}

fn target_of(message: &Message) -> Option<String> {
    match message.contacts()? {
        Contacts::List(list) => list.first().filter(|contact| contact.uri().is_ok()).map(|first| first.uri.to_owned()),
        Contacts::Star => None,
    }
}

/// How far a leg has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    /// Their INVITE is not answered.
    Came(ServerId),
    /// Our INVITE is not answered.
    Sent(ClientId),
    /// Our 2xx waits for its ACK.
    Answered,
    /// Up.
    Up,
}

/// One INVITE taken or sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Leg {
    pub id: LegId,
    /// The proven number on the other side.
    pub user: String,
    pub binding: Option<BindingId>,
    /// Where the leg is spoken to.
    pub peer: Peer,
    pub stage: Stage,
    /// `Ended` was reported: only a last ACK is waited for, then BYE goes out.
    pub over: bool,
    /// We sent the first INVITE, so the Call-ID is ours (RFC 3261 section 14.1).
    pub outgoing: bool,
    pub dialog: Dialog,
    /// Of an INVITE that we sent, by their tag.
    pub early: BTreeMap<String, Early>,
    pub ours: Description,
    /// Their last description, as it came.
    #[serde(serialize_with = "recorded::serialize")]
    pub theirs: Bytes,
    pub allows_update: bool,
    pub reliable: Reliable,
    pub answer: Answer,
    /// Their offer that `call` thinks about.
    pub change: Option<Change>,
    pub reoffer: Option<Reoffer>,
    /// The next offer of ours, when the present change is through.
    pub reoffer_next: Option<Session>,
    pub timer: SessionTimer,
    /// CSeq of the REFERs, so that a second one gets an id of its own.
    pub refers: u32,
    /// What our INVITE says beside what every one does: who calls a trunk, how a phone is to ring.
    pub says: Lines,
    pub max_forwards: u8,
    /// The connection to its trunk broke, and the next one is not open yet.
    pub broken: bool,
}

/// One branch that rings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Early {
    pub dialog: Dialog,
    pub rseq: Option<u32>,
    /// The answer in a provisional response.
    pub session: Option<Session>,
    /// It came reliably, so that a 2xx need not repeat it.
    pub settled: bool,
}

/// Our provisional responses that ask for PRACK (RFC 3262).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Reliable {
    pub supported: bool,
    pub required: bool,
    pub rseq: u32,
    pub waiting: Option<Waiting>,
    pub queue: VecDeque<(u16, Option<Session>)>,
    /// The answer to their offer went out reliably.
    pub answered: bool,
    /// The 2xx that waits for the PRACK (RFC 3262 section 3).
    pub held: Option<Session>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub rseq: u32,
    pub cseq: u32,
    #[serde(serialize_with = "recorded::serialize")]
    pub response: Bytes,
    pub wait: Duration,
}

/// Our last 2xx to an INVITE of theirs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Answer {
    /// Of the INVITE.
    pub cseq: u32,
    /// Sent again until the ACK comes; empty when none is waited for.
    #[serde(serialize_with = "recorded::serialize")]
    pub response: Bytes,
    pub waiting: bool,
    pub wait: Duration,
    /// It held our offer: the ACK brings the answer.
    pub offered: bool,
    /// It was the answer to a re-INVITE.
    pub again: bool,
}

/// A re-INVITE or UPDATE of theirs that is not answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Change {
    pub server: ServerId,
    pub cseq: u32,
    pub update: bool,
    pub offerless: bool,
    #[serde(serialize_with = "recorded::serialize")]
    pub body: Bytes,
}

/// A re-INVITE of ours.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Reoffer {
    /// `None` when it only refreshes the session.
    pub session: Option<Session>,
    /// What was agreed before it.
    pub before: Option<Session>,
    pub client: Option<ClientId>,
    pub tries: u32,
    /// Of the last reliable response below 200, and the answer that one of them held.
    pub rseq: Option<u32>,
    pub early: Option<Session>,
}

impl Leg {
    pub fn is_answered(&self) -> bool {
        matches!(self.stage, Stage::Answered | Stage::Up)
    }

    /// `id` is the identity of our descriptions on it.
    pub fn new(leg: LegId, user: String, peer: Peer, dialog: Dialog, id: u32) -> Leg {
        Leg {
            id: leg,
            user,
            binding: None,
            peer,
            stage: Stage::Up,
            over: false,
            outgoing: false,
            dialog,
            early: BTreeMap::new(),
            ours: Description::new(id),
            theirs: Bytes::new(),
            allows_update: false,
            reliable: Reliable::default(),
            answer: Answer::default(),
            change: None,
            reoffer: None,
            reoffer_next: None,
            timer: SessionTimer::default(),
            refers: 0,
            says: Lines::new(),
            max_forwards: MAX_FORWARDS,
            broken: false,
        }
    }
}
