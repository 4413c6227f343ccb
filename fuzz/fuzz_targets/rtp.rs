//! Two calls on a deck, and whatever phones, strangers and orders can do to them: every packet is taken or passed
//! over, what goes out can be read by the phone, and what is told of a leg is possible.
#![no_main]

use callbox::{
    audio::{
        deck::{BUFFER, Deck, Incoming, Kind, Out},
        dtmf::Event,
        order::{Figures, Order, RecordingId, Report, Slot, Sound, Source, Srtp, Stream, Tone},
        recorder::{Block, Desk},
        rtp::{HEADER, Header, PACKET_MAX, Stamp, flatten},
        sounds::Sounds,
        srtp::Guard,
    },
    sdp::{Choice, Codec, LegId, SrtpKey, Suite},
    time::Uptime,
};
use libfuzzer_sys::fuzz_target;
use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock},
};

const LEGS: usize = 4;
const PORTS: std::ops::RangeInclusive<u16> = 10_000..=10_099;
const CHOICES: [Choice; 3] = [
    Choice { codec: Codec::Pcma, payload: 8 },
    Choice { codec: Codec::Pcmu, payload: 0 },
    Choice { codec: Codec::G722, payload: 9 },
];
const EVENT: u8 = 101;
const PAYLOAD_TYPES: [u8; 6] = [8, 0, 9, EVENT, 13, 96];
/// Made once: tones take longer to make than all that follows.
static SOUNDS: LazyLock<Arc<Sounds>> = LazyLock::new(Arc::default);
const DIGITS: [char; 4] = ['5', '#', 'D', 'x'];

fuzz_target!(|bytes: &[u8]| {
    flattens(bytes);
    let mut rig = Rig::new();
    let mut script = Script(bytes);
    while let Some(step) = script.next() {
        rig.step(step, &mut script);
    }
    for leg in 0..LEGS {
        rig.order(Order::Close { leg: id(leg) });
    }
    assert!(rig.phones.phones.iter().all(|phone| !phone.open), "a leg that is closed says so");
});

/// The sound of a packet lies inside it, and stays what it was when the header is made plain.
fn flattens(packet: &[u8]) {
    let Some(payload) = Header::read(packet).and_then(|header| header.payload(packet)) else { return };
    let mut flat = packet.to_vec();
    let length = flatten(&mut flat, payload.clone());
    assert_eq!(&flat[length - payload.len()..length], &packet[payload]);
}

/// What happens, byte by byte; zeros when it is over.
struct Script<'a>(&'a [u8]);

impl Script<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn byte(&mut self) -> u8 {
        self.next().unwrap_or(0)
    }

    fn number(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    fn bit(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::from(self.byte()) % all.len()]
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        let count = bytes.len().min(self.0.len());
        let (now, rest) = self.0.split_at(count);
        bytes[..count].copy_from_slice(now);
        self.0 = rest;
    }
}

/// The far ends: what they have sent, and how they read what comes.
struct Phones {
    phones: [Phone; LEGS],
    /// What of a recording was written down.
    written: Vec<Block>,
}

#[derive(Default)]
struct Phone {
    open: bool,
    guard: Option<Guard>,
    /// What it takes: nothing while it does not hear.
    takes: Vec<u8>,
    sequence: u16,
    timestamp: u32,
    /// The box's SSRC towards this phone.
    theirs: u32,
}

struct Rig {
    deck: Deck,
    now: Uptime,
    phones: Phones,
}

fn id(leg: usize) -> LegId {
    LegId(leg as u64 + 1)
}

fn address(leg: usize, stranger: bool) -> SocketAddr {
    ([10, 0, u8::from(stranger), leg as u8], 4000).into()
}

fn keys(leg: usize, generation: u8) -> Srtp {
    let key = |side: u8| SrtpKey([leg as u8 * 16 + generation % 4 * 4 + side; 30]);
    Srtp { suite: Suite::AesCm128HmacSha1_80, ours: key(1), theirs: key(2) }
}

impl Rig {
    fn new() -> Rig {
        let deck = Deck::new(&PORTS, SOUNDS.clone(), 5.into());
        let mut rig = Rig { deck, now: Uptime(1_000_000), phones: Phones { phones: Default::default(), written: Vec::new() } };
        for leg in 0..LEGS {
            rig.open(leg);
            rig.set(leg, stream(leg, CHOICES[leg % 3]), false);
            rig.order(Order::Hear { leg: id(leg), source: Source::Leg(id(leg ^ 1)) });
        }
        rig
    }

    fn step(&mut self, step: u8, script: &mut Script) {
        let leg = usize::from(step >> 6);
        match step & 0x0F {
            0 => self.raw(leg, Kind::Rtp, script),
            1 => self.raw(leg, Kind::Rtcp, script),
            2 => self.report(leg, script),
            3 => self.event(leg, script),
            4 => self.set_again(leg, script),
            5 => self.hear(leg, script),
            6 => self.order(Order::Digit { leg: id(leg), digit: script.one_of(&DIGITS), ms: script.number() }),
            7 => self.come_and_go(leg, script),
            8 => self.now.0 += u64::from(script.number()) * 1_000,
            9 => self.record(leg, script),
            10 => (0..=script.byte() % 64).for_each(|_| self.tick()),
            _ => self.voice(leg, script),
        }
    }

    fn order(&mut self, order: Order) {
        self.deck.order(self.now, order, &mut self.phones);
    }

    fn tick(&mut self) {
        self.now.0 += 20_000;
        self.deck.tick(self.now, &mut self.phones);
    }

    fn open(&mut self, leg: usize) {
        let slot = Slot { port: PORTS.start() + 2 * leg as u16, deck: 0, key: SrtpKey([0; 30]) };
        self.phones.phones[leg] = Phone { open: true, ..Phone::default() };
        self.order(Order::Open { leg: id(leg), slot });
    }

    fn set(&mut self, leg: usize, stream: Stream, relearn: bool) {
        let phone = &mut self.phones.phones[leg];
        phone.takes = [Some(stream.send.payload), stream.event_send].into_iter().flatten().collect();
        if !stream.hears {
            phone.takes.clear();
        }
        let mirrored = stream.srtp.map(|agreed| Srtp { ours: agreed.theirs, theirs: agreed.ours, ..agreed });
        match (&mut phone.guard, mirrored) {
            (Some(guard), Some(agreed)) => guard.renew(agreed),
            (guard, agreed) => *guard = agreed.map(Guard::new),
        }
        self.order(Order::Set { leg: id(leg), stream, relearn });
    }

    fn set_again(&mut self, leg: usize, script: &mut Script) {
        if !self.phones.phones[leg].open {
            return;
        }
        let flags = script.byte();
        let on = |bit: u8| flags & 1 << bit != 0;
        let again = Stream {
            remote: address(leg, on(0)),
            take: CHOICES[usize::from(flags >> 6) % 3..].to_vec(),
            event_send: on(1).then_some(EVENT),
            event_take: on(2).then_some(EVENT),
 keys_elsewhere: false,
            hears: !on(3),
            speaks: !on(4),
            srtp: on(5).then(|| keys(leg, script.byte())),
            ptime_ms: u16::from(script.byte()),
            ..stream(leg, script.one_of(&CHOICES))
        };
        self.set(leg, again, script.bit());
    }

    fn hear(&mut self, leg: usize, script: &mut Script) {
        let source = match script.byte() % 8 {
            0 => Source::Silence,
            1 => Source::Echo,
            2 => Source::Music,
            3 => Source::Tone(Tone::Busy),
            4 => Source::Play(vec![Sound::Phrase("none".into()), Sound::Pause { ms: 60 }, Sound::Tone(Tone::Beep)]),
            5 => Source::of((0..LEGS).filter(|other| *other != leg).map(id).collect()),
            _ => Source::Leg(id(usize::from(script.byte()) % LEGS)),
        };
        self.order(Order::Hear { leg: id(leg), source });
    }

    fn come_and_go(&mut self, leg: usize, script: &mut Script) {
        match (self.phones.phones[leg].open, script.byte() % 3) {
            (false, _) => {
                self.open(leg);
                self.set(leg, stream(leg, script.one_of(&CHOICES)), false);
            }
            (true, 0) => self.order(Order::Close { leg: id(leg) }),
            (true, _) => {
                let (luggage, hears) = self.deck.leave(id(leg)).expect("a leg that is open");
                self.deck.arrive(luggage, hears);
            }
        }
    }

    /// A recording of this leg and all others begins or changes, rests, goes on or ends.
    fn record(&mut self, leg: usize, script: &mut Script) {
        let recording = RecordingId(1);
        let (left, right) = (vec![id(leg)], (0..LEGS).filter(|other| *other != leg).map(id).collect());
        self.order(match script.byte() % 4 {
            0 => Order::PauseRecording { recording },
            1 => Order::ResumeRecording { recording },
            2 => Order::StopRecording { recording },
            _ => Order::Record { recording, left, right, file: String::new() },
        });
    }

    /// Bytes as they lie, sealed like the phone's own or not.
    fn raw(&mut self, leg: usize, kind: Kind, script: &mut Script) {
        let (flags, length) = (script.byte(), usize::from(script.number()) % (PACKET_MAX + 1));
        let mut packet = [0; BUFFER];
        script.fill(&mut packet[..length]);
        self.comes(leg, kind, flags, packet, length);
    }

    /// A packet that is RTP, of a stream that goes on: loss, disorder, doubles and new streams among it.
    fn voice(&mut self, leg: usize, script: &mut Script) {
        let (flags, shape, payload_type) = (script.byte(), script.byte(), script.one_of(&PAYLOAD_TYPES));
        let length = match shape & 3 {
            0 => usize::from(script.number()) % (PACKET_MAX - 200),
            _ => 160,
        };
        let phone = &mut self.phones.phones[leg];
        let step = if shape & 4 == 0 { 1 } else { script.number() };
        phone.sequence = phone.sequence.wrapping_add(step);
        phone.timestamp = phone.timestamp.wrapping_add(u32::from(step) * 160);
        let (sequence, timestamp) = (phone.sequence, phone.timestamp);
        let ssrc = u32::from(shape >> 6);
        let mut packet = [0; BUFFER];
        Stamp { marker: shape & 8 != 0, payload_type, sequence, timestamp, ssrc }.write(&mut packet);
        // Contributors, an extension, padding: whatever the bytes make of it.
        if shape & 16 != 0 {
            packet[0] |= script.byte() & 0x3F;
        }
        script.fill(&mut packet[HEADER..HEADER + length]);
        self.comes(leg, Kind::Rtp, flags, packet, HEADER + length);
    }

    fn event(&mut self, leg: usize, script: &mut Script) {
        let (flags, shape) = (script.byte(), script.byte());
        let phone = &mut self.phones.phones[leg];
        phone.sequence = phone.sequence.wrapping_add(1);
        if shape & 1 != 0 {
            phone.timestamp = phone.timestamp.wrapping_add(160);
        }
        let (sequence, timestamp) = (phone.sequence, phone.timestamp);
        let event = Event { code: shape >> 3, end: shape & 2 != 0, duration: script.number() };
        let mut packet = [0; BUFFER];
        Stamp { marker: shape & 4 != 0, payload_type: EVENT, sequence, timestamp, ssrc: 0 }.write(&mut packet);
        packet[HEADER..HEADER + 4].copy_from_slice(&event.write());
        self.comes(leg, Kind::Rtp, flags, packet, HEADER + 4);
    }

    /// A receiver report with one block about what the box sends, a sender report with any blocks, and rubbish behind.
    fn report(&mut self, leg: usize, script: &mut Script) {
        let (flags, shape) = (script.byte(), script.byte());
        let (blocks, kind) = (usize::from(shape & 3), if shape & 4 == 0 { 200 } else { 201 });
        let clear = if kind == 200 { 28 } else { 8 };
        let length = clear + 24 * blocks;
        let mut packet = [0; BUFFER];
        script.fill(&mut packet[4..length]);
        packet[0] = 0x80 | blocks as u8;
        packet[1] = kind;
        packet[2..4].copy_from_slice(&((length / 4 - 1) as u16).to_be_bytes());
        if blocks > 0 {
            packet[clear..clear + 4].copy_from_slice(&self.phones.phones[leg].theirs.to_be_bytes());
        }
        self.comes(leg, Kind::Rtcp, flags, packet, length);
    }

    fn comes(&mut self, leg: usize, kind: Kind, flags: u8, mut buffer: [u8; BUFFER], length: usize) {
        let mut sealed = Some(length);
        if flags & 1 == 0
            && let Some(guard) = &mut self.phones.phones[leg].guard
        {
            sealed = match kind {
                Kind::Rtp => guard.protect(&mut buffer, length),
                Kind::Rtcp if length < 8 => None,
                Kind::Rtcp => guard.protect_rtcp(&mut buffer, length),
            };
        }
        let Some(length) = sealed.filter(|length| *length <= PACKET_MAX) else { return };
        if flags & 2 == 0 {
            self.now.0 += 20_000;
        }
        let from = address(leg, flags & 4 != 0);
        let seat = self.deck.seat(PORTS.start() + 2 * leg as u16).expect("a port of the range");
        let incoming = Incoming { seat, kind, from, buffer: &mut buffer, length };
        self.deck.packet(self.now, incoming, &mut self.phones);
    }
}

fn stream(leg: usize, send: Choice) -> Stream {
    Stream {
        remote: address(leg, false),
        send,
        take: CHOICES.to_vec(),
        event_send: Some(EVENT),
        event_take: Some(EVENT),
        ptime_ms: 20,
        hears: true,
        speaks: true,
        srtp: None,
        keys_elsewhere: false,
    }
}

impl Desk for Phones {
    fn hand_over(&mut self, block: Block) -> Option<Block> {
        self.written.push(block);
        None
    }

    fn take_back(&mut self) -> Option<Block> {
        self.written.pop()
    }
}

impl Out for Phones {
    fn send(&mut self, seat: u16, kind: Kind, to: SocketAddr, packet: &[u8]) {
        let phone = &mut self.phones[usize::from(seat)];
        assert!(phone.open && !to.ip().is_unspecified() && packet.len() <= BUFFER);
        let mut buffer = [0; BUFFER];
        buffer[..packet.len()].copy_from_slice(packet);
        let length = match (&mut phone.guard, kind) {
            (None, _) => packet.len(),
            (Some(guard), Kind::Rtp) => guard.unprotect(&mut buffer, packet.len()).expect("sealed, and never before"),
            (Some(guard), Kind::Rtcp) => guard.unprotect_rtcp(&mut buffer, packet.len()).expect("sealed"),
        };
        match kind {
            Kind::Rtp => {
                let header = Header::read(&buffer[..length]).expect("RTP");
                assert!(phone.takes.contains(&header.payload_type), "{header:?}");
                assert!(header.start == HEADER && length > HEADER, "{header:?}");
                phone.theirs = header.ssrc;
            }
            Kind::Rtcp => assert!(buffer[0] >> 6 == 2 && matches!(buffer[1], 200 | 201) && length % 4 == 0),
        }
    }

    fn report(&mut self, report: Report) {
        match report {
            Report::Figures(all) => all.iter().for_each(|(_, figures)| check(figures)),
            Report::Closed { leg, figures } => {
                check(&figures);
                self.phones[leg.0 as usize - 1].open = false;
            }
            Report::Digit { digit, .. } => assert!("0123456789*#ABCD".contains(digit)),
            Report::Played { .. } | Report::Stock(_) | Report::Load { .. } | Report::Recorded { .. } => {}
        }
    }
}

fn check(figures: &Figures) {
    assert!(figures.mos.is_none_or(|mos| (1.0..=4.5).contains(&mos)), "{figures:?}");
    assert!((-127.0..=0.0).contains(&figures.level_dbfs), "{figures:?}");
    assert!(figures.jitter_ms.is_finite() && figures.jitter_ms >= 0.0, "{figures:?}");
    assert!(figures.round_trip_ms.is_none_or(|ms| (0.0..=30_000.0).contains(&ms)), "{figures:?}");
}
