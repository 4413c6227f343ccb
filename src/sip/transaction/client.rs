//! A request of ours until its final response (RFC 3261 section 17.1, RFC 6026 section 7.2).

use super::{
    super::{
        compose::Asked,
        order::{BindingId, LampId, ReferId},
        recorded,
        timers::{Due, Timers},
        trunk::{ErrandId, Login},
        wire::{Peer, Transport},
    },
    ClientId, LIFE, T1, T2, T4,
};
use crate::{sdp::LegId, time::Uptime};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// Who wants to know the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sip) enum Purpose {
    Invite(LegId),
    Reinvite(LegId),
    /// UPDATE without an offer, to refresh the session.
    Refresh(LegId),
    Prack(LegId),
    Info(LegId),
    Lamp(LampId),
    Refer(ReferId),
    Ping(BindingId),
    /// REGISTER or OPTIONS to a trunk.
    Errand(ErrandId),
    /// BYE, CANCEL and all else whose answer changes nothing.
    Nothing,
}

/// What of an INVITE is said again in its CANCEL and in the ACK of a refusal (RFC 3261 sections 9.1, 17.1.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sip) struct Head {
    pub uri: String,
    pub via: String,
    pub routes: Vec<String>,
    pub from: String,
    pub to: String,
    pub call_id: String,
    pub cseq: u32,
}

impl Head {
    fn weight(&self) -> usize {
        let texts = [&self.uri, &self.via, &self.from, &self.to, &self.call_id];
        texts.into_iter().chain(&self.routes).map(String::len).sum()
    }
}

/// What a trunk is told again with a proof, should it ask for one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sip) struct Again {
    pub login: Login,
    pub asked: Asked,
    /// The realm of the proof that the request holds, and whether its nonce was an old one's place.
    pub proven: Option<String>,
    pub stale: bool,
}

/// What a response means to the one who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Heard {
    /// Pass it on.
    New,
    /// A 2xx after the first: perhaps from another branch of a fork.
    Another,
    /// The refusal again: its ACK was lost.
    AckAgain,
    Known,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    /// Calling or Trying.
    Asked,
    Proceeding,
    Completed,
    Accepted,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sip) struct Client {
    pub id: ClientId,
    pub peer: Peer,
    pub purpose: Purpose,
    pub branch: String,
    /// Of an INVITE only.
    pub head: Option<Head>,
    /// CANCEL is wanted as soon as a provisional response allows it (RFC 3261 section 9.1).
    pub cancel_wanted: bool,
    /// ACK of the refusal.
    #[serde(serialize_with = "recorded::serialize")]
    pub ack: Option<Bytes>,
    /// ACK of each 2xx by its To tag.
    #[serde(serialize_with = "recorded::serialize")]
    pub acks: BTreeMap<String, Bytes>,
    /// Of a request to a trunk.
    pub again: Option<Box<Again>>,
    state: State,
    #[serde(serialize_with = "recorded::serialize")]
    request: Bytes,
    wait: Duration,
}

impl Client {
    pub fn new(
        id: ClientId,
        peer: Peer,
        purpose: Purpose,
        branch: String,
        head: Option<Head>,
        request: Bytes,
    ) -> Client {
        Client {
            id,
            peer,
            purpose,
            branch,
            head,
            cancel_wanted: false,
            ack: None,
            acks: BTreeMap::new(),
            again: None,
            state: State::Asked,
            request,
            wait: T1,
        }
    }

    /// Sets timers A and B, or E and F.
    pub fn start(&self, now: Uptime, timers: &mut Timers) {
        if self.repeats() {
            timers.set(Due::ClientAgain(self.id), now + T1);
        }
        timers.set(Due::ClientEnd(self.id), now + LIFE);
    }

    /// Timer A or E: what to send again.
    pub fn again(&mut self, now: Uptime, timers: &mut Timers) -> Option<Bytes> {
        let open = self.state == State::Asked || (self.state == State::Proceeding && !self.is_invite());
        if !open {
            return None;
        }
        self.wait *= 2;
        if !self.is_invite() {
            self.wait = if self.state == State::Proceeding { T2 } else { self.wait.min(T2) };
        }
        timers.set(Due::ClientAgain(self.id), now + self.wait);
        Some(self.request.clone())
    }

    pub fn hear(&mut self, code: u16, now: Uptime, timers: &mut Timers) -> Heard {
        match (self.state, code) {
            (State::Asked | State::Proceeding, ..200) => self.proceed(timers),
            (State::Asked | State::Proceeding, _) => self.complete(code, now, timers),
            (State::Accepted, 200..300) => Heard::Another,
            (State::Completed, 300..) if self.is_invite() => Heard::AckAgain,
            (State::Completed | State::Accepted, _) => Heard::Known,
        }
    }

    fn proceed(&mut self, timers: &mut Timers) -> Heard {
        if self.is_invite() {
            timers.clear(Due::ClientAgain(self.id));
            if self.state == State::Asked {
                timers.clear(Due::ClientEnd(self.id));
            }
        }
        self.state = State::Proceeding;
        Heard::New
    }

    fn complete(&mut self, code: u16, now: Uptime, timers: &mut Timers) -> Heard {
        timers.clear(Due::ClientAgain(self.id));
        self.request = Bytes::new();
        let accepted = self.is_invite() && code < 300;
        self.state = if accepted { State::Accepted } else { State::Completed };
        let wait = match (self.is_invite(), self.repeats()) {
            (true, _) if accepted => LIFE,
            (true, true) => LIFE,
            (false, true) => T4,
            (_, false) => Duration::ZERO,
        };
        timers.set(Due::ClientEnd(self.id), now + wait);
        Heard::New
    }

    /// How much memory it takes, in bytes, as far as whoever is asked has a say in it.
    pub fn weight(&self) -> usize {
        let head = self.head.as_ref().map_or(0, Head::weight);
        let again = self.again.as_ref().map_or(0, |again| again.asked.weight());
        let acks: usize = self.acks.iter().map(|(tag, ack)| tag.len() + ack.len()).sum();
        self.request.len() + head + again + acks + self.ack.as_ref().map_or(0, Bytes::len)
    }

    /// Whether the end of its time is a failure to report.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Asked | State::Proceeding)
    }

    /// Whether a response came.
    pub fn is_heard(&self) -> bool {
        self.state != State::Asked
    }

    pub fn is_invite(&self) -> bool {
        self.head.is_some()
    }

    fn repeats(&self) -> bool {
        self.peer.transport == Transport::Udp
    }
}
