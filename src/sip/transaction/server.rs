//! A request of theirs until our final response has arrived (RFC 3261 section 17.2, RFC 6026 section 7.1).

use super::{
    super::{
        message::Message,
        name::Name,
        recorded,
        timers::{Due, Timers},
        wire::{Peer, Transport},
        write,
    },
    LIFE, ServerId, T1, T2, T4,
};
use crate::{sdp::LegId, time::Uptime};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, time::Duration};

/// What two copies of a request have in common (RFC 3261 section 17.2.3), and the address they came from, so that
/// nobody else can speak into it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(in crate::sip) struct ServerKey {
    /// The branch; of a phone that knows only RFC 2543, all that it compares.
    pub branch: String,
    pub sent_by: String,
    pub remote: IpAddr,
    /// An ACK is looked for as INVITE.
    pub method: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    /// Trying or Proceeding.
    Asked,
    Completed,
    Confirmed,
    Accepted,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sip) struct Server {
    pub key: ServerKey,
    pub peer: Peer,
    /// The leg that an INVITE made or is about.
    pub leg: Option<LegId>,
    /// What a response copies of the request, until it is answered.
    pub request: Option<Message>,
    state: State,
    #[serde(serialize_with = "recorded::serialize")]
    last: Option<Bytes>,
    wait: Duration,
}

impl Server {
    pub fn new(key: ServerKey, peer: Peer, request: &Message) -> Server {
        let request = Some(trimmed(request));
        Server { key, peer, leg: None, request, state: State::Asked, last: None, wait: T1 }
    }

    /// Notes what was answered. False if nothing more can come of it, and it can be forgotten.
    pub fn answered(&mut self, id: ServerId, code: u16, response: &Bytes, now: Uptime, timers: &mut Timers) -> bool {
        assert!(self.is_open(), "one final response to a request");
        self.last = Some(response.clone());
        if code < 200 {
            return true;
        }
        self.request = None;
        if self.is_invite() && code < 300 {
            self.state = State::Accepted;
            self.last = None;
        } else {
            self.state = State::Completed;
            if self.is_invite() && self.repeats() {
                timers.set(Due::ServerAgain(id), now + T1);
            }
        }
        timers.set(Due::ServerEnd(id), now + LIFE);
        self.is_invite() || self.repeats()
    }

    /// The same request again: what to answer it with.
    pub fn repeat(&self) -> Option<Bytes> {
        match self.state {
            State::Asked | State::Completed => self.last.clone(),
            State::Confirmed | State::Accepted => None,
        }
    }

    /// Timer G: the refusal again.
    pub fn again(&mut self, id: ServerId, now: Uptime, timers: &mut Timers) -> Option<Bytes> {
        if self.state != State::Completed {
            return None;
        }
        self.wait = (self.wait * 2).min(T2);
        timers.set(Due::ServerAgain(id), now + self.wait);
        self.last.clone()
    }

    /// ACK of a refusal; true if it belongs here.
    pub fn acknowledged(&mut self, id: ServerId, now: Uptime, timers: &mut Timers) -> bool {
        if self.state == State::Completed {
            self.state = State::Confirmed;
            self.last = None;
            timers.clear(Due::ServerAgain(id));
            timers.set(Due::ServerEnd(id), now + if self.repeats() { T4 } else { Duration::ZERO });
        }
        self.state == State::Confirmed
    }

    /// How much memory it takes, in bytes, as far as whoever asked has a say in it.
    pub fn weight(&self) -> usize {
        let key = self.key.branch.len() + self.key.sent_by.len() + self.key.method.len();
        // The key stands in the index too.
        2 * key + self.request.as_ref().map_or(0, Message::weight) + self.last.as_ref().map_or(0, Bytes::len)
    }

    /// Whether a final response is still owed.
    pub fn is_open(&self) -> bool {
        self.state == State::Asked
    }

    fn is_invite(&self) -> bool {
        self.key.method == "INVITE"
    }

    fn repeats(&self) -> bool {
        self.peer.transport == Transport::Udp
    }
}

/// The request without its body, credentials and all else that a response has no use for.
fn trimmed(request: &Message) -> Message {
    let kept = [Name::Via, Name::RecordRoute, Name::From, Name::To, Name::CallId, Name::CSeq, Name::Timestamp];
    let uri = request.uri().map_or("sip:invalid", |uri| uri.text);
    let writer = write::request(&request.method(), uri);
    let bytes = kept.into_iter().fold(writer, |writer, name| writer.copy(request, name)).finish();
    Message::parse(bytes).unwrap_or_else(|_| request.clone())
}
