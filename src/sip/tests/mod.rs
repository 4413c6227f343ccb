//! SIP driven with text in both directions and a clock of its own.

mod calls_in;
mod calls_out;
mod changes;
mod lamps;
mod random;
mod registering;
mod repeats;
mod sessions;
mod strangers;
mod transfers;
mod trunk_calls;
mod trunk_loss;
mod trunk_ways;
mod trunks;

use super::{
    External, Out, RemotePhones, Settings, Sip,
    digest::{Attempt, Challenge, Ha1, Offer},
    message::Message,
    name::Name,
    order::{Alert, Binding, Order, Report},
    trunk::{Trunk, standing::News},
    wire::{self, ConnectionId, Peer, Transport},
};
use crate::{
    chance::Seed,
    sdp::{Choice, Codec, Direction, LegId, Media, Session},
    time::{Now, Timestamp, Uptime},
};
use std::{sync::Arc, time::Duration};

const REALM: &str = "box.test";

/// The box, its clock and what came out of it.
struct World {
    sip: Sip,
    now: Now,
    /// When, to whom, what.
    sent: Vec<(Uptime, Peer, Message)>,
    other: Vec<wire::Order>,
    reports: Vec<Report>,
    news: Vec<News>,
    /// Ways to carriers open as soon as they are asked for.
    opens: bool,
    last_connection: u64,
}

fn settings() -> Settings {
    Settings {
        realm: REALM.into(),
        digest: Offer::Md5,
        nonce_secret: [7; 32],
        local_networks: vec!["10.0.0.0/8".parse().unwrap()],
        own_networks: true,
        external: External::Address("203.0.113.9".parse().unwrap()),
        never_ban: Vec::new(),
        remote_phones: RemotePhones::Any,
    }
}

fn password(user: &str) -> String {
    format!("password-{user}")
}

impl World {
    fn new() -> World {
        let sip = Sip::new(settings(), Seed::from(1));
        let now = Now { up: Uptime(1_000_000_000), wall: Timestamp(1_795_000_000_000) };
        let mut world = World {
            sip,
            now,
            sent: Vec::new(),
            other: Vec::new(),
            reports: Vec::new(),
            news: Vec::new(),
            opens: true,
            last_connection: 0,
        };
        world.users(&["801", "802", "803"]);
        world
    }

    fn users(&mut self, users: &[&str]) {
        let users = users.iter().map(|user| (user.to_string(), Ha1::new(user, REALM, &password(user)))).collect();
        let mut out = Out::default();
        self.sip.set_users(self.now, Arc::new(users), &mut out);
        self.keep(out);
    }

    fn set(&mut self, settings: Settings) {
        let mut out = Out::default();
        self.sip.set(self.now, settings, &mut out);
        self.keep(out);
    }

    fn keep(&mut self, out: Out) {
        for order in out.wire {
            match order {
                wire::Order::Send { peer, bytes } => {
                    match Message::parse(bytes.clone()) {
                        Ok(message) => self.sent.push((self.now.up, peer, message)),
                        // What a mangled request is answered with says its mangled headers again.
                        Err(fault) => assert!(matches!(&bytes[..9], b"SIP/2.0 4" | b"SIP/2.0 5"), "{fault}: {bytes:?}"),
                    }
                }
                other => self.other.push(other),
            }
        }
        self.reports.extend(out.reports);
        self.news.extend(out.trunks);
        while self.opens && self.open_way() {}
    }

    /// Opens the first way that is asked for.
    fn open_way(&mut self) -> bool {
        let connects = |order: &wire::Order| matches!(order, wire::Order::Connect { .. });
        let Some(at) = self.other.iter().position(connects) else { return false };
        let wire::Order::Connect { way, transport, remote, .. } = self.other.remove(at) else { return false };
        self.last_connection += 1;
        let connection = (transport != Transport::Udp).then_some(self.last_connection);
        let peer = peer(transport, &remote.to_string(), connection);
        self.receive(wire::Report::Connected { way, peer });
        true
    }

    fn trunks(&mut self, trunks: &[Trunk]) {
        let mut out = Out::default();
        self.sip.set_trunks(self.now, trunks.to_vec(), &mut out);
        self.keep(out);
    }

    fn hear(&mut self, peer: Peer, text: &str) {
        self.receive(wire::Report::Message { peer, bytes: text.to_owned().into_bytes().into() });
    }

    fn receive(&mut self, report: wire::Report) {
        let mut out = Out::default();
        self.sip.receive(self.now, report, &mut out);
        self.keep(out);
    }

    fn order(&mut self, order: Order) {
        let mut out = Out::default();
        self.sip.order(self.now, order, &mut out);
        self.keep(out);
    }

    /// Lets time pass, stopping wherever something is due.
    fn pass(&mut self, length: Duration) {
        let end = self.now.up + length;
        while let Some(due) = self.sip.deadline().filter(|due| *due <= end) {
            self.set_time(due.max(self.now.up));
            let mut out = Out::default();
            self.sip.tick(self.now, &mut out);
            self.keep(out);
        }
        self.set_time(end);
    }

    fn pass_ms(&mut self, ms: u64) {
        self.pass(Duration::from_millis(ms));
    }

    fn set_time(&mut self, up: Uptime) {
        let gone = up.since(self.now.up);
        self.now = Now { up, wall: self.now.wall + gone };
    }

    /// What was sent since the last look.
    fn sent(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.sent).into_iter().map(|(_, _, message)| message).collect()
    }

    /// The only message since the last look.
    fn one(&mut self) -> Message {
        let mut sent = self.sent();
        let lines: Vec<&str> = sent.iter().map(line).collect();
        assert_eq!(sent.len(), 1, "{lines:?}");
        sent.remove(0)
    }

    fn codes(&mut self) -> Vec<u16> {
        self.sent().iter().filter_map(Message::code).collect()
    }

    /// Methods and codes, in order.
    fn lines(&mut self) -> Vec<String> {
        self.sent().iter().map(short).collect()
    }

    /// Milliseconds from `since` at which each message went out.
    fn times_ms(&mut self, since: Uptime) -> Vec<u64> {
        let times = self.sent.iter().map(|(at, ..)| at.since(since).as_millis() as u64).collect();
        self.sent.clear();
        times
    }

    fn reports(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.reports)
    }

    fn report(&mut self) -> Report {
        let mut reports = self.reports();
        assert_eq!(reports.len(), 1, "{reports:?}");
        reports.remove(0)
    }

    fn binding(&mut self, user: &str) -> Binding {
        self.sip.bindings(user).next().unwrap().clone()
    }

    fn clear(&mut self) {
        self.sent.clear();
        self.reports.clear();
        self.other.clear();
    }
}

fn line(message: &Message) -> &str {
    std::str::from_utf8(message.raw()).unwrap().lines().next().unwrap()
}

/// `INVITE`, or `180 INVITE`.
fn short(message: &Message) -> String {
    match message.code() {
        Some(code) => format!("{code} {}", message.method()),
        None => message.method().to_string(),
    }
}

/// A phone: it numbers its requests and knows its password.
struct Phone {
    user: &'static str,
    peer: Peer,
    cseq: u32,
    branch: u32,
    challenge: Option<Challenge>,
    count: u32,
}

fn peer(transport: Transport, remote: &str, connection: Option<u64>) -> Peer {
    let local = if transport == Transport::Tls { "10.0.0.1:5061" } else { "10.0.0.1:5060" };
    Peer {
        transport,
        local: local.parse().unwrap(),
        remote: remote.parse().unwrap(),
        connection: connection.map(ConnectionId),
    }
}

impl Phone {
    fn udp(user: &'static str) -> Phone {
        Phone::at(user, peer(Transport::Udp, &format!("10.0.0.{}:5060", &user[1..].parse::<u8>().unwrap() + 100), None))
    }

    fn tcp(user: &'static str, connection: u64) -> Phone {
        let remote = format!("10.0.0.{}:40000", &user[1..].parse::<u8>().unwrap() + 100);
        Phone::at(user, peer(Transport::Tcp, &remote, Some(connection)))
    }

    fn at(user: &'static str, peer: Peer) -> Phone {
        Phone { user, peer, cseq: 0, branch: 0, challenge: None, count: 0 }
    }

    fn contact(&self) -> String {
        format!("sip:{}@{}", self.user, self.peer.remote)
    }

    fn via(&mut self) -> String {
        self.branch += 1;
        let transport = match self.peer.transport {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
        };
        format!("Via: SIP/2.0/{transport} {};rport;branch=z9hG4bK{}x{}\r\n", self.peer.remote, self.user, self.branch)
    }

    /// A request outside any dialog, without proof.
    fn bare(&mut self, method: &str, uri: &str, extra: &str, body: &str) -> String {
        self.cseq += 1;
        let (via, user, cseq) = (self.via(), self.user, self.cseq);
        let from = format!("<sip:{user}@{REALM}>;tag=f{user}{cseq}");
        text(method, uri, &via, &from, &format!("<{uri}>"), &format!("c{user}-{cseq}@phone"), cseq, extra, body)
    }

    /// The same with the right proof.
    fn proven(&mut self, world: &mut World, method: &str, uri: &str, extra: &str, body: &str) -> String {
        let proof = self.proof(world, method, uri);
        self.bare(method, uri, &format!("{proof}{extra}"), body)
    }

    /// An Authorization line.
    fn proof(&mut self, world: &mut World, method: &str, uri: &str) -> String {
        self.proof_with(world, method, uri, &password(self.user))
    }

    fn proof_with(&mut self, world: &mut World, method: &str, uri: &str, password: &str) -> String {
        if self.challenge.is_none() {
            let kept = (std::mem::take(&mut world.sent), std::mem::take(&mut world.reports));
            let ask = self.bare("REGISTER", &format!("sip:{REALM}"), "", "");
            world.hear(self.peer, &ask);
            self.challenge = Challenge::of(&world.one());
            (world.sent, world.reports) = kept;
        }
        self.count += 1;
        let attempt = Attempt { user: self.user, password, method, uri, body: b"", count: self.count, cnonce: "abc" };
        format!("Authorization: {}\r\n", self.challenge.as_ref().unwrap().answer(&attempt))
    }

    fn register(&mut self, world: &mut World) {
        let contact = format!("Contact: <{}>\r\n", self.contact());
        self.register_with(world, &contact);
        world.clear();
    }

    /// To is the address of record.
    fn register_with(&mut self, world: &mut World, extra: &str) {
        let uri = format!("sip:{REALM}");
        let proof = self.proof(world, "REGISTER", &uri);
        self.cseq += 1;
        let (via, user, cseq) = (self.via(), self.user, self.cseq);
        let aor = format!("<sip:{user}@{REALM}>");
        let from = format!("{aor};tag=r{cseq}");
        let request =
            text("REGISTER", &uri, &via, &from, &aor, &format!("r{user}"), cseq, &format!("{proof}{extra}"), "");
        world.hear(self.peer, &request);
    }

    /// Calls `dialed`; the dialog that the INVITE begins, and the leg.
    fn call(&mut self, world: &mut World, dialed: &str, extra: &str, body: &str) -> (Talk, LegId) {
        let uri = format!("sip:{dialed}@{REALM}");
        let contact = format!("Contact: <{}>\r\n", self.contact());
        let request = self.proven(world, "INVITE", &uri, &format!("{contact}{extra}"), body);
        world.hear(self.peer, &request);
        let Some(Report::Invited { leg, .. }) = world.reports.last() else { panic!("{:?}", world.reports) };
        let leg = *leg;
        let message = Message::parse(request.clone().into_bytes().into()).unwrap();
        let talk = Talk {
            local: message.value(Name::From).unwrap().into(),
            remote: message.value(Name::To).unwrap().into(),
            call_id: message.call_id().into(),
            target: uri,
            invite: request,
        };
        (talk, leg)
    }

    /// A request inside a dialog.
    fn inside(&mut self, talk: &Talk, method: &str, extra: &str, body: &str) -> String {
        self.cseq += 1;
        self.inside_numbered(talk, method, self.cseq, extra, body)
    }

    fn inside_numbered(&mut self, talk: &Talk, method: &str, cseq: u32, extra: &str, body: &str) -> String {
        let via = self.via();
        let contact = format!("Contact: <{}>\r\n{extra}", self.contact());
        text(method, &talk.target, &via, &talk.local, &talk.remote, &talk.call_id, cseq, &contact, body)
    }

    /// A response to what the box asked; `tag` is the phone's.
    fn reply(&self, request: &Message, code: u16, tag: &str, extra: &str, body: &str) -> String {
        let to = request.value(Name::To).unwrap();
        let to = if request.to().tag().is_some() || tag.is_empty() { to.to_owned() } else { format!("{to};tag={tag}") };
        let mut head = format!("SIP/2.0 {code} X\r\n");
        for via in request.lines(Name::Via) {
            head.push_str(&format!("Via: {via}\r\n"));
        }
        head.push_str(&format!(
            "From: {}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: {}\r\nContact: <{}>\r\n{extra}",
            request.value(Name::From).unwrap(),
            request.call_id(),
            request.value(Name::CSeq).unwrap(),
            self.contact()
        ));
        with_body(head, body)
    }
}

/// A dialog as the phone sees it.
struct Talk {
    local: String,
    remote: String,
    call_id: String,
    target: String,
    invite: String,
}

impl Talk {
    /// Takes over the box's tag and Contact.
    fn heard(&mut self, response: &Message) {
        self.remote = response.value(Name::To).unwrap().into();
        if let Some(contact) = response.addresses(Name::Contact).unwrap_or_default().first() {
            self.target = contact.uri.into();
        }
    }

    /// The same dialog of a call that the box sent: `invite` is what it sent, `tag` the phone's.
    fn of_invite(invite: &Message, tag: &str) -> Talk {
        Talk {
            local: format!("{};tag={tag}", invite.value(Name::To).unwrap()),
            remote: invite.value(Name::From).unwrap().into(),
            call_id: invite.call_id().into(),
            target: invite.addresses(Name::Contact).unwrap()[0].uri.into(),
            invite: String::new(),
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn text(
    method: &str,
    uri: &str,
    via: &str,
    from: &str,
    to: &str,
    call_id: &str,
    cseq: u32,
    extra: &str,
    body: &str,
) -> String {
    with_body(
        format!(
            "{method} {uri} SIP/2.0\r\n{via}Max-Forwards: 70\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\n\
             CSeq: {cseq} {method}\r\n{extra}"
        ),
        body,
    )
}

fn with_body(head: String, body: &str) -> String {
    let kind = if body.starts_with("v=0") { "Content-Type: application/sdp\r\n" } else { "" };
    format!("{head}{kind}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// A phone's description.
fn sdp(port: u16) -> String {
    format!(
        "v=0\r\no=- 1 {port} IN IP4 10.0.0.50\r\ns=-\r\nc=IN IP4 10.0.0.50\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
    )
}

/// Ours, as `call` orders it.
fn session(port: u16) -> Session {
    Session {
        address: None,
        port,
        codecs: vec![Choice { codec: Codec::Pcma, payload: 8 }],
        telephone_event: Some(101),
        direction: Direction::SendRecv,
        ptime_ms: None,
        secure: false,
        crypto: Vec::new(),
        media: vec![Media::Sound],
    }
}

/// 801 calls 802 and is answered; the ACK is there.
fn answered(world: &mut World, phone: &mut Phone, extra: &str) -> (Talk, LegId) {
    let (mut talk, leg) = phone.call(world, "802", extra, &sdp(4000));
    world.order(Order::Answer { leg, session: session(6000) });
    talk.heard(world.sent().last().unwrap());
    let ack = phone.inside_numbered(&talk, "ACK", phone.cseq, "", "");
    world.hear(phone.peer, &ack);
    assert_eq!(world.reports().last(), Some(&Report::Confirmed { leg, session: None }));
    (talk, leg)
}

/// The box calls `phone`, which answers.
fn called(world: &mut World, phone: &mut Phone, leg: LegId, extra: &str) -> Talk {
    let invite = ring(world, phone, leg);
    let ok = phone.reply(&invite, 200, "p", extra, &sdp(4002));
    world.hear(phone.peer, &ok);
    assert_eq!(world.lines(), ["ACK"]);
    assert!(matches!(world.report(), Report::Answered { .. }));
    Talk::of_invite(&invite, "p")
}

/// The INVITE that the box sends.
fn ring(world: &mut World, phone: &Phone, leg: LegId) -> Message {
    let binding = world.binding(phone.user).id;
    let from = super::order::Shown { number: "801".into(), name: "Li \"Lei\"".into() };
    world.order(Order::Ring { leg, binding, from, alert: Alert::Internal, offer: session(6002) });
    world.one()
}
