//! What a message costs to read, and a whole transaction from its request to its last timer, in instructions.

use bytes::Bytes;
use callbox::{
    sdp::{Choice, Codec, Direction, LegId, Media, Session},
    sip::{
        External, Out, RemotePhones, Settings, Sip,
        digest::{Ha1, Offer},
        fault::Fault,
        message::Message,
        order::{self, Order},
        wire,
    },
    time::{Now, Timestamp, Uptime},
};
use count::{NUMBER, OFFER, PASSWORD, Phone, REALM, bytes};
use gungraun::{library_benchmark, library_benchmark_group, main};
use std::{hint::black_box, sync::Arc, time::Duration};

/// The longest of RFC 4475: section 3.1.1.7.
const TORTURE: &[u8] = include_bytes!("../../tests/rfc4475/longreq.dat");
/// Longer than any timer of a transaction, shorter than those of a dialog (RFC 3261 section 17: 64 T1).
const TRANSACTION: Duration = Duration::from_secs(40);

#[library_benchmark]
#[bench::short_register(bytes(Phone::default().register()))]
#[bench::invite_with_sdp(bytes(Phone::default().invite("802")))]
#[bench::rfc4475_longreq(Bytes::from_static(TORTURE))]
fn parse(message: Bytes) -> Result<Message, Fault> {
    Message::parse(black_box(message))
}

#[library_benchmark]
#[bench::of_a_desk_phone(OFFER.as_bytes())]
fn parse_offer(body: &[u8]) -> bool {
    Session::parse(black_box(body)).is_ok()
}

/// The box and a phone that has been challenged.
struct World {
    sip: Sip,
    now: Now,
    phone: Phone,
}

impl World {
    fn new() -> World {
        let settings = Settings {
            realm: REALM.into(),
            digest: Offer::Both,
            nonce_secret: [7; 32],
            local_networks: Vec::new(),
            own_networks: false,
            external: External::Own,
            never_ban: Vec::new(),
            remote_phones: RemotePhones::Any,
        };
        let now = Now { up: Uptime(1_000_000_000), wall: Timestamp(1_795_000_000_000) };
        let mut world = World { sip: Sip::new(settings, 1.into()), now, phone: Phone::default() };
        let users = [(NUMBER.to_owned(), Ha1::new(NUMBER, REALM, PASSWORD))];
        world.sip.set_users(now, Arc::new(users.into()), &mut Out::default());
        let register = world.phone.register();
        let refusal = sent(world.hear(register));
        world.phone.challenged(&refusal);
        world
    }

    fn hear(&mut self, report: wire::Report) -> Out {
        let mut out = Out::default();
        self.sip.receive(self.now, report, &mut out);
        out
    }

    fn order(&mut self, order: Order) -> Out {
        let mut out = Out::default();
        self.sip.order(self.now, order, &mut out);
        out
    }

    /// Until every timer of the transaction has run out.
    fn pass(&mut self) {
        let end = self.now.up + TRANSACTION;
        while let Some(due) = self.sip.deadline().filter(|due| *due <= end) {
            self.now.up = due;
            self.sip.tick(self.now, &mut Out::default());
        }
        self.now.up = end;
    }
}

/// The last message that was sent.
fn sent(out: Out) -> Message {
    let sends = out.wire.into_iter().rev().find_map(|order| match order {
        wire::Order::Send { bytes, .. } => Some(bytes),
        _ => None,
    });
    Message::parse(sends.expect("a message")).expect("what the box writes")
}

fn session() -> Session {
    Session {
        address: None,
        port: 6000,
        codecs: vec![Choice { codec: Codec::Pcma, payload: 8 }],
        telephone_event: Some(101),
        direction: Direction::SendRecv,
        ptime_ms: Some(20),
        secure: false,
        crypto: Vec::new(),
        media: vec![Media::Sound],
    }
}

/// The messages of the phone are made ahead, so that they are not counted.
struct Call {
    world: World,
    invite: wire::Report,
    ack: wire::Report,
    bye: wire::Report,
}

/// The tag of the box comes from its seed, so a first run tells what the ACK and the BYE of the second must say.
fn call() -> Call {
    let mut world = World::new();
    let invite = world.phone.invite("802");
    let answer = sent(set_up(&mut world, invite));
    let mut world = World::new();
    let invite = world.phone.invite("802");
    let (ack, bye) = (world.phone.inside("ACK", &answer), world.phone.inside("BYE", &answer));
    Call { world, invite, ack, bye }
}

fn set_up(world: &mut World, invite: wire::Report) -> Out {
    let invited = world.hear(invite);
    let Some(order::Report::Invited { leg, .. }) = invited.reports.first() else { panic!("{invited:?}") };
    let leg: LegId = *leg;
    world.order(Order::Progress { leg, code: 180, early: None });
    world.order(Order::Answer { leg, session: session() })
}

/// INVITE, 100, 180, 200 and ACK.
fn invite_to_ack(call: &mut Call) {
    set_up(&mut call.world, call.invite.clone());
    let confirmed = call.world.hear(call.ack.clone());
    assert!(matches!(confirmed.reports[..], [order::Report::Confirmed { .. }]), "{confirmed:?}");
    call.world.pass();
}

fn bye(call: &mut Call) {
    let ended = call.world.hear(call.bye.clone());
    assert!(matches!(ended.reports[..], [order::Report::Ended { .. }]), "{ended:?}");
    call.world.pass();
}

fn answered() -> Call {
    let mut call = call();
    invite_to_ack(&mut call);
    call
}

#[library_benchmark]
#[bench::invite(call(), invite_to_ack)]
#[bench::bye(answered(), bye)]
fn transaction(mut call: Call, goes: fn(&mut Call)) -> Call {
    goes(black_box(&mut call));
    call
}

library_benchmark_group!(name = messages, benchmarks = [parse, parse_offer]);
library_benchmark_group!(name = transactions, benchmarks = transaction);
main!(library_benchmark_groups = [messages, transactions]);
