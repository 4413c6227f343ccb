//! Several legs heard at once: measured by a tone for each.

use super::*;
use crate::audio::{codec::g711::SILENCE_A, leg::HEARERS_MAX};

const PACKETS: usize = 50;
const HZ: [f64; 3] = [440.0, 1000.0, 1700.0];

/// Legs 1 to 3 speak a tone each for a second; what each of them was sent meanwhile.
fn all_speak(table: &mut Table, choices: [Choice; 3]) -> [Vec<Vec<u8>>; 3] {
    let said: Vec<_> = choices.iter().zip(HZ).map(|(&choice, hz)| voice(choice, hz, PACKETS)).collect();
    let mut heard: [Vec<Vec<u8>>; 3] = Default::default();
    for turn in 0..PACKETS {
        for (leg, (choice, said)) in choices.iter().zip(&said).enumerate() {
            let packet = table.packet(leg as u64 + 1, choice.payload, &said[turn]);
            let mut buffer = [0; BUFFER];
            buffer[..packet.len()].copy_from_slice(&packet);
            let (from, length) = (leg as u64 + 1, packet.len());
            let incoming =
                Incoming { seat: from as u16, kind: Kind::Rtp, from: phone(from), buffer: &mut buffer, length };
            table.deck.packet(table.now, incoming, &mut table.sent);
        }
        table.now = table.now + MS_20;
        table.deck.tick(table.now, &mut table.sent);
        for (seat, kind, _, packet) in table.sent.packets.drain(..) {
            if kind == Kind::Rtp {
                heard[usize::from(seat) - 1].push(packet);
            }
        }
    }
    heard
}

/// Opens legs 1 to 3.
fn three(choices: [Choice; 3]) -> Table {
    let mut table = Table::new();
    (1..).zip(choices).for_each(|(leg, choice)| table.open(leg, stream(leg, choice)));
    table
}

fn legs<const N: usize>(ids: [u64; N]) -> Source {
    Source::Legs(ids.map(LegId).to_vec())
}

/// Which of the three tones a leg hears.
fn tones(heard: &[Vec<u8>], choice: Choice) -> [bool; 3] {
    HZ.map(|hz| {
        let share = share(heard, choice, hz);
        let heard = share > 0.2;
        assert!(heard || share < 0.001, "{hz} Hz: {share}");
        heard
    })
}

#[test]
fn each_of_three_hears_the_others_and_not_itself() {
    for choices in [[PCMA, PCMA, PCMA], [PCMA, PCMU, G722], [G722, G722, PCMU]] {
        let mut table = three(choices);
        table.hear(1, legs([2, 3]));
        table.hear(2, legs([1, 3]));
        table.hear(3, legs([1, 2]));
        let heard = all_speak(&mut table, choices);
        for leg in 0..3 {
            assert_eq!(heard[leg].len(), 50, "a packet each 20 ms");
            let mut expected = [true; 3];
            expected[leg] = false;
            assert_eq!(tones(&heard[leg], choices[leg]), expected, "leg {} of {choices:?}", leg + 1);
        }
    }
}

/// A leader (3) speaks to the agent (2) only: the customer (1) hears the agent's packets as they come.
#[test]
fn a_whisper_reaches_only_one() {
    let mut table = three([PCMA; 3]);
    table.hear(1, Source::Leg(LegId(2)));
    table.hear(2, legs([1, 3]));
    table.hear(3, legs([1, 2]));
    let heard = all_speak(&mut table, [PCMA; 3]);
    assert_eq!(tones(&heard[0], PCMA), [false, true, false]);
    assert_eq!(tones(&heard[1], PCMA), [true, false, true]);
    assert_eq!(tones(&heard[2], PCMA), [true, true, false]);
}

#[test]
fn who_leaves_is_heard_no_more_nor_is_who_takes_the_seat() {
    let mut table = three([PCMA; 3]);
    table.hear(1, legs([2, 3]));
    all_speak(&mut table, [PCMA; 3]);
    table.order(Order::Close { leg: LegId(3) });
    let slot = Slot { port: 10_006, deck: 0, key: SrtpKey([0; 30]) };
    table.order(Order::Open { leg: LegId(9), slot });
    table.order(Order::Set { leg: LegId(9), stream: stream(3, PCMA), relearn: false });
    table.hear(2, legs([9]));
    let heard = all_speak(&mut table, [PCMA; 3]);
    assert_eq!(tones(&heard[0], PCMA), [false, true, false]);
    assert_eq!(tones(&heard[1], PCMA), [false, false, true], "the new one is heard by whom it is meant for");
}

#[test]
fn nobody_keeps_a_voice_that_nobody_mixes() {
    let mut table = three([PCMA; 3]);
    let voices = |table: &Table| [1, 2, 3].map(|seat: usize| table.deck.seats[seat].as_ref().unwrap().voice.is_some());
    table.hear(1, legs([2, 3]));
    table.hear(2, legs([3]));
    assert_eq!(voices(&table), [false, true, true]);
    table.hear(1, Source::Leg(LegId(2)));
    assert_eq!(voices(&table), [false, false, true]);
    table.hear(2, Source::Silence);
    assert_eq!(voices(&table), [false; 3]);
}

/// Whoever opens later, or comes from another deck, is mixed as was asked before.
#[test]
fn a_mix_waits_for_those_who_come() {
    let mut table = three([PCMA; 3]);
    let (leg, hears) = table.deck.leave(LegId(3)).unwrap();
    assert!(hears.is_none());
    table.hear(1, legs([2, 3]));
    table.deck.arrive(leg, hears);
    let heard = all_speak(&mut table, [PCMA; 3]);
    assert_eq!(tones(&heard[0], PCMA), [false, true, true]);
    let (leg, hears) = table.deck.leave(LegId(1)).unwrap();
    table.deck.arrive(leg, hears);
    let heard = all_speak(&mut table, [PCMA; 3]);
    assert_eq!(tones(&heard[0], PCMA), [false, true, true], "it hears the same");
}

#[test]
fn packets_of_a_mix_are_as_long_as_the_phone_wants_them() {
    for (ptime_ms, count, length) in [(10, 100, 80), (30, 33, 240), (60, 16, 480)] {
        let mut table = three([PCMA; 3]);
        table.order(Order::Set { leg: LegId(1), stream: Stream { ptime_ms, ..stream(1, PCMA) }, relearn: false });
        table.hear(1, legs([2, 3]));
        let heard = all_speak(&mut table, [PCMA; 3]);
        assert_eq!(heard[0].len(), count);
        assert!(heard[0].iter().all(|packet| packet.len() == HEADER + length));
        assert_eq!(tones(&heard[0], PCMA), [false, true, true], "{ptime_ms} ms");
    }
}

/// More hear one leg than get its packets as they are: nobody hears nothing.
#[test]
fn as_many_hear_one_as_want_to() {
    let mut table = Table::new();
    let hearers: Vec<u64> = (2..=2 + HEARERS_MAX as u64).collect();
    (1..=1).chain(hearers.clone()).for_each(|leg| table.open(leg, stream(leg, PCMA)));
    hearers.iter().for_each(|leg| table.hear(*leg, Source::Leg(LegId(1))));
    let mut heard: Vec<Vec<Vec<u8>>> = vec![Vec::new(); hearers.len()];
    for said in voice(PCMA, HZ[0], PACKETS) {
        let packet = table.packet(1, PCMA.payload, &said);
        let mut buffer = [0; BUFFER];
        buffer[..packet.len()].copy_from_slice(&packet);
        let incoming = Incoming { seat: 1, kind: Kind::Rtp, from: phone(1), buffer: &mut buffer, length: packet.len() };
        table.deck.packet(table.now, incoming, &mut table.sent);
        table.now = table.now + MS_20;
        table.deck.tick(table.now, &mut table.sent);
        let rtp = |(seat, kind, ..): &(u16, Kind, SocketAddr, Vec<u8>)| *kind == Kind::Rtp && *seat > 1;
        for (seat, _, _, packet) in table.sent.packets.drain(..).filter(rtp) {
            heard[usize::from(seat) - 2].push(packet);
        }
    }
    for (heard, leg) in heard.iter().zip(hearers) {
        assert_eq!((heard.len(), tones(heard, PCMA)), (PACKETS, [true, false, false]), "leg {leg}");
    }
}

#[test]
fn where_nobody_speaks_there_is_silence() {
    let mut table = three([PCMA; 3]);
    table.hear(1, legs([2, 3]));
    let played = table.plays(1, 50);
    assert_eq!(played.len(), 50);
    assert!(played.iter().all(|packet| packet[HEADER..].iter().all(|&byte| byte == SILENCE_A)));
}
