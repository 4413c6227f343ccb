//! The machine of one sound thread: packets, orders and the time go in, packets and reports come out.

mod pass;
mod record;
mod seats;
#[cfg(test)]
mod tests;

use super::{
    codec::{SAMPLES_MAX, Samples},
    dtmf::Press,
    leg::{Leg, Plays},
    order::{Order, Report, Sound, Source},
    player::{Piece, Player, feed::Title},
    recorder::{Desk, Log},
    rtp::{PACKET_MAX, TRAILER_MAX},
    sounds::Sounds,
};
use crate::{
    chance::{Chance, Seed},
    sdp::LegId,
    time::Uptime,
};
use seats::Seats;
use std::{collections::BTreeMap, net::SocketAddr, ops::RangeInclusive, sync::Arc};

/// What a buffer for packets must hold: the longest packet and what SRTP puts behind it.
pub const BUFFER: usize = PACKET_MAX + TRAILER_MAX;
/// Ticks in a second; each is 20 ms.
const TICKS: u64 = 50;
/// Ticks after which what was recorded is handed over.
const HAND_OVER: u64 = 5;
/// Times a second that some of the legs send RTCP.
const TURNS: u64 = 2;
/// Presses with a lost end that one tick tells of.
const PRESSES: usize = 8;

/// Which port of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Rtp,
    Rtcp,
}

/// Where a deck's packets, reports and recorded sound go.
pub trait Out: Desk {
    /// From the leg's own port, so that a phone behind a router hears it (BOX-45).
    fn send(&mut self, seat: u16, kind: Kind, to: SocketAddr, packet: &[u8]);
    fn report(&mut self, report: Report);
}

/// A packet as it came: `length` bytes at the beginning of a buffer of at least `BUFFER`.
pub struct Incoming<'a> {
    pub seat: u16,
    pub kind: Kind,
    pub from: SocketAddr,
    pub buffer: &'a mut [u8],
    pub length: usize,
}

/// What a leg hears of other legs.
#[derive(Clone, Debug)]
pub enum Hears {
    /// The packets of one, as they come.
    Leg(LegId),
    /// A mix of several.
    Mix(Vec<LegId>),
}

impl Hears {
    fn legs(&self) -> &[LegId] {
        match self {
            Hears::Leg(speaker) => std::slice::from_ref(speaker),
            Hears::Mix(speakers) => speakers,
        }
    }
}

/// The legs at their seats.
pub type Seated = [Option<Box<Leg>>];

/// Legs by seat: the seat of a leg is the place of its port pair in the range.
pub struct Deck {
    first_port: u16,
    seats: Box<Seated>,
    legs: BTreeMap<LegId, u16>,
    /// Legs for which each tick has something to do: of most, packets are passed on and that is all.
    active: Seats,
    /// Of these, others hear a mix.
    voices: Seats,
    /// Legs that are recorded.
    tapped: Seats,
    /// Who hears whom, also of legs that are not open yet.
    hears: BTreeMap<LegId, Hears>,
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
    log: Log,
}

impl Deck {
    pub fn new(ports: &RangeInclusive<u16>, sounds: Arc<Sounds>, seed: Seed) -> Deck {
        let first_port = ports.start().next_multiple_of(2);
        let seats = (usize::from(*ports.end()) + 1).saturating_sub(usize::from(first_port)) / 2;
        Deck {
            first_port,
            seats: (0..seats).map(|_| None).collect(),
            legs: BTreeMap::new(),
            active: Seats::new(seats),
            voices: Seats::new(seats),
            tapped: Seats::new(seats),
            hears: BTreeMap::new(),
            sounds,
            chance: Chance::new(seed),
            room: Box::new(Room {
                samples: [0; SAMPLES_MAX],
                between: [0; SAMPLES_MAX],
                spare: [0; BUFFER],
                log: Log::default(),
            }),
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

    pub fn at(&self, seat: u16) -> Option<&Leg> {
        self.seats.get(usize::from(seat))?.as_deref()
    }

    /// Carries out an order; one that names a leg that is not open is left.
    pub fn order(&mut self, now: Uptime, order: Order, out: &mut impl Out) {
        match order {
            Order::Open { leg, slot } => {
                let Some(seat) = self.seat(slot.port) else { return };
                let leg = Leg::new(now, leg, seat, &mut self.chance);
                self.sit(Box::new(leg));
            }
            Order::Set { leg, stream, relearn } => {
                if let Some(leg) = self.leg(leg) {
                    leg.set(now, stream, relearn);
                }
            }
            Order::Hear { leg, source } => self.hear(leg, source),
            Order::Digit { leg, digit, ms } => {
                if let Some(leg) = self.leg(leg) {
                    leg.keypad.press(Press { digit, ms });
                    let seat = leg.seat;
                    self.active.add(seat);
                }
            }
            Order::Close { leg } => self.close(now, leg, out),
            Order::Record { recording, left, right, .. } => self.record(recording, &[left, right].concat()),
            Order::Take { leg, recording } => self.record(recording, &[leg]),
            // Told by the times of packets and of the pause.
            Order::PauseRecording { .. } | Order::ResumeRecording { .. } => {}
            Order::StopRecording { recording } => self.stop_recording(now, recording, out),
        }
    }

    fn sit(&mut self, leg: Box<Leg>) {
        let (id, seat) = (leg.id, leg.seat);
        self.seats[usize::from(seat)] = Some(leg);
        self.legs.insert(id, seat);
        self.active.add(seat);
        self.tap_arrives(seat);
        let waiting: Vec<LegId> =
            self.hears.iter().filter(|(_, hears)| hears.legs().contains(&id)).map(|(hearer, _)| *hearer).collect();
        waiting.into_iter().for_each(|hearer| self.join(hearer, id));
    }

    /// A leg goes to another deck: what it is, whatever it plays and hears. Who hears it here hears nothing meanwhile.
    pub fn leave(&mut self, id: LegId) -> Option<(Box<Leg>, Option<Hears>)> {
        let hears = self.hears.get(&id).cloned();
        self.part(id);
        self.fall_silent(id);
        let seat = self.legs.remove(&id)?;
        let mut leg = self.seats[usize::from(seat)].take()?;
        leg.hearers.clear();
        leg.voice = None;
        self.tap_leaves(&leg);
        Some((leg, hears))
    }

    /// A leg comes from another deck, to the same seat.
    pub fn arrive(&mut self, leg: Box<Leg>, hears: Option<Hears>) {
        if usize::from(leg.seat) < self.seats.len() {
            let id = leg.id;
            self.sit(leg);
            hears.into_iter().for_each(|hears| self.follow(id, hears));
        }
    }

    fn hear(&mut self, hearer: LegId, source: Source) {
        self.part(hearer);
        let follows = match &source {
            Source::Leg(speaker) => Some(Hears::Leg(*speaker)),
            Source::Echo => Some(Hears::Leg(hearer)),
            Source::Legs(speakers) => Some(Hears::Mix(speakers.clone())),
            Source::Silence | Source::Music | Source::MusicOf(_) | Source::Tone(_) | Source::Play(_) => None,
        };
        let plays = self.plays(source);
        if let Some(leg) = self.leg(hearer) {
            leg.play(plays);
            let seat = leg.seat;
            self.active.add(seat);
        }
        follows.into_iter().for_each(|follows| self.follow(hearer, follows));
    }

    fn plays(&self, source: Source) -> Plays {
        let Sounds { music, shelf, .. } = &*self.sounds;
        let music = || music.iter().cloned().map(Piece::clip);
        match source {
            Source::Leg(_) | Source::Echo => Plays::Nothing,
            Source::Legs(_) => Plays::Mix(Box::default()),
            Source::Silence => Plays::Silence,
            Source::Music => Plays::Music(Player::round(music().collect(), shelf)),
            Source::MusicOf(media) => {
                Plays::Music(Player::round([Piece::music(media)].into_iter().chain(music()).collect(), shelf))
            }
            Source::Tone(tone) => Plays::Music(Player::round(vec![Piece::clip(self.sounds.tone(tone))], shelf)),
            Source::Play(sounds) => {
                let pieces = sounds.into_iter().filter_map(|sound| self.piece(sound)).collect();
                Plays::Sounds(Player::once(pieces, shelf))
            }
        }
    }

    fn piece(&self, sound: Sound) -> Option<Piece> {
        match sound {
            Sound::Phrase(name) => self.sounds.phrase(&name).cloned().map(Piece::clip),
            Sound::Media(media) => Some(Piece::file(Title::Media(media))),
            Sound::Taken(recording) => Some(Piece::file(Title::Taken(recording))),
            Sound::Pause { ms } => Some(Piece::pause(ms)),
            Sound::Tone(tone) => Some(Piece::clip(self.sounds.tone(tone))),
        }
    }

    fn close(&mut self, now: Uptime, id: LegId, out: &mut impl Out) {
        self.part(id);
        self.fall_silent(id);
        let Some(seat) = self.legs.remove(&id) else { return };
        if let Some(mut leg) = self.seats[usize::from(seat)].take() {
            self.untap(&mut leg);
            out.report(Report::Closed { leg: id, figures: leg.figures(now) });
        }
    }

    fn leg(&mut self, id: LegId) -> Option<&mut Leg> {
        let seat = *self.legs.get(&id)?;
        self.seats[usize::from(seat)].as_deref_mut()
    }

    fn follow(&mut self, hearer: LegId, hears: Hears) {
        self.hears.insert(hearer, hears.clone());
        hears.legs().iter().for_each(|&speaker| self.join(hearer, speaker));
    }

    /// Writes down with the speaker who hears it, or with the hearer whom it hears mixed, if both are open.
    fn join(&mut self, hearer: LegId, speaker: LegId) {
        let (Some(&here), Some(&there)) = (self.legs.get(&hearer), self.legs.get(&speaker)) else { return };
        let is_mixed = matches!(self.hears.get(&hearer), Some(Hears::Mix(_)));
        let Some(leg) = self.leg(speaker) else { return };
        if !is_mixed && (leg.hearers.contains(&here) || leg.hearers.push(here).is_ok()) {
            return;
        }
        if !is_mixed {
            // It has as many hearers as packets are copied for; one more hears it as others hear several.
            self.hears.insert(hearer, Hears::Mix(vec![speaker]));
            if let Some(leg) = self.leg(hearer) {
                leg.play(Plays::Mix(Box::default()));
            }
            self.active.add(here);
        }
        let Some(leg) = self.leg(speaker) else { return };
        leg.voice.get_or_insert_with(Box::default);
        self.voices.add(there);
        if let Some(mixer) = self.leg(hearer).and_then(Leg::mixer)
            && !mixer.seats.contains(&there)
        {
            let _ = mixer.seats.push(there);
        }
    }

    /// The leg hears nobody any more.
    fn part(&mut self, hearer: LegId) {
        let Some(hears) = self.hears.remove(&hearer) else { return };
        let Some(&seat) = self.legs.get(&hearer) else { return };
        for &speaker in hears.legs() {
            let is_mixed = self.is_mixed(speaker);
            if let Some(leg) = self.leg(speaker) {
                leg.hearers.retain(|&other| other != seat);
                leg.voice.take_if(|_| !is_mixed);
            }
        }
    }

    fn is_mixed(&self, speaker: LegId) -> bool {
        self.hears.values().any(|hears| matches!(hears, Hears::Mix(speakers) if speakers.contains(&speaker)))
    }

    /// Takes a leg that goes out of all mixes: another may take its seat.
    fn fall_silent(&mut self, speaker: LegId) {
        let Some(&seat) = self.legs.get(&speaker) else { return };
        let hearers = self.hears.iter().filter(|(_, hears)| hears.legs().contains(&speaker)).map(|(hearer, _)| *hearer);
        for hearer in hearers.collect::<Vec<_>>() {
            if let Some(mixer) = self.leg(hearer).and_then(Leg::mixer) {
                mixer.seats.retain(|&other| other != seat);
            }
        }
    }

    /// Whether a tick has something to do.
    pub fn is_busy(&self) -> bool {
        !self.legs.is_empty() || !self.room.log.is_empty()
    }

    /// Each 20 ms: what the deck makes itself, and what is due once a second. Whether a second is over.
    pub fn tick(&mut self, now: Uptime, out: &mut impl Out) -> bool {
        self.ticks += 1;
        self.step();
        self.give(now, out);
        if self.ticks.is_multiple_of(HAND_OVER) {
            self.hand_over(out);
        }
        if self.ticks.is_multiple_of(TICKS / TURNS) {
            self.turn(now, self.ticks / (TICKS / TURNS) % TURNS, out);
        }
        let second = self.ticks.is_multiple_of(TICKS);
        if second {
            self.second(now, out);
        }
        second
    }

    /// What came of those that are mixed becomes sound.
    fn step(&mut self) {
        let Deck { seats, voices, .. } = self;
        voices.retain(|seat| {
            let voice = seats[usize::from(seat)].as_mut().and_then(|leg| leg.voice.as_mut());
            voice.map(|voice| voice.step()).is_some()
        });
    }

    fn give(&mut self, now: Uptime, out: &mut impl Out) {
        // Ends of presses that were lost: those for whom there is no room are told a tick later.
        let mut pressed: heapless::Vec<(u16, Press), PRESSES> = heapless::Vec::new();
        let Deck { seats, active, room, .. } = self;
        active.retain(|seat| {
            // It stands up, as others are looked at while it is given what they say.
            let Some(mut leg) = seats[usize::from(seat)].take() else { return false };
            if leg.agreed.is_some() {
                if leg.give(now, seats, &mut room.samples, &mut room.between, out) {
                    out.report(Report::Played { leg: leg.id });
                }
                if !pressed.is_full() {
                    pressed.extend(leg.dialled_at_last(now).map(|press| (seat, press)));
                }
            }
            let stays = leg.agreed.is_none() || leg.is_active();
            seats[usize::from(seat)] = Some(leg);
            stays
        });
        pressed.into_iter().for_each(|(seat, press)| self.pressed(seat, press, true, out));
    }

    /// RTCP, spread over the second, the legs of neighbouring seats together, as they are often in one call.
    fn turn(&mut self, now: Uptime, turn: u64, out: &mut impl Out) {
        for &seat in self.legs.values().filter(|&&seat| u64::from(seat / 2) % TURNS == turn) {
            let Some(leg) = &mut self.seats[usize::from(seat)] else { continue };
            if leg.agreed.is_some() {
                leg.report(now, &mut self.chance, out);
            }
        }
    }

    /// How the legs are, in one report: each wakes the exchange.
    fn second(&mut self, now: Uptime, out: &mut impl Out) {
        let mut figures = Vec::new();
        for &seat in self.legs.values() {
            let Some(leg) = &mut self.seats[usize::from(seat)] else { continue };
            if leg.agreed.is_some() {
                leg.close_second(now);
                figures.extend(leg.news(now).map(|figures| (leg.id, figures)));
            }
        }
        if !figures.is_empty() {
            out.report(Report::Figures(figures));
        }
    }
}
