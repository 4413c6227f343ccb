//! The way of a packet through the deck asks for no memory, whatever is done to it on the way.

use callbox::{
    audio::{
        deck::{BUFFER, Deck, Incoming, Kind, Out},
        dtmf::{Chord, Event},
        order::{Order, RecordingId, Report, Slot, Source, Srtp, Stream},
        recorder::{Block, Desk},
        rtp::{HEADER, Stamp},
        srtp::Guard,
    },
    sdp::{Choice, Codec, LegId, SrtpKey, Suite},
    time::Uptime,
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    net::SocketAddr,
    sync::Arc,
};

/// Counts for each thread apart: other tests run beside this one.
struct Counting;

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

fn count(bytes: usize) {
    // A thread that ends may ask for memory when its counters are gone.
    let _ = ASKED.try_with(|asked| asked.set(asked.get() + 1));
    let _ = BYTES.try_with(|all| all.set(all.get() + bytes));
}

// SAFETY: all is left to the system's allocator; counting asks for no memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.saturating_sub(layout.size()));
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const PCMA: Choice = Choice { codec: Codec::Pcma, payload: 8 };
const PCMU: Choice = Choice { codec: Codec::Pcmu, payload: 0 };
const G722: Choice = Choice { codec: Codec::G722, payload: 9 };

#[derive(Default)]
struct Counted {
    sent: u32,
    reports: u32,
    /// Recorded sound, which comes back at once.
    handed: u32,
    blocks: heapless::Deque<Block, 64>,
}

impl Desk for Counted {
    fn hand_over(&mut self, block: Block) -> Option<Block> {
        self.handed += 1;
        self.blocks.push_back(block).err()
    }

    fn take_back(&mut self) -> Option<Block> {
        self.blocks.pop_front()
    }
}

impl Out for Counted {
    fn send(&mut self, _: u16, _: Kind, _: SocketAddr, _: &[u8]) {
        self.sent += 1;
    }

    fn report(&mut self, _: Report) {
        self.reports += 1;
    }
}

fn stream(choice: Choice) -> Stream {
    Stream {
        remote: SocketAddr::from(([10, 0, 0, 1], 4000)),
        send: choice,
        take: vec![choice],
        event_send: Some(101),
        event_take: Some(101),
        keys_elsewhere: false,
        ptime_ms: 20,
        hears: true,
        speaks: true,
        srtp: None,
    }
}

fn keys(ours: u8, theirs: u8) -> Srtp {
    Srtp { suite: Suite::AesCm128HmacSha1_80, ours: SrtpKey([ours; 30]), theirs: SrtpKey([theirs; 30]) }
}

fn deck(one: Stream, two: Stream) -> Deck {
    let mut deck = Deck::new(&(10_000..=10_099), Arc::default(), 5.into());
    let mut out = Counted::default();
    for (leg, stream) in [(1, one), (2, two)] {
        let (leg, slot) = (LegId(leg), Slot { port: 10_000 + 2 * leg as u16, deck: 0, key: SrtpKey([0; 30]) });
        deck.order(Uptime(0), Order::Open { leg, slot }, &mut out);
        deck.order(Uptime(0), Order::Set { leg, stream, relearn: false }, &mut out);
        deck.order(Uptime(0), Order::Hear { leg, source: Source::Leg(LegId(3 - leg.0)) }, &mut out);
    }
    deck
}

/// How often memory was asked for while 500 packets of leg 1 went through; each is made by `payload`.
fn asked(
    mut deck: Deck,
    payload_type: u8,
    mut guard: Option<Guard>,
    mut payload: impl FnMut(u32, &mut [u8]) -> usize,
) -> (u64, Counted) {
    let mut out = Counted::default();
    let mut asked = 0;
    for number in 0..600u32 {
        let mut buffer = [0; BUFFER];
        let stamp = Stamp { marker: false, payload_type, sequence: number as u16, timestamp: number * 160, ssrc: 1 };
        stamp.write(&mut buffer);
        let mut length = HEADER + payload(number, &mut buffer[HEADER..]);
        if let Some(guard) = &mut guard {
            length = guard.protect(&mut buffer, length).unwrap();
        }
        let from = SocketAddr::from(([10, 0, 0, 1], 4000));
        let incoming = Incoming { seat: 1, kind: Kind::Rtp, from, buffer: &mut buffer, length };
        let before = ASKED.get();
        let now = Uptime(u64::from(number) * 20_000);
        deck.packet(now, incoming, &mut out);
        deck.hand_over(&mut out);
        // The first packets may fill tables that are made at first use.
        if number >= 100 {
            asked += ASKED.get() - before;
        }
    }
    (asked, out)
}

fn voice(_: u32, payload: &mut [u8]) -> usize {
    payload[..160].fill(0x55);
    160
}

/// Relaying a packet asks for no memory.
#[test]
fn a_packet_that_is_passed_on_asks_for_no_memory() {
    let (asked, out) = asked(deck(stream(PCMA), stream(PCMA)), 8, None, voice);
    assert_eq!((asked, out.sent), (0, 600));
}

#[test]
fn a_packet_that_is_transcoded_asks_for_no_memory() {
    for (one, two) in [(PCMA, PCMU), (PCMA, G722), (G722, PCMU), (G722, G722)] {
        let (asked, out) = asked(deck(stream(one), stream(two)), one.payload, None, voice);
        assert_eq!((asked, out.sent), (0, 600), "{one:?} to {two:?}");
    }
}

/// Recording it neither, with what is handed over and comes back.
#[test]
fn a_packet_that_is_recorded_asks_for_no_memory() {
    for choice in [PCMA, PCMU, G722] {
        let mut deck = deck(stream(choice), stream(PCMA));
        let (left, right) = (vec![LegId(1)], vec![LegId(2)]);
        let order = Order::Record { recording: RecordingId(1), left, right, file: String::new() };
        deck.order(Uptime(0), order, &mut Counted::default());
        let (asked, out) = asked(deck, choice.payload, None, voice);
        assert_eq!((asked, out.sent, out.handed), (0, 600, 600), "{choice:?}");
    }
}

#[test]
fn a_packet_that_is_encrypted_asks_for_no_memory() {
    let secure = |srtp| Stream { srtp: Some(srtp), ..stream(PCMA) };
    let deck = deck(secure(keys(1, 2)), secure(keys(3, 4)));
    let (asked, out) = asked(deck, 8, Some(Guard::new(keys(2, 1))), voice);
    assert_eq!((asked, out.sent), (0, 600));
}

#[test]
fn digits_ask_for_no_memory() {
    let (asked, out) = asked(deck(stream(PCMA), stream(PCMA)), 101, None, |number, payload| {
        payload[..4].copy_from_slice(&Event { code: 5, end: number % 2 == 1, duration: 800 }.write());
        4
    });
    assert_eq!((asked, out.sent), (0, 600));
    assert!(out.reports >= 300);
}

#[test]
fn listening_for_tones_asks_for_no_memory() {
    let deaf = Stream { event_take: None, ..stream(PCMA) };
    let mut chord = Chord::new('5', 8).unwrap();
    let law = &callbox::audio::codec::g711::A;
    let (asked, out) = asked(deck(deaf, stream(PCMA)), 8, None, |number, payload| {
        let mut samples = [0; 160];
        if number % 20 < 6 {
            chord.fill(&mut samples);
        }
        law.encode_into(&samples, &mut payload[..160]);
        160
    });
    assert_eq!(asked, 0);
    assert_eq!(out.reports, 30);
}

/// A relayed call takes at most 60 KB; what the deck holds of it is a small part.
#[test]
fn a_call_takes_little_memory() {
    let mut deck = deck(stream(PCMA), stream(PCMA));
    let before = BYTES.get();
    let mut out = Counted::default();
    for leg in [LegId(3), LegId(4)] {
        let slot = Slot { port: 10_000 + 2 * leg.0 as u16, deck: 0, key: SrtpKey([0; 30]) };
        deck.order(Uptime(0), Order::Open { leg, slot }, &mut out);
        deck.order(Uptime(0), Order::Set { leg, stream: stream(PCMA), relearn: false }, &mut out);
    }
    let bytes = BYTES.get() - before;
    assert!(bytes < 12 * 1024, "{bytes} bytes for two legs");
}
