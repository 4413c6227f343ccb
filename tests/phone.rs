//! A small phone that speaks SIP: for the stories and for the random office. No socket, no clock, no thread.

use crate::scenario::phone::{Phone, rings};
use bytes::Bytes;
use callbox::{
    sdp::{Codec, Direction, Origin, Session},
    sip::{
        digest::{Attempt, Challenge},
        message::Message,
        method::Method,
        name::Name,
        uri,
        wire::{ConnectionId, Peer, Transport},
        write::{self, Writer},
    },
};
use std::{collections::BTreeMap, net::SocketAddr};

/// RFC 3261 timers T1 and T2 and the end of a transaction, milliseconds.
const T1: u64 = 500;
const T2: u64 = 4_000;
const GIVE_UP: u64 = 32_000;
const SDP: &str = "application/sdp";

pub struct Ua {
    pub phone: Phone,
    pub peer: Peer,
    password: String,
    /// Does not hear and does not speak: its power is gone.
    pub dead: bool,
    pub registered: bool,
    pub lines: Vec<Line>,
    /// What it did and what happened to it, as a story tells it.
    pub news: Vec<String>,
    out: Vec<Bytes>,
    now: u64,
    next: u64,
    asked: Vec<Asked>,
    /// What was answered, for requests that come twice.
    answered: BTreeMap<(String, String), Bytes>,
    challenge: Option<Challenge>,
    count: u32,
    register_at: Option<u64>,
    watches: BTreeMap<String, Watch>,
}

/// A call at the phone.
pub struct Line {
    pub id: u64,
    pub number: String,
    /// Of whoever calls, as it is shown.
    pub name: String,
    pub state: State,
    /// The phone called.
    pub called: bool,
    /// The port on which the box takes this line's sound.
    pub box_port: Option<u16>,
    call_id: String,
    ours: String,
    theirs: Option<String>,
    our_uri: String,
    their_uri: String,
    target: String,
    cseq: u32,
    invite: Option<Message>,
    offer: Option<Session>,
    /// The phone gave up before the answer.
    cancelled: bool,
    /// A 200 that waits for its ACK, and when it is sent again.
    unacked: Option<(Bytes, u64, u64, u64)>,
    ack: Option<Bytes>,
    version: u64,
    their_version: String,
    direction: Direction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Calling,
    Ringing,
    Up,
    Over,
}

/// A request that waits for its response.
struct Asked {
    branch: String,
    method: Method,
    bytes: Bytes,
    again_at: Option<u64>,
    interval: u64,
    until: u64,
    line: Option<u64>,
    uri: String,
    tried: bool,
    /// A provisional response came.
    heard: bool,
    what: What,
}

#[derive(Clone, PartialEq)]
enum What {
    Register,
    Unregister,
    Usual,
    Change,
    Watch(String),
}

struct Watch {
    watched: String,
}

impl Ua {
    pub fn new(phone: Phone, password: String, number: u64) -> Ua {
        let remote: SocketAddr = format!("{}:5060", phone.address()).parse().unwrap();
        let port = if phone.transport == Transport::Tls { 5061 } else { 5060 };
        let local = format!("192.0.2.200:{port}").parse().unwrap();
        let connection = (phone.transport != Transport::Udp).then_some(ConnectionId(number));
        let transport = phone.transport;
        Ua::of(phone, Peer { transport, local, remote, connection }, password)
    }

    /// Somebody outside, who registers nowhere: all that is said goes by the carrier.
    pub fn outside(phone: Phone, carrier: Peer) -> Ua {
        Ua::of(phone, carrier, String::new())
    }

    fn of(phone: Phone, peer: Peer, password: String) -> Ua {
        Ua {
            peer,
            phone,
            password,
            dead: false,
            registered: false,
            lines: Vec::new(),
            news: Vec::new(),
            out: Vec::new(),
            now: 0,
            next: 1,
            asked: Vec::new(),
            answered: BTreeMap::new(),
            challenge: None,
            count: 0,
            register_at: None,
            watches: BTreeMap::new(),
        }
    }

    pub fn at(&mut self, now_ms: u64) -> &mut Ua {
        self.now = now_ms;
        self
    }

    pub fn take_out(&mut self) -> Vec<Bytes> {
        if self.dead {
            self.out.clear();
        }
        std::mem::take(&mut self.out)
    }

    /// It has lost its memory of calls and must register anew.
    pub fn forget(&mut self) {
        self.lines.clear();
        self.asked.clear();
        self.answered.clear();
        self.watches.clear();
        self.challenge = None;
    }

    pub fn register(&mut self) {
        self.send_register(300, What::Register);
    }

    pub fn unregister(&mut self) {
        self.send_register(0, What::Unregister);
    }

    pub fn call(&mut self, number: &str, offer: Option<Session>, replaces: Option<String>) -> u64 {
        let id = self.id();
        let ours = self.token("t");
        let uri = format!("sip:{number}@192.0.2.200");
        let line = Line {
            id,
            number: number.to_string(),
            name: String::new(),
            state: State::Calling,
            called: true,
            box_port: None,
            call_id: self.token("c"),
            ours,
            theirs: None,
            our_uri: format!("<sip:{}@192.0.2.200>", self.phone.agent),
            their_uri: format!("<{uri}>"),
            target: uri.clone(),
            cseq: 0,
            invite: None,
            offer: None,
            cancelled: false,
            unacked: None,
            ack: None,
            version: 1,
            their_version: String::new(),
            direction: Direction::SendRecv,
        };
        self.lines.push(line);
        self.ask_in(id, Method::Invite, What::Usual, |ua, line, writer| {
            let writer = match &replaces {
                Some(replaces) => writer.header(Name::Replaces, replaces),
                None => writer,
            };
            ua.with_body(line, writer, offer.as_ref())
        });
        id
    }

    /// 180, or 183 with sound.
    pub fn ring(&mut self, id: u64, sound: bool) {
        let session = sound.then(|| self.answer_of(id, None).expect("it can"));
        let line = self.line(id);
        let rings = rings(&line.number, &line.name);
        self.news(&rings);
        self.respond_invite(id, if sound { 183 } else { 180 }, session);
    }

    pub fn answer(&mut self, id: u64, speaking: Option<Codec>) {
        let session = match self.line(id).offer {
            Some(_) => self.answer_of(id, speaking).expect("it can"),
            None => self.phone.offer(port(id), Direction::SendRecv, None),
        };
        self.respond_invite(id, 200, Some(session));
        self.line(id).state = State::Up;
    }

    pub fn refuse(&mut self, id: u64, code: u16) {
        self.respond_invite(id, code, None);
        self.line(id).state = State::Over;
    }

    /// BYE, CANCEL or 603, whatever ends it.
    pub fn hang_up(&mut self, id: u64) {
        match (self.line(id).state, self.line(id).called) {
            (State::Up, _) => {
                self.ask_in(id, Method::Bye, What::Usual, |_, _, writer| writer);
                self.line(id).state = State::Over;
            }
            (State::Over, _) => {}
            (_, true) => {
                self.line(id).cancelled = true;
                self.cancel(id);
            }
            (_, false) => self.refuse(id, 603),
        }
    }

    pub fn change(&mut self, id: u64, direction: Direction, only: Option<Codec>) {
        let mut offer = self.phone.offer(port(id), direction, only);
        if let Some(codec) = only {
            offer.codecs.retain(|choice| choice.codec == codec);
        }
        self.line(id).direction = direction;
        self.line(id).version += 1;
        self.ask_in(id, Method::Invite, What::Change, |ua, line, writer| ua.with_body(line, writer, Some(&offer)));
    }

    pub fn change_without_offer(&mut self, id: u64) {
        self.ask_in(id, Method::Invite, What::Change, |_, _, writer| writer);
    }

    pub fn press(&mut self, id: u64, digit: char) {
        self.ask_in(id, Method::Info, What::Usual, |_, _, writer| {
            writer.body("application/dtmf-relay", format!("Signal={digit}\r\nDuration=160\r\n"))
        });
    }

    pub fn refer(&mut self, id: u64, to: &str, replaces: Option<String>) {
        let replaces = replaces.map_or(String::new(), |dialog| format!("?Replaces={}", uri::escape(&dialog)));
        let target = format!("<sip:{to}@192.0.2.200{replaces}>");
        self.ask_in(id, Method::Refer, What::Usual, |_, _, writer| writer.header(Name::ReferTo, &target));
    }

    /// How the box names this line's dialog (RFC 3891).
    pub fn dialog(&mut self, id: u64) -> String {
        let line = self.line(id);
        let theirs = line.theirs.clone().unwrap_or_default();
        format!("{};to-tag={theirs};from-tag={}", line.call_id, line.ours)
    }

    pub fn watch(&mut self, watched: &str) {
        let (call_id, ours) = (self.token("w"), self.token("t"));
        let uri = format!("sip:{watched}@192.0.2.200");
        self.watches.insert(call_id.clone(), Watch { watched: watched.to_string() });
        let what = What::Watch(watched.to_string());
        self.ask(Method::Subscribe, &uri, None, what, |ua, writer| {
            ua.names(writer, &format!("<sip:{}@192.0.2.200>;tag={ours}", ua.phone.agent), &format!("<{uri}>"))
                .header(Name::CallId, &call_id)
                .header(Name::CSeq, "1 SUBSCRIBE")
                .header(Name::Event, "dialog")
                .header(Name::Expires, "600")
        });
    }

    pub fn live_line(&self, on: Option<&str>, fits: impl Fn(&Line) -> bool) -> Option<u64> {
        let live = self.lines.iter().filter(|line| line.state != State::Over && !line.cancelled && fits(line));
        live.filter(|line| on.is_none_or(|number| line.number == number)).map(|line| line.id).max()
    }

    pub fn line(&mut self, id: u64) -> &mut Line {
        self.lines.iter_mut().find(|line| line.id == id).expect("a line of this phone")
    }

    /// Whether a call of this dialog is or was at this phone.
    pub fn knows(&self, call_id: &str) -> bool {
        self.lines.iter().any(|line| line.call_id == call_id)
    }

    pub fn line_of_port(&self, box_port: u16) -> bool {
        self.lines.iter().any(|line| line.box_port == Some(box_port))
    }

    // What comes.

    pub fn take(&mut self, bytes: Bytes) {
        if self.dead || bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
            return;
        }
        let message = Message::parse(bytes).expect("the box writes SIP");
        match message.code() {
            Some(code) => self.take_response(code, &message),
            None => self.take_request(&message),
        }
    }

    fn take_request(&mut self, request: &Message) {
        let method = request.method();
        let branch = request.top_via().branch().unwrap_or("").to_string();
        let key = (branch, if method == Method::Ack { "ACK".into() } else { method.text().to_string() });
        if let Some(before) = self.answered.get(&key) {
            self.out.push(before.clone());
            return;
        }
        match method {
            Method::Invite => self.take_invite(request),
            Method::Ack => self.take_ack(request),
            Method::Cancel => self.take_cancel(request),
            Method::Bye => self.take_bye(request),
            Method::Notify => self.take_notify(request),
            Method::Update => self.take_change(request),
            Method::Info => {
                let body = String::from_utf8_lossy(request.body()).into_owned();
                let key = body.lines().find_map(|line| line.strip_prefix("Signal=")).unwrap_or_default();
                self.news(&format!("is told key {key}"));
                self.reply(request, 200, None);
            }
            _ => self.reply(request, 200, None),
        }
    }

    fn take_invite(&mut self, request: &Message) {
        if request.to().tag().is_some() {
            return self.take_change(request);
        }
        let id = self.id();
        let offer = Session::parse(request.body()).ok();
        let from = request.from();
        let line = Line {
            id,
            number: from.uri().map(|uri| uri.number().into_owned()).unwrap_or_default(),
            name: from.display.to_string(),
            state: State::Ringing,
            called: false,
            box_port: offer.as_ref().map(|offer| offer.port),
            call_id: request.call_id().to_string(),
            ours: self.token("t"),
            theirs: from.tag().map(str::to_string),
            our_uri: format!("<{}>", request.to().uri),
            their_uri: format!("<{}>", from.uri),
            target: contact(request),
            cseq: 0,
            invite: Some(request.clone()),
            offer,
            cancelled: false,
            unacked: None,
            ack: None,
            version: 1,
            their_version: version(request),
            direction: Direction::SendRecv,
        };
        self.lines.push(line);
        if self.line(id).offer.is_some() && self.answer_of(id, None).is_none() {
            self.news("cannot");
            return self.refuse(id, 488);
        }
        if self.phone.quiet {
            self.respond_invite(id, 100, None);
        } else {
            self.ring(id, false);
        }
    }

    /// re-INVITE or UPDATE: taken as it comes.
    fn take_change(&mut self, request: &Message) {
        let Some(id) = self.line_of(request) else { return self.reply(request, 481, None) };
        if request.body().is_empty() && request.method() == Method::Update {
            return self.reply(request, 200, None);
        }
        let mine = |asked: &Asked| asked.line == Some(id) && asked.what == What::Change;
        if self.asked.iter().any(mine) {
            return self.reply(request, 491, None);
        }
        let newer = version(request);
        let changed = newer != self.line(id).their_version;
        self.line(id).their_version = newer;
        let session = match Session::parse(request.body()) {
            Ok(offer) => {
                self.line(id).box_port = Some(offer.port);
                let direction = self.line(id).direction;
                self.phone.answer(&offer, port(id), direction, None)
            }
            Err(_) => Some(self.phone.offer(port(id), Direction::SendRecv, None)),
        };
        if changed {
            self.news("is asked again");
        }
        self.line(id).target = contact(request);
        match session {
            None => self.reply(request, 488, None),
            Some(session) if request.method() == Method::Update => self.reply(request, 200, Some((id, session))),
            Some(session) => {
                self.line(id).invite = Some(request.clone());
                self.respond_invite(id, 200, Some(session));
            }
        }
    }

    fn take_ack(&mut self, request: &Message) {
        if let Some(id) = self.line_of(request) {
            self.line(id).unacked = None;
            if let Ok(session) = Session::parse(request.body()) {
                self.line(id).box_port = Some(session.port);
            }
        }
    }

    fn take_cancel(&mut self, request: &Message) {
        self.reply(request, 200, None);
        let found = self.lines.iter().find(|line| line.call_id == request.call_id() && line.state == State::Ringing);
        if let Some(id) = found.map(|line| line.id) {
            self.respond_invite(id, 487, None);
            self.line(id).state = State::Over;
            // It was never said that a quiet phone rings, but a story wants to know that it stops.
            self.news("stops");
        }
    }

    fn take_bye(&mut self, request: &Message) {
        let Some(id) = self.line_of(request) else { return self.reply(request, 481, None) };
        self.reply(request, 200, None);
        if self.line(id).state != State::Over {
            self.line(id).state = State::Over;
            self.line(id).unacked = None;
            self.news("is hung up");
        }
    }

    fn take_notify(&mut self, request: &Message) {
        let body = String::from_utf8_lossy(request.body()).into_owned();
        let event = request.value(Name::Event).unwrap_or("").to_string();
        if event.starts_with("refer") {
            let code = body.split_whitespace().nth(1).unwrap_or("0").to_string();
            self.news(&format!("is told {code}"));
        } else if let Some(watch) = self.watches.get(request.call_id()) {
            let watched = watch.watched.clone();
            let ended = request.value(Name::SubscriptionState).is_some_and(|state| state.starts_with("terminated"));
            if ended {
                self.news(&format!("cannot watch {watched}"));
            } else {
                self.news(&format!("sees {watched} {}", lamp(&body, &watched)));
            }
        }
        self.reply(request, 200, None);
    }

    fn take_response(&mut self, code: u16, response: &Message) {
        let branch = response.top_via().branch().unwrap_or("").to_string();
        let method = response.cseq().1;
        let Some(at) = self.asked.iter().position(|asked| asked.branch == branch && asked.method == method) else {
            return self.take_again(code, response);
        };
        if code < 200 {
            self.asked[at].heard = true;
            if method == Method::Invite {
                self.asked[at].again_at = None;
            }
            return self.take_provisional(self.asked[at].line, code, response);
        }
        let asked = self.asked.remove(at);
        if method == Method::Invite && code >= 300 {
            self.ack_refusal(&asked, response);
        }
        if matches!(code, 401 | 407) && !asked.tried {
            return self.prove(asked, response);
        }
        match (&asked.what, &asked.method) {
            (What::Register, _) => self.registered(code, response),
            (What::Unregister, _) => self.registered = false,
            (What::Watch(watched), _) if code >= 300 => self.news(&format!("cannot watch {watched}")),
            (What::Change, Method::Invite) => self.change_answered(asked.line, code, response),
            (What::Usual, Method::Invite) => self.call_answered(asked.line, code, response),
            (What::Usual | What::Change | What::Watch(_), _) => {}
        }
    }

    /// A 200 that comes again wants its ACK again.
    fn take_again(&mut self, code: u16, response: &Message) {
        if response.cseq().1 != Method::Invite || !(200..300).contains(&code) {
            return;
        }
        let found = self.lines.iter().find(|line| line.call_id == response.call_id());
        self.out.extend(found.and_then(|line| line.ack.clone()));
    }

    fn take_provisional(&mut self, line: Option<u64>, code: u16, response: &Message) {
        let Some(id) = line.filter(|_| response.cseq().1 == Method::Invite) else { return };
        if code == 100 {
            if self.line(id).cancelled {
                self.cancel(id);
            }
            return;
        }
        let tag = response.to().tag().map(str::to_string);
        let line = self.line(id);
        line.theirs = tag.or(line.theirs.take());
        let cancelled = line.cancelled;
        if let Ok(session) = Session::parse(response.body()) {
            line.box_port = Some(session.port);
            self.news("hears ringing with sound");
        } else if line.state == State::Calling && !cancelled {
            self.news("hears ringing");
        }
        if self.line(id).state == State::Calling {
            self.line(id).state = State::Ringing;
        }
        if cancelled {
            self.cancel(id);
        }
    }

    fn call_answered(&mut self, line: Option<u64>, code: u16, response: &Message) {
        let Some(id) = line else { return };
        if code >= 300 {
            let cancelled = self.line(id).cancelled;
            self.line(id).state = State::Over;
            let later = response.value(Name::RetryAfter).map_or("", |_| " for now");
            if !cancelled {
                self.news(&format!("is refused {code}{later}"));
            }
            return;
        }
        let tag = response.to().tag().map(str::to_string);
        let target = contact(response);
        let line = self.line(id);
        (line.theirs, line.target, line.state) = (tag, target, State::Up);
        line.their_version = version(response);
        let cancelled = line.cancelled;
        self.ack(id, response);
        if cancelled {
            // Answered while the CANCEL was on its way (RFC 3261 section 9.1).
            self.ask_in(id, Method::Bye, What::Usual, |_, _, writer| writer);
            self.line(id).state = State::Over;
        } else {
            self.news("is answered");
        }
    }

    fn change_answered(&mut self, line: Option<u64>, code: u16, response: &Message) {
        let Some(id) = line else { return };
        if code >= 300 {
            // Neither glare nor a dialog that is gone is anything a person hears of.
            if matches!(code, 481 | 408) {
                self.line(id).state = State::Over;
            } else if code != 491 && self.line(id).state == State::Up {
                self.news(&format!("is refused {code}"));
            }
            return;
        }
        self.line(id).target = contact(response);
        self.line(id).their_version = version(response);
        self.ack(id, response);
    }

    // What goes.

    fn ack(&mut self, id: u64, response: &Message) {
        let theirs = Session::parse(response.body()).ok();
        let offered = self.line(id).invite_had_offer(response.cseq().0);
        let answer = match &theirs {
            Some(session) if !offered && !self.phone.mute => {
                self.phone.answer(session, port(id), Direction::SendRecv, None)
            }
            _ => None,
        };
        if let Some(session) = &theirs {
            self.line(id).box_port = Some(session.port);
        }
        let branch = self.token("z9hG4bK");
        let line = self.lines.iter().find(|line| line.id == id).expect("a line of this phone");
        let writer = self.via(write::request(&Method::Ack, &line.target), &branch);
        let writer = self
            .names(writer, &line.from(), &line.to())
            .header(Name::CallId, &line.call_id)
            .header(Name::CSeq, &format!("{} ACK", response.cseq().0));
        let ack = self.with_body(line, writer, answer.as_ref()).finish();
        self.line(id).ack = Some(ack.clone());
        self.out.push(ack);
    }

    /// Hop by hop, for a refusal (RFC 3261 section 17.1.1.3).
    fn ack_refusal(&mut self, asked: &Asked, response: &Message) {
        let writer = self.via(write::request(&Method::Ack, &asked.uri), &asked.branch);
        let ack = writer
            .copy(response, Name::From)
            .copy(response, Name::To)
            .header(Name::CallId, response.call_id())
            .header(Name::CSeq, &format!("{} ACK", response.cseq().0))
            .finish();
        self.out.push(ack);
    }

    fn cancel(&mut self, id: u64) {
        let Some(asked) = self.asked.iter().find(|asked| asked.line == Some(id) && asked.method == Method::Invite)
        else {
            return;
        };
        // Before a provisional response nothing may be sent (RFC 3261 section 9.1).
        if !asked.heard {
            return;
        }
        let (branch, uri) = (asked.branch.clone(), asked.uri.clone());
        if self.asked.iter().any(|asked| asked.branch == branch && asked.method == Method::Cancel) {
            return;
        }
        let line = self.lines.iter().find(|line| line.id == id).expect("a line of this phone");
        let writer = self.via(write::request(&Method::Cancel, &uri), &branch);
        let bytes = self
            .names(writer, &line.from(), &line.first_to())
            .header(Name::CallId, &line.call_id)
            .header(Name::CSeq, &format!("{} CANCEL", line.cseq))
            .finish();
        self.sent(Asked::new(branch, Method::Cancel, bytes, Some(id), uri, What::Usual, self.now));
    }

    fn send_register(&mut self, expires: u32, what: What) {
        let call_id = format!("r-{}", self.phone.name);
        let cseq = self.id();
        let agent = format!("<sip:{}@192.0.2.200>", self.phone.agent);
        self.ask(Method::Register, "sip:192.0.2.200", None, what, |ua, writer| {
            let tag = format!("{agent};tag=r{cseq}");
            ua.names(writer, &tag, &agent)
                .header(Name::CallId, &call_id)
                .header(Name::CSeq, &format!("{cseq} REGISTER"))
                .header(Name::Expires, &expires.to_string())
        });
    }

    fn registered(&mut self, code: u16, response: &Message) {
        self.registered = code < 300;
        let granted = response.contacts().and_then(|contacts| match contacts {
            callbox::sip::address::Contacts::List(list) => {
                list.iter().find_map(|contact| contact.params.value("expires")?.parse::<u64>().ok())
            }
            callbox::sip::address::Contacts::Star => None,
        });
        let seconds = granted.or(response.expires().map(u64::from)).unwrap_or(60);
        self.register_at = Some(self.now + seconds * 500);
    }

    /// Sends the request again, with credentials, under a new branch and number (RFC 3261 section 22.2).
    fn prove(&mut self, asked: Asked, response: &Message) {
        self.challenge = Challenge::of(response).or(self.challenge.take());
        self.count = 0;
        let request = Message::parse(asked.bytes.clone()).expect("we wrote it");
        let (number, method) = request.cseq();
        let branch = self.token("z9hG4bK");
        if let Some(id) = asked.line {
            self.line(id).cseq = number + 1;
        }
        let mut writer = self.via(write::request(&method, &asked.uri), &branch);
        for name in [Name::From, Name::To, Name::CallId, Name::Contact, Name::Event, Name::Expires].into_iter().chain([
            Name::Replaces,
            Name::ReferTo,
            Name::Supported,
        ]) {
            writer = writer.copy(&request, name);
        }
        writer = writer.header(Name::CSeq, &format!("{} {}", number + 1, method.text()));
        writer = self.credentials(writer, &method, &asked.uri);
        if !request.body().is_empty() {
            writer = writer.body(request.content_type().unwrap_or(SDP), request.body().to_vec());
        }
        let mut again = Asked::new(branch, method, writer.finish(), asked.line, asked.uri, asked.what, self.now);
        again.tried = true;
        self.sent(again);
    }

    fn credentials(&mut self, writer: Writer, method: &Method, uri: &str) -> Writer {
        let Some(challenge) = &self.challenge else { return writer };
        self.count += 1;
        let attempt = Attempt {
            user: &self.phone.agent,
            password: &self.password,
            method: method.text(),
            uri,
            body: b"",
            count: self.count,
            cnonce: "abcdef",
        };
        writer.header(Name::Authorization, &challenge.answer(&attempt))
    }

    fn ask_in(&mut self, id: u64, method: Method, what: What, fill: impl FnOnce(&Ua, &Line, Writer) -> Writer) {
        self.line(id).cseq += 1;
        let branch = self.token("z9hG4bK");
        let line = self.lines.iter().find(|line| line.id == id).expect("a line of this phone");
        let uri = line.target.clone();
        let writer = self.via(write::request(&method, &uri), &branch);
        let writer = self
            .names(writer, &line.from(), &line.to())
            .header(Name::CallId, &line.call_id)
            .header(Name::CSeq, &format!("{} {}", line.cseq, method.text()));
        let bytes = fill(self, line, writer).finish();
        if method == Method::Invite {
            self.line(id).invite = Some(Message::parse(bytes.clone()).expect("we wrote it"));
        }
        self.sent(Asked::new(branch, method, bytes, Some(id), uri, what, self.now));
    }

    fn ask(
        &mut self,
        method: Method,
        uri: &str,
        line: Option<u64>,
        what: What,
        fill: impl FnOnce(&Ua, Writer) -> Writer,
    ) {
        let branch = self.token("z9hG4bK");
        let writer = self.via(write::request(&method, uri), &branch);
        let bytes = fill(self, writer).finish();
        self.sent(Asked::new(branch, method, bytes, line, uri.to_string(), what, self.now));
    }

    fn sent(&mut self, asked: Asked) {
        self.out.push(asked.bytes.clone());
        let mut asked = asked;
        if self.peer.transport != Transport::Udp {
            asked.again_at = None;
        }
        self.asked.push(asked);
    }

    fn via(&self, writer: Writer, branch: &str) -> Writer {
        let transport = match self.peer.transport {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
        };
        writer
            .header(Name::Via, &format!("SIP/2.0/{transport} {};branch={branch};rport", self.peer.remote))
            .header(Name::MaxForwards, "70")
    }

    fn names(&self, writer: Writer, from: &str, to: &str) -> Writer {
        writer
            .header(Name::From, from)
            .header(Name::To, to)
            .header(Name::Contact, &self.contact())
            .header(Name::Supported, "replaces")
    }

    fn contact(&self) -> String {
        let transport = match self.peer.transport {
            Transport::Udp => "",
            Transport::Tcp => ";transport=tcp",
            Transport::Tls => ";transport=tls",
        };
        format!("<sip:{}@{}{transport}>", self.phone.name, self.peer.remote)
    }

    fn with_body(&self, line: &Line, writer: Writer, session: Option<&Session>) -> Writer {
        let Some(session) = session else { return writer };
        let origin = Origin { id: line.id, version: line.version, address: self.peer.remote.ip() };
        writer.body(SDP, session.write(&origin))
    }

    fn respond_invite(&mut self, id: u64, code: u16, session: Option<Session>) {
        let line = self.lines.iter().find(|line| line.id == id).expect("a line of this phone");
        let Some(invite) = line.invite.clone() else { return };
        let tag = if code == 100 { "" } else { line.ours.as_str() };
        let writer = write::response(&invite, code, self.peer.local, tag).header(Name::Contact, &self.contact());
        let bytes = self.with_body(line, writer, session.as_ref()).finish();
        let branch = invite.top_via().branch().unwrap_or("").to_string();
        self.answered.insert((branch, "INVITE".into()), bytes.clone());
        if (200..300).contains(&code) {
            let now = self.now;
            self.line(id).unacked = Some((bytes.clone(), now + T1, T1, now + GIVE_UP));
        }
        self.out.push(bytes);
    }

    fn reply(&mut self, request: &Message, code: u16, session: Option<(u64, Session)>) {
        let tag = request.to().tag().unwrap_or("x").to_string();
        let mut writer = write::response(request, code, self.peer.local, &tag).header(Name::Contact, &self.contact());
        if let Some((id, session)) = &session {
            let line = self.lines.iter().find(|line| line.id == *id).expect("a line of this phone");
            writer = self.with_body(line, writer, Some(session));
        }
        let bytes = writer.finish();
        let branch = request.top_via().branch().unwrap_or("").to_string();
        self.answered.insert((branch, request.method().text().to_string()), bytes.clone());
        self.out.push(bytes);
    }

    fn answer_of(&mut self, id: u64, speaking: Option<Codec>) -> Option<Session> {
        let offer = self.line(id).offer.clone()?;
        self.phone.answer(&offer, port(id), Direction::SendRecv, speaking)
    }

    fn line_of(&self, request: &Message) -> Option<u64> {
        let ours = request.to().tag().map(str::to_string);
        let mine = |line: &&Line| line.call_id == request.call_id() && Some(&line.ours) == ours.as_ref();
        self.lines.iter().find(mine).map(|line| line.id)
    }

    fn news(&mut self, what: &str) {
        self.news.push(format!("{} {what}", self.phone.name));
    }

    fn id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn token(&mut self, kind: &str) -> String {
        self.next += 1;
        format!("{kind}-{}-{}", self.phone.name, self.next)
    }

    // Time.

    pub fn deadline(&self) -> Option<u64> {
        if self.dead {
            return None;
        }
        let again = self.asked.iter().map(|asked| asked.again_at.unwrap_or(u64::MAX).min(asked.until));
        let answers = self.lines.iter().filter_map(|line| line.unacked.as_ref().map(|(_, at, ..)| *at));
        again.chain(answers).chain(self.register_at).min()
    }

    pub fn tick(&mut self) {
        let now = self.now;
        for asked in &mut self.asked {
            if asked.again_at.is_some_and(|at| at <= now) {
                self.out.push(asked.bytes.clone());
                asked.interval =
                    if asked.method == Method::Invite { asked.interval * 2 } else { (asked.interval * 2).min(T2) };
                asked.again_at = Some(now + asked.interval);
            }
        }
        let given_up: Vec<Option<u64>> =
            self.asked.iter().filter(|asked| asked.until <= now).map(|asked| asked.line).collect();
        self.asked.retain(|asked| asked.until > now);
        for id in given_up.into_iter().flatten() {
            self.line(id).state = State::Over;
        }
        let mut unheard = Vec::new();
        for line in &mut self.lines {
            let Some((bytes, at, interval, until)) = &mut line.unacked else { continue };
            if *at > now {
                continue;
            }
            if *until <= now {
                line.unacked = None;
                unheard.push(line.id);
                continue;
            }
            self.out.push(bytes.clone());
            *interval = (*interval * 2).min(T2);
            *at = now + *interval;
        }
        for id in unheard {
            self.hang_up(id);
        }
        if self.register_at.is_some_and(|at| at <= now) {
            self.register_at = Some(now + 60_000);
            self.register();
        }
    }
}

impl Asked {
    fn new(
        branch: String,
        method: Method,
        bytes: Bytes,
        line: Option<u64>,
        uri: String,
        what: What,
        now: u64,
    ) -> Asked {
        // An INVITE that rings is given up by whoever called, not by a timer.
        let until = if method == Method::Invite { now + 10 * GIVE_UP } else { now + GIVE_UP };
        Asked {
            branch,
            method,
            bytes,
            again_at: Some(now + T1),
            interval: T1,
            until,
            line,
            uri,
            tried: false,
            heard: false,
            what,
        }
    }
}

impl Line {
    fn from(&self) -> String {
        format!("{};tag={}", self.our_uri, self.ours)
    }

    fn to(&self) -> String {
        match &self.theirs {
            Some(tag) => format!("{};tag={tag}", self.their_uri),
            None => self.their_uri.clone(),
        }
    }

    /// Of the INVITE that began it.
    fn first_to(&self) -> String {
        self.their_uri.clone()
    }

    fn invite_had_offer(&self, cseq: u32) -> bool {
        self.invite.as_ref().is_none_or(|invite| !invite.body().is_empty() || invite.cseq().0 + 1 < cseq)
    }
}

/// Each line takes sound on a port of its own.
fn port(id: u64) -> u16 {
    4000 + (id % 1000) as u16 * 2
}

fn contact(message: &Message) -> String {
    match message.contacts() {
        Some(callbox::sip::address::Contacts::List(list)) => {
            list.first().map(|contact| contact.uri.to_string()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The o= line says whether a description is another one than before.
fn version(message: &Message) -> String {
    let body = String::from_utf8_lossy(message.body()).into_owned();
    body.lines().find(|line| line.starts_with("o=")).unwrap_or("").to_string()
}

/// What the document says, in the words of the stories.
fn lamp(document: &str, watched: &str) -> String {
    let between = |text: &str, open: &str, close: &str| {
        text.split_once(open).and_then(|(_, rest)| rest.split_once(close)).map(|(inside, _)| inside.to_string())
    };
    let Some(state) = between(document, "<state>", "</state>") else { return "idle".into() };
    let remote = between(document, "<remote>", "</remote>")
        .and_then(|side| between(&side, "sip:", "@"))
        .filter(|number| number != watched);
    let display = between(document, "display=\"", "\"");
    match (state.as_str(), remote, display) {
        ("confirmed", None, Some(why)) => format!("away ({why})"),
        ("confirmed", Some(other), _) => format!("in a call with {other}"),
        ("confirmed", None, None) => "in a call".into(),
        ("early", Some(other), _) => format!("ringing with {other}"),
        ("early", None, _) => "ringing".into(),
        (state, ..) => state.to_string(),
    }
}
