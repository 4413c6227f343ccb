//! How our messages look: Via, Contact and what every request and response of ours says of itself.

use super::{
    machine::Sip,
    message::Message,
    method::Method,
    name::Name,
    order::TrunkId,
    recorded,
    transaction::{Again, Client, ClientId, Head, Purpose, ServerId},
    via::MAGIC,
    wire::{self, Peer, Transport},
    write::{self, Writer},
};
use crate::sdp::place::{push_host, push_place};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
};

pub(super) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, REFER, SUBSCRIBE, NOTIFY";
/// Extensions that we know; what a request requires beyond them is refused with 420.
pub(super) const SUPPORTED: [&str; 6] = ["100rel", "timer", "replaces", "path", "outbound", "norefersub"];
pub(super) const SUPPORTED_IN_DIALOG: &str = "100rel, timer, replaces, norefersub";
pub(super) const SDP: &str = "application/sdp";
pub(super) const MAX_FORWARDS: u8 = 70;

/// The longest address of IPv4, and its port.
const PLACE: usize = 21;

/// Headers beside those that every message has.
pub(super) type Lines = Vec<(Name, String)>;
/// Its content type, and it.
pub(super) type Body = Option<(Cow<'static, str>, Bytes)>;

/// A request to be sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    pub peer: Peer,
    /// Whose password answers a challenge.
    pub trunk: Option<TrunkId>,
    pub method: Method,
    pub uri: String,
    pub routes: Vec<String>,
    pub from: String,
    pub to: String,
    pub call_id: String,
    pub cseq: u32,
    pub max_forwards: u8,
    #[serde(serialize_with = "recorded::serialize")]
    pub lines: Lines,
    #[serde(serialize_with = "recorded::serialize")]
    pub body: Body,
}

impl Asked {
    /// How much memory it takes, in bytes, as far as whoever is asked has a say in it.
    pub fn weight(&self) -> usize {
        let texts = [&self.uri, &self.from, &self.to, &self.call_id];
        let texts: usize = texts.into_iter().chain(&self.routes).map(String::len).sum();
        texts + self.body.as_ref().map_or(0, |(_, bytes)| bytes.len())
    }
}

impl Sip {
    /// Our address as this peer sees it (BOX-43).
    pub(super) fn address_for(&self, peer: Peer) -> IpAddr {
        self.seen_by(peer).ip()
    }

    fn seen_by(&self, peer: Peer) -> SocketAddr {
        let ours = || SocketAddr::new(peer.local.ip().to_canonical(), peer.local.port());
        if self.is_local(peer.remote.ip()) { ours() } else { self.seen_from(peer) }
    }

    /// The same as the host of a URI.
    pub(super) fn host_for(&self, peer: Peer) -> String {
        let mut host = String::new();
        push_host(&mut host, self.address_for(peer));
        host
    }

    pub(super) fn place_for(&self, peer: Peer) -> String {
        let mut place = String::with_capacity(PLACE);
        push_place(&mut place, self.seen_by(peer));
        place
    }

    pub(super) fn contact_for(&self, peer: Peer) -> String {
        let transport = match peer.transport {
            Transport::Udp => "",
            Transport::Tcp => ";transport=tcp",
            Transport::Tls => ";transport=tls",
        };
        ["<sip:callbox@", &self.place_for(peer), transport, ">"].concat()
    }

    fn via_for(&self, peer: Peer, branch: &str) -> String {
        let transport = match peer.transport {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
        };
        ["SIP/2.0/", transport, " ", &self.place_for(peer), ";rport;branch=", branch].concat()
    }

    pub(super) fn send(&mut self, peer: Peer, bytes: Bytes) {
        self.out.wire.push(wire::Order::Send { peer, bytes });
    }

    /// Sends a request and waits for its response.
    pub(super) fn ask(&mut self, asked: Asked, purpose: Purpose) -> ClientId {
        let id = ClientId { number: self.transactions.number(), cancel: false };
        let branch = format!("{MAGIC}{}-{}", self.chance.token(10), id.number);
        let via = self.via_for(asked.peer, &branch);
        let bytes = write_request(&asked, &via);
        let head = (asked.method == Method::Invite).then(|| Head {
            uri: asked.uri.clone(),
            via,
            routes: asked.routes.clone(),
            from: asked.from.clone(),
            to: asked.to.clone(),
            call_id: asked.call_id.clone(),
            cseq: asked.cseq,
        });
        let peer = asked.peer;
        let mut client = Client::new(id, peer, purpose, branch, head, bytes.clone());
        let login = asked.trunk.and_then(|trunk| self.trunks.login(trunk));
        client.again = login.map(|login| Box::new(Again { login, asked, proven: None, stale: false }));
        self.start_client(client);
        self.send(peer, bytes);
        id
    }

    pub(super) fn start_client(&mut self, client: Client) {
        client.start(self.now.up, &mut self.timers);
        self.transactions.keep_client(client.id, client, &mut self.timers);
    }

    /// The ACK of a 2xx, a request without a transaction.
    pub(super) fn write_ack(&mut self, asked: &Asked) -> Bytes {
        let branch = format!("{MAGIC}{}", self.chance.token(16));
        let via = self.via_for(asked.peer, &branch);
        write_request(asked, &via)
    }

    /// Answers a request that has a transaction. Silent if it is answered already.
    pub(super) fn respond(&mut self, id: ServerId, code: u16, tag: &str, lines: Lines, body: Body) -> Option<Bytes> {
        let server = self.transactions.servers.get_mut(&id)?;
        let request = server.request.as_ref()?;
        let writer = lines.iter().fold(write::response(request, code, server.peer.remote, tag), put);
        let bytes = with_body(writer, body).finish();
        let peer = server.peer;
        if !server.answered(id, code, &bytes, self.now.up, &mut self.timers) {
            self.transactions.drop_server(id, &mut self.timers);
        }
        self.transactions.weigh_server(id, &mut self.timers);
        self.send(peer, bytes.clone());
        Some(bytes)
    }

    /// The same with a tag of its own, for a refusal that begins no dialog.
    pub(super) fn refuse(&mut self, id: ServerId, code: u16, lines: Lines) {
        let tag = self.chance.token(12);
        self.respond(id, code, &tag, lines, None);
    }

    /// Answers without keeping anything (BOX-143). The tag comes from the request, so that a repeated request gets
    /// the same one (RFC 3261 section 8.2.7).
    pub(super) fn respond_and_forget(&mut self, peer: Peer, request: &Message, code: u16, lines: Lines) {
        if !self.may_answer(peer) {
            return;
        }
        let tag = self.stateless_tag(request);
        let writer = lines.iter().fold(write::response(request, code, peer.remote, &tag), put);
        self.send(peer, writer.finish());
    }
}

fn write_request(asked: &Asked, via: &str) -> Bytes {
    let (uri, routes) = routed(&asked.uri, &asked.routes);
    let mut writer = write::request(&asked.method, &uri).header(Name::Via, via);
    for route in &routes {
        writer = writer.header(Name::Route, route);
    }
    writer = writer
        .header(Name::MaxForwards, &asked.max_forwards.to_string())
        .header(Name::From, &asked.from)
        .header(Name::To, &asked.to)
        .header(Name::CallId, &asked.call_id)
        .header(Name::CSeq, &[&asked.cseq.to_string(), " ", asked.method.text()].concat());
    with_body(asked.lines.iter().fold(writer, put), asked.body.clone()).finish()
}

/// A first route without `lr` is a strict router's: it wants to be the Request-URI (RFC 3261 section 12.2.1.1).
pub(super) fn routed(target: &str, routes: &[String]) -> (String, Vec<String>) {
    let target = without_headers(target);
    let Some((first, rest)) = routes.split_first() else { return (target.to_owned(), Vec::new()) };
    let uri = first.trim_start_matches('<').trim_end_matches('>');
    let loose = super::uri::Uri::parse(uri).is_ok_and(|uri| uri.params.has("lr"));
    if loose {
        return (target.to_owned(), routes.to_vec());
    }
    let mut routes = rest.to_vec();
    routes.push(format!("<{target}>"));
    (without_headers(uri).to_owned(), routes)
}

/// A Contact may hold headers, a Request-URI may not (RFC 3261 section 19.1.1).
fn without_headers(uri: &str) -> &str {
    let host = uri.find('@').map_or(0, |at| at + 1);
    uri[host..].find('?').map_or(uri, |at| &uri[..host + at])
}

fn put(writer: Writer, (name, value): &(Name, String)) -> Writer {
    writer.header(*name, value)
}

fn with_body(writer: Writer, body: Body) -> Writer {
    match body {
        Some((kind, bytes)) => writer.body(&kind, bytes),
        None => writer,
    }
}
