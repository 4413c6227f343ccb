//! A flight recording, played again: what follows from each event is what followed when it was recorded, and no secret
//! is in it (BOX-122, BOX-125, PHN-82).

use crate::scenario::wired::exchange;
use callbox::{
    exchange::{
        Action, Actions, Event, Exchange,
        flight::{self, End, Noting, Piece, Recorder, State},
        wire,
    },
    history::fact::Outlived,
    model::Trunk,
    schema::Tenant,
    sip::{message::Message, name::Name, write},
    time::{Now, Timestamp, Uptime},
};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde_json::json;
use std::io::{Read, Write};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Records whatever an exchange is told, in pieces of so many events.
pub struct Flight {
    recorder: Recorder<Vec<u8>>,
    every: usize,
    noted: usize,
    open: bool,
    /// What followed from each event that was noted.
    followed: Vec<(Event, Actions)>,
}

impl Flight {
    pub fn every(events: usize) -> Flight {
        let recorder = Recorder::begin(Vec::new(), VERSION).unwrap();
        Flight { recorder, every: events, noted: 0, open: false, followed: Vec::new() }
    }

    pub fn handle(&mut self, exchange: &mut Exchange, now: Now, event: Event, out: &mut Actions) {
        if self.noted.is_multiple_of(self.every) || !self.open {
            if self.open {
                self.recorder.close(End::Full).unwrap();
            }
            self.recorder.open(State::of(exchange, now)).unwrap();
            self.open = true;
        }
        self.noted += 1;
        let noting = Noting::before(exchange, &event);
        exchange.handle(now, event.clone(), out);
        match noting.after(exchange, now) {
            Some(told) => {
                self.recorder.note(told).unwrap();
                self.followed.push((event, out.clone()));
            }
            None => self.recorder.stranger(),
        }
    }

    /// Another exchange comes, or nothing more.
    pub fn interrupt(&mut self) {
        self.recorder.close(End::Stopped).unwrap();
        self.open = false;
    }

    /// As a box lays it down.
    fn packed(&mut self) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(self.recorder.out()).unwrap();
        packed.finish().unwrap()
    }

    /// Plays all again.
    pub fn end(&mut self, secrets: &[String]) {
        self.interrupt();
        let recording = std::mem::take(self.recorder.out());
        for secret in secrets {
            let found = memchr::memmem::find(&recording, secret.as_bytes());
            assert!(found.is_none(), "{secret} is in the recording");
        }
        let pieces = flight::pieces(&recording, VERSION).unwrap_or_else(|why| panic!("{why}"));
        let mut followed = self.followed.drain(..);
        for (number, piece) in pieces.into_iter().enumerate() {
            play(number, piece, &mut followed);
        }
        assert!(followed.next().is_none(), "every event that was noted is played");
    }
}

fn play(number: usize, piece: Piece, followed: &mut impl Iterator<Item = (Event, Actions)>) {
    assert!(piece.end.is_some(), "piece {number} is whole");
    let mut nth = 0;
    piece.play(|now, event, again| {
        let (told, first) = followed.next().expect("no more is played than was noted");
        if flight::comparable(again) != flight::comparable(&first) {
            let pairs = first.iter().map(Some).chain([None]).zip(again.iter().map(Some).chain([None]));
            let differ = |(one, other): &(Option<&Action>, Option<&Action>)| format!("{one:?}") != format!("{other:?}");
            let differing: Vec<_> = pairs.filter(differ).collect();
            panic!("piece {number}, event {nth} at {now:?}: {told:?}\nplayed as {event:?}\n{differing:#?}");
        }
        nth += 1;
    });
}

/// BOX-125: what was downloaded as `FLIGHT` is played and told; without one, what is recorded here.
#[test]
fn a_download_is_played() {
    let packed = match std::env::var_os("FLIGHT") {
        Some(path) => std::fs::read(path).unwrap(),
        None => register().packed(),
    };
    let mut recording = Vec::new();
    // What was cut off at the end is no error.
    let _ = GzDecoder::new(&packed[..]).read_to_end(&mut recording);
    let mut played = 0;
    for piece in flight::pieces(&recording, VERSION).unwrap_or_else(|why| panic!("{why}")) {
        println!("from {:?}, {} messages of strangers left out, ended {:?}", piece.began, piece.strangers, piece.end);
        piece.play(|now, event, actions| {
            println!("{} {event:?}", now.wall);
            actions.iter().for_each(|action| println!("    {action:?}"));
            played += 1;
        });
    }
    assert!(played > 0, "nothing is in it");
}

/// TRK-13, TRK-44, BOX-122: a carrier's challenge is answered in a replay too, though the password is not there; every
/// event is played from a state of its own.
#[test]
fn a_line_registers_again_without_its_password() {
    register().end(&[PASSWORD.into(), "response=".into()]);
}

const PASSWORD: &str = "5ecret-of-the-line";

/// The recording of a line that registers.
fn register() -> Flight {
    let mut tenant = Tenant::default();
    let trunk = json!({
        "name": "Line", "kind": "register", "host": "192.0.2.50", "username": "1001", "password": PASSWORD,
    });
    tenant.add(serde_json::from_value::<Trunk>(trunk).unwrap());
    let (mut flight, mut exchange) = (Flight::every(1), exchange(&tenant, Outlived::default()));
    let now = Now { up: Uptime(1_000_000), wall: Timestamp(1_795_000_000_000) };
    let local = "192.0.2.1:5060".parse().unwrap();
    let report = wire::Report::Addresses(vec!["192.0.2.1".parse().unwrap()]);
    let mut events = vec![Event::Wire { came: now.up, report }];
    let mut proven = false;
    while let Some(event) = events.pop() {
        let mut actions = Actions::default();
        flight.handle(&mut exchange, now, event, &mut actions);
        for action in actions.drain() {
            let report = match action {
                Action::Wire(wire::Order::Connect { way, remote, .. }) => {
                    let peer = wire::Peer { transport: wire::Transport::Udp, local, remote, connection: None };
                    wire::Report::Connected { way, peer }
                }
                Action::Wire(wire::Order::Send { peer, bytes }) => {
                    let request = Message::parse(bytes).unwrap();
                    let proof = request.value(Name::Authorization).is_some();
                    proven |= proof;
                    let answer = write::response(&request, if proof { 200 } else { 401 }, local, "carrier");
                    let challenge = "Digest realm=\"carrier\", nonce=\"abc\", algorithm=MD5, qop=\"auth\"";
                    let answer = if proof { answer } else { answer.header(Name::WwwAuthenticate, challenge) };
                    wire::Report::Message { peer, bytes: answer.finish() }
                }
                _ => continue,
            };
            events.push(Event::Wire { came: now.up, report });
        }
    }
    assert!(proven, "the carrier got a proof");
    flight
}
