//! The machine of one sound thread: packets, orders and the time go in, packets and reports come out.

use super::{
    codec::{self, SAMPLES_MAX, Samples},
    leg::{Leg, Taken, What},
    order::{Order, Report, Source},
    rtp::{HEADER, PACKET_MAX, TRAILER_MAX},
    sounds::Sounds,
};
use crate::{
    chance::{Chance, Seed},
    sdp::LegId,
    time::Uptime,
};
use std::{collections::BTreeMap, net::SocketAddr, ops::RangeInclusive, sync::Arc};

/// What a buffer for packets must hold: the longest packet and what SRTP puts behind it.
pub const BUFFER: usize = PACKET_MAX + TRAILER_MAX;
/// Ticks in a second; each is 20 ms.
const TICKS: u64 = 50;

/// Which port of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Rtp,
    Rtcp,
}

/// Where a deck's packets and reports go.
pub trait Out {
    /// From the leg's own port, so that a phone behind a router hears it (BOX-45).
    fn send(&mut self, seat: u16, kind: Kind, to: SocketAddr, packet: &[u8]);
    fn report(&mut self, report: Report);
}

/// Legs by seat: the seat of a leg is the place of its port pair in the range.
pub struct Deck {
    first_port: u16,
    seats: Vec<Option<Box<Leg>>>,
    legs: BTreeMap<LegId, u16>,
    hears: BTreeMap<LegId, LegId>,
    sounds: Arc<Sounds>,
    chance: Chance,
    room: Box<Room>,
    ticks: u64,
}

/// Room to work in, so that no packet asks for memory.
struct Room {
    samples: Samples,
    between: Samples,
    spare: [u8; BUFFER],
}

impl Deck {
    pub fn new(ports: &RangeInclusive<u16>, sounds: Arc<Sounds>, seed: Seed) -> Deck {
        let first_port = ports.start().next_multiple_of(2);
        let seats = (usize::from(*ports.end()) + 1).saturating_sub(usize::from(first_port)) / 2;
        Deck {
            first_port,
            seats: (0..seats).map(|_| None).collect(),
            legs: BTreeMap::new(),
            hears: BTreeMap::new(),
            sounds,
            chance: Chance::new(seed),
            room: Box::new(Room { samples: [0; SAMPLES_MAX], between: [0; SAMPLES_MAX], spare: [0; BUFFER] }),
            ticks: 0,
        }
    }

    /// The seat of a port, if it is in the range.
    pub fn seat(&self, port: u16) -> Option<u16> {
        let seat = port.checked_sub(self.first_port)? / 2;
        (usize::from(seat) < self.seats.len()).then_some(seat)
    }

    pub fn port(&self, seat: u16) -> u16 {
        self.first_port + 2 * seat
    }

    pub fn seats(&self) -> u16 {
        self.seats.len() as u16
    }

    pub fn seat_of(&self, leg: LegId) -> Option<u16> {
        self.legs.get(&leg).copied()
    }

    /// Carries out an order; what names a leg that is not open is left.
    pub fn order(&mut self, now: Uptime, order: Order, out: &mut impl Out) {
        match order {
            Order::Open { leg, slot } => {
                let Some(seat) = self.seat(slot.port) else { return };
                self.seats[usize::from(seat)] = Some(Box::new(Leg::new(leg, seat, slot, &mut self.chance)));
                self.legs.insert(leg, seat);
                let waiting: Vec<LegId> =
                    self.hears.iter().filter(|(_, speaker)| **speaker == leg).map(|(hearer, _)| *hearer).collect();
                waiting.into_iter().for_each(|hearer| self.join(hearer, leg));
            }
            Order::Set { leg, stream, relearn } => {
                if let Some(leg) = self.leg(leg) {
                    leg.set(now, stream, relearn);
                }
            }
            Order::Hear { leg, source } => {
                self.part(leg);
                let speaker = match source {
                    Source::Leg(other) => other,
                    Source::Echo => leg,
                    _ => return,
                };
                self.hears.insert(leg, speaker);
                self.join(leg, speaker);
            }
            Order::Digit { .. } => {}
            Order::Close { leg } => self.close(now, leg, out),
        }
    }

    fn close(&mut self, now: Uptime, id: LegId, out: &mut impl Out) {
        self.part(id);
        let Some(seat) = self.legs.remove(&id) else { return };
        if let Some(leg) = self.seats[usize::from(seat)].take() {
            out.report(Report::Closed { leg: id, figures: leg.figures(now) });
        }
    }

    fn leg(&mut self, id: LegId) -> Option<&mut Leg> {
        let seat = *self.legs.get(&id)?;
        self.seats[usize::from(seat)].as_deref_mut()
    }

    /// Writes down with the speaker who hears it, if both are open.
    fn join(&mut self, hearer: LegId, speaker: LegId) {
        let Some(&seat) = self.legs.get(&hearer) else { return };
        if let Some(leg) = self.leg(speaker)
            && !leg.hearers.contains(&seat)
        {
            let _ = leg.hearers.push(seat);
        }
    }

    fn part(&mut self, hearer: LegId) {
        let Some(speaker) = self.hears.remove(&hearer) else { return };
        let Some(&seat) = self.legs.get(&hearer) else { return };
        if let Some(leg) = self.leg(speaker) {
            leg.hearers.retain(|&other| other != seat);
        }
    }

    /// Takes what came on a port: `length` bytes in a buffer of at least `BUFFER`.
    pub fn packet(
        &mut self,
        now: Uptime,
        seat: u16,
        kind: Kind,
        from: SocketAddr,
        buffer: &mut [u8],
        length: usize,
        out: &mut impl Out,
    ) {
        let Some(Some(leg)) = self.seats.get_mut(usize::from(seat)) else { return };
        if kind == Kind::Rtcp {
            return;
        }
        let Some(taken) = leg.take(now, from, buffer, length) else { return };
        if let What::Voice(codec) = taken.what {
            leg.measure(codec, &buffer[HEADER..taken.length], &mut self.room.samples);
        }
        let (speaker, hearers) = (leg.id, leg.hearers.clone());
        if let Some((&last, others)) = hearers.split_last() {
            for &hearer in others {
                let mut spare = self.room.spare;
                spare[..taken.length].copy_from_slice(&buffer[..taken.length]);
                self.pass(now, seat, speaker, hearer, &taken, &mut spare, out);
            }
            self.pass(now, seat, speaker, last, &taken, buffer, out);
        }
    }

    /// Gives a packet to one who hears it.
    fn pass(
        &mut self,
        now: Uptime,
        speaking: u16,
        speaker: LegId,
        hearing: u16,
        taken: &Taken,
        packet: &mut [u8],
        out: &mut impl Out,
    ) {
        let mut ear = self.seats[usize::from(speaking)].as_mut().and_then(|leg| leg.ear.take());
        if let Some(leg) = &mut self.seats[usize::from(hearing)] {
            if !leg.hears() {
                leg.out.pause();
            } else if let Some(agreed) = &leg.agreed {
                let send = agreed.stream.send;
                let payload_type = match taken.what {
                    What::Event => agreed.stream.event_send,
                    What::Voice(codec) => {
                        let payload = &mut packet[HEADER..taken.length];
                        if codec != send.codec
                            && !codec::swap_law(codec, send.codec, payload)
                            && let Some(ear) = &mut ear
                        {
                            let samples = ear.decode(codec, payload, &mut self.room.samples);
                            leg.mouth.encode(codec, samples, send.codec, &mut self.room.between, payload);
                        }
                        Some(send.payload)
                    }
                };
                if let Some(payload_type) = payload_type
                    && let Some(next) = leg.out.follow(now, speaker, &taken.header)
                {
                    leg.send(next, payload_type, packet, taken.length, out);
                }
            }
        }
        if let Some(leg) = &mut self.seats[usize::from(speaking)] {
            leg.ear = ear;
        }
    }

    /// Each 20 ms: what the deck makes itself, and once a second how each leg is.
    pub fn tick(&mut self, now: Uptime, out: &mut impl Out) {
        self.ticks += 1;
        for &seat in self.legs.values() {
            let Some(leg) = &mut self.seats[usize::from(seat)] else { continue };
            if leg.agreed.is_some() && self.ticks % TICKS == u64::from(seat) % TICKS {
                leg.close_second(now);
                out.report(Report::Figures { leg: leg.id, figures: leg.figures(now) });
            }
        }
    }
}
