//! Calls on a deck, packet by packet.

mod mixing;
mod recording;

use super::*;
use crate::{
    audio::{
        codec::{Ear, Mouth, rate},
        dtmf::{Chord, Detector, Event},
        order::{Figures, Slot, Srtp, Stream, Tone},
        player::feed::{Shelf, Title, Wanted},
        recorder::Block,
        rtp::{HEADER, Header, Stamp},
        sounds::Clip,
        srtp::Guard,
    },
    sdp::{Choice, Codec, SrtpKey, Suite},
};
use std::{collections::VecDeque, f64::consts::PI, time::Duration};

const MS_20: Duration = Duration::from_millis(20);
const PCMA: Choice = Choice { codec: Codec::Pcma, payload: 8 };
const PCMU: Choice = Choice { codec: Codec::Pcmu, payload: 0 };
const G722: Choice = Choice { codec: Codec::G722, payload: 9 };

#[derive(Default)]
struct Sent {
    packets: Vec<(u16, Kind, SocketAddr, Vec<u8>)>,
    reports: Vec<Report>,
    /// Recorded sound, and what was written of it; `full`: there is no room for more.
    blocks: VecDeque<Block>,
    written: Vec<Block>,
    full: bool,
}

impl Desk for Sent {
    fn hand_over(&mut self, block: Block) -> Option<Block> {
        if self.full {
            return Some(block);
        }
        self.blocks.push_back(block);
        None
    }

    fn take_back(&mut self) -> Option<Block> {
        self.written.pop()
    }
}

impl Out for Sent {
    fn send(&mut self, seat: u16, kind: Kind, to: SocketAddr, packet: &[u8]) {
        self.packets.push((seat, kind, to, packet.to_vec()));
    }

    fn report(&mut self, report: Report) {
        self.reports.push(report);
    }
}

/// A deck, its clock, and phones that number their packets as phones do.
struct Table {
    deck: Deck,
    now: Uptime,
    sent: Sent,
    numbers: [u16; 8],
}

fn phone(leg: u64) -> SocketAddr {
    SocketAddr::from(([192, 168, 1, leg as u8], 4000))
}

fn stream(leg: u64, choice: Choice) -> Stream {
    Stream {
        remote: phone(leg),
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

fn sounds() -> Sounds {
    let tone = |hz: f64, ms: usize| {
        let wave = |rate: usize| {
            (0..ms * rate)
                .map(|n| (libm::sin(2.0 * PI * hz * n as f64 / rate as f64 / 1000.0) * 8000.0) as i16)
                .collect()
        };
        Clip { narrow: wave(8), wide: wave(16) }
    };
    let mut sounds = Sounds::default();
    sounds.music.push(tone(1000.0, 50));
    sounds.phrases.insert("en/hello".into(), tone(600.0, 100));
    sounds
}

impl Table {
    fn new() -> Table {
        Table::with(sounds())
    }

    fn with(sounds: Sounds) -> Table {
        let deck = Deck::new(&(10_000..=10_099), Arc::new(sounds), 5.into());
        Table { deck, now: Uptime(1_000_000), sent: Sent::default(), numbers: [0; 8] }
    }

    /// Leg n sits at seat n.
    fn order(&mut self, order: Order) {
        self.deck.order(self.now, order, &mut self.sent);
    }

    fn open(&mut self, leg: u64, stream: Stream) {
        let slot = Slot { port: 10_000 + 2 * leg as u16, deck: 0, key: SrtpKey([0; 30]) };
        self.order(Order::Open { leg: LegId(leg), slot });
        self.order(Order::Set { leg: LegId(leg), stream, relearn: false });
    }

    fn hear(&mut self, leg: u64, source: Source) {
        self.order(Order::Hear { leg: LegId(leg), source });
    }

    fn call(one: Stream, two: Stream) -> Table {
        let mut table = Table::new();
        table.open(1, one);
        table.open(2, two);
        table.hear(1, Source::Leg(LegId(2)));
        table.hear(2, Source::Leg(LegId(1)));
        table
    }

    /// What leaves for the phone of `to` when the phone of `from` sends this; the sound of other legs is checked
    /// not to leave.
    fn sends(&mut self, from: u64, packet: &[u8]) -> Vec<Vec<u8>> {
        let mut buffer = [0; BUFFER];
        buffer[..packet.len()].copy_from_slice(packet);
        let (seat, length) = (from as u16, packet.len());
        let incoming = Incoming { seat, kind: Kind::Rtp, from: phone(from), buffer: &mut buffer, length };
        self.sent.packets.clear();
        self.deck.packet(self.now, incoming, &mut self.sent);
        self.sent.packets.drain(..).map(|(_, _, _, packet)| packet).collect()
    }

    fn packet(&mut self, from: u64, payload_type: u8, payload: &[u8]) -> Vec<u8> {
        let number = &mut self.numbers[from as usize];
        *number += 1;
        let (sequence, timestamp) = (*number, u32::from(*number) * 160);
        let mut packet = vec![0; HEADER];
        Stamp { marker: false, payload_type, sequence, timestamp, ssrc: from as u32 }.write(&mut packet);
        packet.extend_from_slice(payload);
        packet
    }

    fn says(&mut self, from: u64, payload_type: u8, payload: &[u8]) -> Vec<Vec<u8>> {
        let packet = self.packet(from, payload_type, payload);
        self.sends(from, &packet)
    }

    /// 20 ms later: what the deck itself sends.
    fn tick(&mut self) -> Vec<(u16, Kind, Vec<u8>)> {
        self.now = self.now + MS_20;
        self.sent.packets.clear();
        self.deck.tick(self.now, &mut self.sent);
        self.sent.packets.drain(..).map(|(seat, kind, _, packet)| (seat, kind, packet)).collect()
    }

    /// Sound packets that a leg is sent in so many ticks.
    fn plays(&mut self, leg: u64, ticks: usize) -> Vec<Vec<u8>> {
        let mut played = Vec::new();
        for _ in 0..ticks {
            let sent = self.tick().into_iter();
            played.extend(
                sent.filter(|(seat, kind, _)| *seat == leg as u16 && *kind == Kind::Rtp).map(|(_, _, packet)| packet),
            );
        }
        played
    }

    fn figures(&mut self, leg: u64) -> Figures {
        let seat = self.deck.seat_of(LegId(leg)).unwrap();
        self.deck.seats[usize::from(seat)].as_ref().unwrap().figures(self.now)
    }

    /// How often it was told how a leg is.
    fn told(&self, leg: u64) -> usize {
        let of_leg =
            |report: &&Report| matches!(report, Report::Figures(all) if all.iter().any(|(of, _)| *of == LegId(leg)));
        self.sent.reports.iter().filter(of_leg).count()
    }
}

fn header(packet: &[u8]) -> Header {
    Header::read(packet).unwrap()
}

/// A voice at 440 Hz in packets of 20 ms.
fn voice(choice: Choice, hz: f64, packets: usize) -> Vec<Vec<u8>> {
    let per_ms = rate(choice.codec);
    let sound: Vec<i16> = (0..packets * 20 * per_ms)
        .map(|n| (libm::sin(2.0 * PI * hz * n as f64 / per_ms as f64 / 1000.0) * 8000.0) as i16)
        .collect();
    let mut mouth = Mouth::default();
    let encode = |frame: &[i16]| {
        let mut payload = vec![0; 160];
        mouth.encode(choice.codec, frame, choice.codec, &mut [0; SAMPLES_MAX], &mut payload);
        payload
    };
    sound.chunks(20 * per_ms).map(encode).collect()
}

/// Share of the power of `hz` in what the packets carry, 0 to 1, after the first few.
fn share(packets: &[Vec<u8>], choice: Choice, hz: f64) -> f64 {
    let (mut ear, mut room, mut samples) = (Ear::default(), [0; SAMPLES_MAX], Vec::new());
    for packet in packets {
        assert_eq!(header(packet).payload_type, choice.payload);
        samples.extend_from_slice(ear.decode(choice.codec, &packet[HEADER..], &mut room));
    }
    let (tail, per_ms) = (&samples[samples.len() / 4..], rate(choice.codec));
    let (mut sine, mut cosine, mut all) = (0.0, 0.0, 1e-9);
    for (n, &sample) in tail.iter().enumerate() {
        let turn = 2.0 * PI * hz * n as f64 / per_ms as f64 / 1000.0;
        sine += f64::from(sample) * libm::sin(turn);
        cosine += f64::from(sample) * libm::cos(turn);
        all += f64::from(sample) * f64::from(sample);
    }
    2.0 * (sine * sine + cosine * cosine) / (tail.len() as f64 * all)
}

/// BOX-50: sound passes both ways with the numbers of the hearer's own stream.
#[test]
fn two_legs_hear_each_other() {
    let mut table = Table::call(stream(1, PCMA), stream(2, PCMA));
    let mut before: Option<Header> = None;
    for _ in 0..20 {
        let heard = table.says(1, 8, &[0x55; 160]);
        assert_eq!((heard.len(), &heard[0][HEADER..]), (1, &[0x55; 160][..]));
        let now = header(&heard[0]);
        if let Some(before) = before.replace(now) {
            assert_eq!(now.sequence, before.sequence.wrapping_add(1));
            assert_eq!(now.timestamp, before.timestamp.wrapping_add(160));
            assert_eq!(now.ssrc, before.ssrc);
        }
        assert_eq!(table.says(2, 8, &[0x44; 160])[0][HEADER..], [0x44; 160]);
    }
    assert_ne!(before.unwrap().ssrc, 1, "the SSRC is ours");
}

/// Issue: transcoding where the two phones differ, each pair.
#[test]
fn phones_with_different_codecs_hear_each_other() {
    for one in [PCMA, PCMU, G722] {
        for two in [PCMA, PCMU, G722] {
            let mut table = Table::call(stream(1, one), stream(2, two));
            let heard: Vec<Vec<u8>> =
                voice(one, 440.0, 50).iter().flat_map(|payload| table.says(1, one.payload, payload)).collect();
            assert_eq!(heard.len(), 50);
            let share = share(&heard, two, 440.0);
            assert!(share > 0.99, "{:?} to {:?}: {share}", one.codec, two.codec);
        }
    }
}

/// A phone may change among the codecs that it was offered.
#[test]
fn what_was_not_agreed_is_not_passed_on() {
    let both = Stream { take: vec![PCMA, PCMU], ..stream(1, PCMA) };
    let mut table = Table::call(both, stream(2, PCMA));
    assert_eq!(table.says(1, 0, &[0xFF; 160])[0][HEADER..], [0xD5; 160]);
    assert_eq!(table.says(1, 9, &[0; 160]).len(), 0);
    assert_eq!(table.says(1, 13, &[0; 1]).len(), 0);
}

/// BOX-46: a stranger is dropped and counted.
#[test]
fn a_stranger_is_not_heard() {
    let mut table = Table::call(stream(1, PCMA), stream(2, PCMA));
    table.says(1, 8, &[0x55; 160]);
    for _ in 0..3 {
        let packet = table.packet(1, 8, &[0x66; 160]);
        let mut buffer = [0; BUFFER];
        buffer[..172].copy_from_slice(&packet);
        let incoming = Incoming { seat: 1, kind: Kind::Rtp, from: phone(9), buffer: &mut buffer, length: 172 };
        table.sent.packets.clear();
        table.deck.packet(table.now, incoming, &mut table.sent);
        assert!(table.sent.packets.is_empty());
    }
    let figures = table.figures(1);
    assert_eq!((figures.strangers, figures.remote), (3, Some(phone(1))));
}

/// BOX-47: whoever carries on the stream of a secure phone from elsewhere has to pass its check, and then is it.
#[test]
fn a_secure_phone_that_moves_proves_itself() {
    let mut table = Table::call(Stream { srtp: Some(keys(1, 2)), ..stream(1, PCMA) }, stream(2, PCMA));
    let mut guard = Guard::new(keys(2, 1));
    let mut sends = |table: &mut Table, from: u64, forged: bool| {
        let mut buffer = [0; BUFFER];
        buffer[..172].copy_from_slice(&table.packet(1, 8, &[0x55; 160]));
        guard.protect(&mut buffer, 172).unwrap();
        buffer[20] ^= u8::from(forged);
        table.sent.packets.clear();
        let incoming = Incoming { seat: 1, kind: Kind::Rtp, from: phone(from), buffer: &mut buffer, length: 182 };
        table.deck.packet(table.now, incoming, &mut table.sent);
        !table.sent.packets.is_empty()
    };
    assert!(sends(&mut table, 1, false));
    table.now = table.now + Duration::from_secs(6);
    assert!(sends(&mut table, 1, false) && !sends(&mut table, 9, false), "the lock is shut");
    table.now = table.now + Duration::from_secs(2);
    assert!(!sends(&mut table, 9, true) && !sends(&mut table, 9, true));
    assert!(sends(&mut table, 9, false) && !sends(&mut table, 1, false));
    assert_eq!(table.figures(1).remote, Some(phone(9)));
}

/// Hold and resume: music, and the same stream goes on.
#[test]
fn music_takes_over_and_gives_back() {
    let mut table = Table::call(stream(1, PCMA), stream(2, G722));
    let before = header(&table.says(1, 8, &[0x55; 160])[0]);
    table.hear(2, Source::Music);
    let music = table.plays(2, 25);
    assert!(share(&music, G722, 1000.0) > 0.98);
    assert!(table.says(1, 8, &[0x55; 160]).is_empty());
    table.hear(2, Source::Leg(LegId(1)));
    table.now = table.now + MS_20;
    let after = header(&table.says(1, 8, &[0x55; 160])[0]);
    let numbers: Vec<Header> = music.iter().map(|packet| header(packet)).chain([after]).collect();
    let mut last = before;
    for (at, next) in numbers.iter().enumerate() {
        assert_eq!(next.sequence, last.sequence.wrapping_add(1));
        assert_eq!(next.timestamp, last.timestamp.wrapping_add(160), "packet {at}");
        assert_eq!(next.ssrc, before.ssrc);
        assert_eq!(next.marker, at == 0 || at == 25);
        last = *next;
    }
}

/// FEA-20: voice and digits come back, whatever the payload numbers are.
#[test]
fn the_echo_test_gives_back_voice_and_digits() {
    let odd = Stream {
        send: Choice { codec: Codec::Pcmu, payload: 0 },
        take: vec![Choice { codec: Codec::G722, payload: 120 }],
        event_send: Some(96),
        event_take: Some(101),
        ..stream(1, PCMU)
    };
    let mut table = Table::new();
    table.open(1, odd);
    table.hear(1, Source::Echo);
    let heard: Vec<Vec<u8>> = voice(G722, 440.0, 40).iter().flat_map(|payload| table.says(1, 120, payload)).collect();
    assert!(share(&heard, PCMU, 440.0) > 0.99);
    let event = Event { code: 7, end: true, duration: 800 }.write();
    let digit = table.says(1, 101, &event);
    assert_eq!((header(&digit[0]).payload_type, &digit[0][HEADER..]), (96, &event[..]));
}

/// Issue: DTMF relayed with the payload number of the hearer, told once.
#[test]
fn a_digit_passes_as_an_event() {
    let mut table = Table::call(stream(1, PCMA), Stream { event_send: Some(97), ..stream(2, PCMA) });
    for (end, ticks) in [(false, 160), (false, 320), (true, 480), (true, 480), (true, 480)] {
        let event = Event { code: 3, end, duration: ticks }.write();
        let mut packet = table.packet(1, 101, &event);
        packet[4..8].copy_from_slice(&9000u32.to_be_bytes());
        let heard = table.sends(1, &packet);
        assert_eq!((header(&heard[0]).payload_type, &heard[0][HEADER..]), (97, &event[..]));
    }
    assert_eq!(table.sent.reports, [Report::Digit { leg: LegId(1), digit: '3', ms: 60 }]);
}

/// Issue: where the hearer takes no events, it hears tones.
#[test]
fn a_digit_becomes_tones_for_a_phone_without_events() {
    let mut table = Table::call(stream(1, PCMA), Stream { event_send: None, ..stream(2, PCMA) });
    let event = Event { code: 3, end: true, duration: 1600 }.write();
    assert!(table.says(1, 101, &event).is_empty());
    let mut detector = Detector::default();
    let (mut ear, mut room) = (Ear::default(), [0; SAMPLES_MAX]);
    let found = table
        .plays(2, 20)
        .iter()
        .find_map(|packet| detector.hear(ear.decode(Codec::Pcma, &packet[HEADER..], &mut room)));
    // No packet follows the tones: their end shows in silence.
    let found = found.or_else(|| detector.hear(&[0; 320]));
    assert_eq!(found.map(|press| press.digit), Some('3'));
}

/// Issue: from in-band where a phone sends no events; the hearer gets an event and not the tones.
#[test]
fn tones_become_an_event_for_a_phone_with_events() {
    for choice in [PCMA, G722] {
        let mut table = Table::call(Stream { event_take: None, ..stream(1, choice) }, stream(2, PCMU));
        let mut chord = Chord::new('8', rate(choice.codec)).unwrap();
        let mut mouth = Mouth::default();
        for packet in 0..12 {
            let mut sound = vec![0; 20 * rate(choice.codec)];
            if packet < 8 {
                chord.fill(&mut sound);
            }
            let mut payload = [0; 160];
            mouth.encode(choice.codec, &sound, choice.codec, &mut [0; SAMPLES_MAX], &mut payload);
            let heard = table.says(1, choice.payload, &payload);
            if (2..8).contains(&packet) {
                assert_eq!(heard[0][HEADER..], [0xFF; 160], "{:?} packet {packet}", choice.codec);
            }
        }
        let [Report::Digit { leg: LegId(1), digit: '8', ms }] = table.sent.reports[..] else {
            panic!("{:?}: {:?}", choice.codec, table.sent.reports)
        };
        assert!((130..190).contains(&ms), "{ms}");
        let events: Vec<Event> = table
            .plays(2, 20)
            .iter()
            .filter(|packet| header(packet).payload_type == 101)
            .filter_map(|packet| Event::read(&packet[HEADER..]))
            .collect();
        assert_eq!(events.iter().filter(|event| event.code == 8 && event.end).count(), 3);
    }
}

/// A change of the agreement while a digit goes out: the rest of it is no packet of sound. RFC 3264 section 8.4: and
/// nothing goes to a phone that is on hold.
#[test]
fn a_digit_ends_with_what_was_agreed() {
    let mut table = Table::call(stream(1, PCMU), stream(2, PCMU));
    let press = Order::Digit { leg: LegId(2), digit: '5', ms: 200 };
    table.order(press.clone());
    assert_eq!(header(&table.plays(2, 1)[0]).payload_type, 101);
    let without = Stream { event_send: None, ..stream(2, PCMU) };
    table.order(Order::Set { leg: LegId(2), stream: without.clone(), relearn: false });
    assert!(table.plays(2, 20).is_empty());
    table.order(press.clone());
    assert!(table.plays(2, 1)[0].len() == HEADER + 160);
    table.order(Order::Set { leg: LegId(2), stream: Stream { hears: false, ..without }, relearn: false });
    table.order(press);
    assert!(table.plays(2, 20).is_empty());
}

/// An order for a digit (INFO of the other phone): it goes out with one timestamp, and sound waits for it.
#[test]
fn an_ordered_digit_goes_out() {
    let mut table = Table::call(stream(1, PCMA), stream(2, PCMA));
    table.says(1, 8, &[0x55; 160]);
    table.order(Order::Digit { leg: LegId(2), digit: '5', ms: 100 });
    let packets = table.plays(2, 10);
    let times: Vec<u32> = packets.iter().map(|packet| header(packet).timestamp).collect();
    assert_eq!((packets.len(), times.iter().all(|time| *time == times[0])), (7, true));
    assert!(header(&packets[0]).marker && packets.iter().all(|packet| header(packet).payload_type == 101));
    let numbers: Vec<u16> =
        packets.iter().map(|packet| header(packet).sequence.wrapping_sub(header(&packets[0]).sequence)).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(table.says(1, 8, &[0x55; 160]).len(), 1);
}

#[test]
fn phrases_are_played_and_told() {
    let mut table = Table::new();
    table.open(1, stream(1, PCMU));
    table.hear(1, Source::Play(["en/hello", "en/unheard_of"].map(|name| Sound::Phrase(name.into())).to_vec()));
    let played = table.plays(1, 5);
    assert!(share(&played, PCMU, 600.0) > 0.99);
    let told = table.sent.reports.iter().filter(|report| **report == Report::Played { leg: LegId(1) }).count();
    assert_eq!(told, 1);
    assert_eq!(table.plays(1, 1)[0][HEADER..], [0xFF; 160], "silence follows");
}

#[test]
fn tones_are_played_in_packets_of_the_phones_length() {
    for (ptime_ms, packets, bytes) in [(10, 12, 80), (20, 6, 160), (30, 4, 240), (60, 2, 480)] {
        let mut table = Table::new();
        table.open(1, Stream { ptime_ms, ..stream(1, PCMA) });
        table.hear(1, Source::Tone(Tone::Ringback));
        let played = table.plays(1, 6);
        assert_eq!((played.len(), played[0].len() - HEADER), (packets, bytes), "{ptime_ms} ms");
        assert!(share(&played, PCMA, 425.0) > 0.98);
    }
}

/// A phone that holds is sent nothing; what it sends although it said it would not is not passed on.
#[test]
fn who_does_not_hear_is_sent_nothing() {
    let mut table = Table::call(stream(1, PCMA), Stream { hears: false, speaks: false, ..stream(2, PCMA) });
    assert!(table.says(1, 8, &[0x55; 160]).is_empty());
    assert!(table.says(2, 8, &[0x55; 160]).is_empty());
    table.hear(2, Source::Music);
    assert!(table.plays(2, 5).is_empty());
}

/// Orders come in any order.
#[test]
fn a_leg_may_hear_one_that_is_not_there_yet() {
    let mut table = Table::new();
    table.open(1, stream(1, PCMA));
    table.hear(1, Source::Leg(LegId(2)));
    table.order(Order::Close { leg: LegId(7) });
    table.order(Order::Digit { leg: LegId(7), digit: '1', ms: 100 });
    table.open(2, stream(2, PCMA));
    assert_eq!(table.says(2, 8, &[0x55; 160]).len(), 1);
    table.order(Order::Close { leg: LegId(1) });
    assert!(matches!(table.sent.reports[..], [Report::Closed { leg: LegId(1), .. }]));
    assert!(table.says(2, 8, &[0x55; 160]).is_empty());
}

fn keys(ours: u8, theirs: u8) -> Srtp {
    Srtp { suite: Suite::AesCm128HmacSha1_80, ours: SrtpKey([ours; 30]), theirs: SrtpKey([theirs; 30]) }
}

/// DSK-341, DSK-342: each leg on its own; what fails the check is dropped and counted, and the call goes on.
#[test]
fn a_secure_leg_and_a_plain_one_hear_each_other() {
    let mut table = Table::call(Stream { srtp: Some(keys(1, 2)), ..stream(1, PCMA) }, stream(2, PCMU));
    let mut guard = Guard::new(keys(2, 1));
    for _ in 0..3 {
        let mut packet = table.packet(1, 8, &[0xD5; 160]);
        packet.resize(182, 0);
        guard.protect(&mut packet, 172).unwrap();
        let mut forged = packet.clone();
        forged[20] ^= 1;
        assert!(table.sends(1, &forged).is_empty());
        assert_eq!(table.sends(1, &packet)[0][HEADER..], [0xFE; 160], "the lowest step of each law");
        let mut heard = table.says(2, 0, &[0xFF; 160]).remove(0);
        assert_eq!(heard.len(), 182);
        assert_eq!(guard.unprotect(&mut heard, 182), Some(172));
        assert_eq!(heard[HEADER..172], [0xD5; 160]);
    }
    let figures = table.figures(1);
    assert_eq!((figures.unproven, figures.packets_received), (3, 3));
}

/// RFC 3711 section 9.1: sound that goes in the clear for a while begins no count again.
#[test]
fn a_leg_that_is_plain_for_a_while_keeps_its_count() {
    let secure = Stream { srtp: Some(keys(1, 2)), ..stream(1, PCMA) };
    let mut table = Table::call(secure.clone(), stream(2, PCMA));
    let mut guard = Guard::new(keys(2, 1));
    let mut opens = |table: &mut Table| {
        // So that the numbers wrap soon.
        table.numbers[2] = table.numbers[2].wrapping_add(2_900);
        let mut heard = table.says(2, 8, &[0x55; 160]).remove(0);
        let length = heard.len();
        guard.unprotect(&mut heard, length) == Some(172)
    };
    assert!((0..30).all(|_| opens(&mut table)));
    table.order(Order::Set { leg: LegId(1), stream: stream(1, PCMA), relearn: false });
    assert_eq!(table.says(2, 8, &[0x55; 160])[0].len(), 172);
    table.order(Order::Set { leg: LegId(1), stream: secure, relearn: false });
    assert!(opens(&mut table));
}

/// BOX-121, BOX-123
#[test]
fn figures_tell_how_the_sound_is() {
    let mut table = Table::call(stream(1, PCMA), stream(2, PCMA));
    for second in 0..7 {
        for packet in 0..50 {
            let payload = [if second == 0 { 0x2A } else { 0xD5 }; 160];
            let packet = if packet == 10 {
                table.packet(1, 8, &payload);
                continue;
            } else {
                table.packet(1, 8, &payload)
            };
            table.sends(1, &packet);
            table.tick();
        }
    }
    let figures = table.figures(1);
    assert_eq!((figures.codec, figures.packets_received, figures.lost), (Some(Codec::Pcma), 343, 7));
    assert!(figures.mos.unwrap() < 4.3 && figures.silent && !figures.missing, "{figures:?}");
    let other = table.figures(2);
    assert!(other.missing && other.mos.is_none(), "{other:?}");
}

/// BOX-123: what stays as it is is told now and then, what changes or stops each second.
#[test]
fn only_news_of_a_leg_is_told() {
    let mut table = Table::call(stream(1, PCMA), stream(2, PCMA));
    let talks = |table: &mut Table, loud: u8, seconds: usize| {
        let before = table.told(1);
        for _ in 0..seconds * 50 {
            table.says(1, 8, &[loud; 160]);
            table.tick();
        }
        table.told(1) - before
    };
    talks(&mut table, 0x11, 6);
    assert_eq!(talks(&mut table, 0x11, 20), 2);
    assert_eq!(talks(&mut table, 0x51, 1), 1, "another level");
    let before = table.told(1);
    for _ in 0..10 * 50 {
        table.tick();
    }
    assert!((9..=10).contains(&(table.told(1) - before)), "nothing comes: {}", table.told(1) - before);
}

/// RFC 3550 section 6: each leg is told about its own sound.
#[test]
fn reports_go_to_each_leg() {
    let mut table = Table::call(stream(1, PCMA), stream(2, PCMA));
    let mut reports = Vec::new();
    for _ in 0..600 {
        table.says(1, 8, &[0x55; 160]);
        reports.extend(table.tick().into_iter().filter(|(_, kind, _)| *kind == Kind::Rtcp));
    }
    let of = |seat: u16, kind: u8| reports.iter().filter(|(to, _, packet)| *to == seat && packet[1] == kind).count();
    assert!((2..=4).contains(&of(1, 201)), "receiver reports to who is sent nothing");
    assert!((2..=4).contains(&of(2, 200)), "sender reports to who is sent sound");
}

/// IVR-9, IVR-10, MED-12: prompts of the office, with gaps between them, each 20 ms as they come from the disk.
#[test]
fn media_files_are_played_with_pauses() {
    let (shelf, asked) = shelf();
    let mut table = Table::with(sounds().with_shelf(shelf));
    table.open(1, stream(1, PCMA));
    let sounds = [Sound::Media(7), Sound::Pause { ms: 60 }, Sound::Phrase("en/hello".into()), Sound::Tone(Tone::Beep)];
    table.hear(1, Source::Play(sounds.to_vec()));
    assert_eq!(table.plays(1, 1)[0][HEADER..], [0xD5; 160], "nothing has come from the disk");
    let wanted = asked.recv().unwrap();
    assert_eq!((wanted.title, wanted.round), (Title::Media(7), false));
    wanted.blocks.send((0..480).map(|_| 8_000).collect()).unwrap();
    drop(wanted);
    let loud = |packets: Vec<Vec<u8>>| packets.iter().map(|packet| packet[HEADER + 80] != 0xD5).collect::<Vec<_>>();
    assert_eq!(loud(table.plays(1, 6)), [true, true, true, false, false, false]);
    assert!(share(&table.plays(1, 5), PCMA, 600.0) > 0.99);
    assert!(share(&table.plays(1, 15), PCMA, 1000.0) > 0.99);
    assert_eq!(table.sent.reports, []);
    table.plays(1, 5);
    assert_eq!(table.sent.reports, [Report::Played { leg: LegId(1) }]);
}

/// MED-13, GRP-47: music of the office goes round, at either rate, and that of the program takes over where it is gone.
#[test]
fn music_of_the_office_is_played() {
    for choice in [PCMU, G722] {
        let (shelf, asked) = shelf();
        let mut table = Table::with(sounds().with_shelf(shelf));
        table.open(1, stream(1, choice));
        table.hear(1, Source::MusicOf(9));
        let wanted = asked.recv().unwrap();
        assert!(wanted.round);
        let wave = |n: usize| (libm::sin(2.0 * PI * 0.44 * n as f64 / 8.0) * 8000.0) as i16;
        wanted.blocks.send((0..8_000).map(wave).collect()).unwrap();
        assert!(share(&table.plays(1, 50), choice, 440.0) > 0.98, "{choice:?}");
        // Nor is it there when its turn comes again.
        drop((wanted, asked));
        table.plays(1, 2);
        assert!(share(&table.plays(1, 25), choice, 1000.0) > 0.98, "{choice:?}");
        assert_eq!(table.sent.reports.iter().filter(|report| matches!(report, Report::Played { .. })).count(), 0);
    }
}

fn shelf() -> (Shelf, crossbeam_channel::Receiver<Wanted>) {
    let (wanted, asked) = crossbeam_channel::unbounded();
    (Shelf::new(wanted), asked)
}
