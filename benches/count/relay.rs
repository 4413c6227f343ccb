//! What one packet costs on its way through the deck, and 20 ms of a room that is mixed, in instructions.

use callbox::{
    audio::{
        deck::{BUFFER, Deck, Incoming, Kind, Out},
        order::{Order, RecordingId, Report, Slot, Source, Srtp, Stream},
        recorder::{Block, Desk},
        rtp::{HEADER, Stamp},
        srtp::Guard,
    },
    sdp::{Choice, Codec, LegId, SrtpKey, Suite},
    time::Uptime,
};
use gungraun::{library_benchmark, library_benchmark_group, main};
use std::{hint::black_box, net::SocketAddr, sync::Arc};

struct Nowhere;

impl Desk for Nowhere {
    fn hand_over(&mut self, block: Block) -> Option<Block> {
        Some(block)
    }

    fn take_back(&mut self) -> Option<Block> {
        None
    }
}

impl Out for Nowhere {
    fn send(&mut self, _: u16, _: Kind, to: SocketAddr, packet: &[u8]) {
        black_box((to, packet));
    }

    fn report(&mut self, report: Report) {
        black_box(report);
    }
}

const FROM: ([u8; 4], u16) = ([10, 0, 0, 1], 4000);

fn keys(ours: u8, theirs: u8) -> Srtp {
    Srtp { suite: Suite::AesCm128HmacSha1_80, ours: SrtpKey([ours; 30]), theirs: SrtpKey([theirs; 30]) }
}

fn stream(codec: Codec, srtp: Option<Srtp>) -> Stream {
    let choice = Choice { codec, payload: 8 };
    Stream {
        remote: SocketAddr::from(FROM),
        send: choice,
        take: vec![choice],
        event_send: Some(101),
        event_take: Some(101),
 keys_elsewhere: false,
        ptime_ms: 20,
        hears: true,
        speaks: true,
        srtp,
    }
}

/// A call of two legs that has run for some packets, and the next packet of the first.
fn call(one: Codec, two: Codec, secure: bool) -> (Deck, [u8; BUFFER], usize) {
    let mut deck = Deck::new(&(10_000..=10_099), Arc::default(), 5.into());
    for (leg, codec) in [(1, one), (2, two)] {
        let (leg, slot) = (LegId(leg), Slot { port: 10_000 + 2 * leg as u16, deck: 0, key: SrtpKey([0; 30]) });
        deck.order(Uptime(0), Order::Open { leg, slot }, &mut Nowhere);
        let stream = stream(codec, secure.then(|| keys(leg.0 as u8, leg.0 as u8 + 10)));
        deck.order(Uptime(0), Order::Set { leg, stream, relearn: false }, &mut Nowhere);
        deck.order(Uptime(0), Order::Hear { leg, source: Source::Leg(LegId(3 - leg.0)) }, &mut Nowhere);
    }
    let mut guard = secure.then(|| Guard::new(keys(11, 1)));
    let mut next = (deck, [0; BUFFER], 0);
    for number in 0..50 {
        if number > 0 {
            pass(&mut next);
        }
        let stamp =
            Stamp { marker: false, payload_type: 8, sequence: number, timestamp: u32::from(number) * 160, ssrc: 1 };
        next.1[HEADER..].fill(0x55);
        stamp.write(&mut next.1);
        next.2 = HEADER + 160;
        if let Some(guard) = &mut guard {
            next.2 = guard.protect(&mut next.1, next.2).expect("a fresh number");
        }
    }
    next
}

/// The same, recorded.
fn recorded(one: Codec, two: Codec) -> (Deck, [u8; BUFFER], usize) {
    let (mut deck, buffer, length) = call(one, two, false);
    let (left, right) = (vec![LegId(1)], vec![LegId(2)]);
    let order = Order::Record { recording: RecordingId(1), left, right, file: String::new() };
    deck.order(Uptime(0), order, &mut Nowhere);
    (deck, buffer, length)
}

fn pass((deck, buffer, length): &mut (Deck, [u8; BUFFER], usize)) {
    let incoming = Incoming { seat: 1, kind: Kind::Rtp, from: FROM.into(), buffer, length: *length };
    deck.packet(Uptime(1_000_000), incoming, &mut Nowhere);
}

#[library_benchmark]
#[bench::same_codec(call(Codec::Pcma, Codec::Pcma, false))]
#[bench::other_law(call(Codec::Pcma, Codec::Pcmu, false))]
#[bench::g711_to_g722(call(Codec::Pcma, Codec::G722, false))]
#[bench::g722_to_g711(call(Codec::G722, Codec::Pcma, false))]
#[bench::srtp_both(call(Codec::Pcma, Codec::Pcma, true))]
#[bench::recorded(recorded(Codec::Pcma, Codec::Pcma))]
#[bench::recorded_other_law(recorded(Codec::Pcmu, Codec::Pcmu))]
fn relay(mut next: (Deck, [u8; BUFFER], usize)) -> (Deck, [u8; BUFFER], usize) {
    pass(black_box(&mut next));
    next
}

/// A room in which each leg hears all others, after some packets of each.
fn room(legs: u64) -> Deck {
    let mut deck = Deck::new(&(10_000..=10_099), Arc::default(), 5.into());
    for leg in 1..=legs {
        let slot = Slot { port: 10_000 + 2 * leg as u16, deck: 0, key: SrtpKey([0; 30]) };
        deck.order(Uptime(0), Order::Open { leg: LegId(leg), slot }, &mut Nowhere);
        let order = Order::Set { leg: LegId(leg), stream: stream(Codec::Pcma, None), relearn: false };
        deck.order(Uptime(0), order, &mut Nowhere);
        let others = (1..=legs).filter(|&other| other != leg).map(LegId).collect();
        deck.order(Uptime(0), Order::Hear { leg: LegId(leg), source: Source::Legs(others) }, &mut Nowhere);
    }
    for number in 0..5 {
        for seat in 1..=legs as u16 {
            let mut buffer = [0x55; BUFFER];
            Stamp { marker: false, payload_type: 8, sequence: number, timestamp: u32::from(number) * 160, ssrc: 1 }
                .write(&mut buffer);
            let incoming =
                Incoming { seat, kind: Kind::Rtp, from: FROM.into(), buffer: &mut buffer, length: HEADER + 160 };
            deck.packet(Uptime(u64::from(number) * 20_000), incoming, &mut Nowhere);
        }
        if number < 4 {
            deck.tick(Uptime(u64::from(number) * 20_000 + 10_000), &mut Nowhere);
        }
    }
    deck
}

#[library_benchmark]
#[bench::room_of_three(room(3))]
#[bench::room_of_thirty(room(30))]
fn mix(mut deck: Deck) -> Deck {
    black_box(&mut deck).tick(Uptime(1_000_000), &mut Nowhere);
    deck
}

library_benchmark_group!(name = steps, benchmarks = [relay, mix]);
main!(library_benchmark_groups = steps);
