//! One leg on a deck: what it agreed, what comes from it and what goes to it.

mod give;
mod take;

pub use take::{Taken, What};

use super::{
    codec::{Ear, Mouth},
    dtmf::{Detector, Presses},
    keypad::Keypad,
    latch::Latch,
    meter::{self, Level, Received, mos},
    order::{Figures, Slot, Stream},
    outgoing::Outgoing,
    player::Player,
    rtcp::Rtcp,
    srtp::Guard,
};
use crate::{
    chance::Chance,
    sdp::{Codec, LegId},
    time::Uptime,
};

/// How many legs may hear one leg.
pub const HEARERS_MAX: usize = 4;
/// What a phone keeps back before it plays, in its mean jitter, and one packet: the delay that nothing measures.
const HELD_BACK: f32 = 2.0;
const PACKET_MS: f32 = 20.0;

#[derive(Debug)]
pub struct Leg {
    pub id: LegId,
    pub seat: u16,
    pub slot: Slot,
    pub agreed: Option<Agreed>,
    /// Seats of the legs that hear this one.
    pub hearers: heapless::Vec<u16, HEARERS_MAX>,
    /// Lent out while a packet is passed on.
    pub ear: Option<Box<Ear>>,
    pub mouth: Mouth,
    pub out: Outgoing,
    pub keypad: Keypad,
    plays: Plays,
    /// Samples a millisecond times those owed to the phone: packets need not be as long as a tick.
    owed_ms: usize,
    presses: Presses,
    /// Where the phone agreed no events.
    detector: Option<Box<Detector>>,
    rtcp: Rtcp,
    received: Received,
    level: Level,
    strangers: u64,
    unproven: u64,
}

/// What both sides have agreed.
#[derive(Debug)]
pub struct Agreed {
    pub stream: Stream,
    latch: Latch,
    guard: Option<Box<Guard>>,
    since: Uptime,
}

/// What the deck itself makes for a leg.
#[derive(Debug)]
pub enum Plays {
    /// Another leg's packets are passed on.
    Nothing,
    Silence,
    Music(Player),
    /// Phrases; the end is told.
    Phrases(Player),
}

impl Leg {
    pub fn new(now: Uptime, id: LegId, seat: u16, slot: Slot, chance: &mut Chance) -> Leg {
        Leg {
            id,
            seat,
            slot,
            agreed: None,
            hearers: heapless::Vec::new(),
            ear: Some(Box::new(Ear::default())),
            mouth: Mouth::default(),
            out: Outgoing::new(chance),
            keypad: Keypad::default(),
            plays: Plays::Silence,
            owed_ms: 0,
            presses: Presses::default(),
            detector: None,
            rtcp: Rtcp::new(now, chance),
            received: Received::default(),
            level: Level::default(),
            strangers: 0,
            unproven: 0,
        }
    }

    pub fn set(&mut self, now: Uptime, stream: Stream, relearn: bool) {
        self.detector = match (stream.event_take, self.detector.take()) {
            (Some(_), _) => None,
            (None, before) => before.or_else(|| Some(Box::default())),
        };
        match &mut self.agreed {
            Some(agreed) => agreed.renew(now, stream, relearn),
            None => self.agreed = Some(Agreed::new(now, stream)),
        }
    }

    pub fn play(&mut self, plays: Plays) {
        self.plays = plays;
    }

    pub fn codec(&self) -> Option<Codec> {
        self.agreed.as_ref().map(|agreed| agreed.stream.send.codec)
    }

    /// Whether anything goes to this leg's phone.
    pub fn hears(&self) -> bool {
        self.agreed.as_ref().is_some_and(|agreed| agreed.stream.hears)
    }

    pub fn takes_events(&self) -> bool {
        self.agreed.as_ref().is_some_and(|agreed| agreed.stream.event_send.is_some())
    }

    /// Closes a second of the level.
    pub fn close_second(&mut self, now: Uptime) {
        self.level.close(now);
    }

    pub fn figures(&self, now: Uptime) -> Figures {
        let agreed = self.agreed.as_ref();
        let jitter_ms = self.received.jitter_ms();
        let there_ms = self.rtcp.round_trip_ms.unwrap_or(0.0) / 2.0;
        let delay_ms = there_ms + PACKET_MS + HELD_BACK * jitter_ms;
        Figures {
            codec: self.codec().map_or("", name).into(),
            remote: agreed.and_then(|agreed| agreed.latch.locked()),
            packets_received: self.received.packets,
            packets_sent: self.out.packets,
            lost: self.received.lost(),
            lost_there: self.rtcp.lost_there,
            jitter_ms,
            round_trip_ms: self.rtcp.round_trip_ms,
            mos: (self.received.packets > 0).then(|| mos(self.received.loss(), delay_ms)),
            strangers: self.strangers,
            unproven: self.unproven,
            silent: self.level.silent(now),
            missing: agreed.is_some_and(|agreed| agreed.misses(now, self.received.last())),
            level_dbfs: self.level.dbfs(),
        }
    }
}

/// As descriptions name them (RFC 3551).
fn name(codec: Codec) -> &'static str {
    match codec {
        Codec::G722 => "G722",
        Codec::Pcma => "PCMA",
        Codec::Pcmu => "PCMU",
    }
}

impl Agreed {
    fn new(now: Uptime, stream: Stream) -> Agreed {
        let latch = Latch::new(now, stream.remote);
        let guard = stream.srtp.map(|agreed| Box::new(Guard::new(agreed)));
        Agreed { stream, latch, guard, since: now }
    }

    fn renew(&mut self, now: Uptime, stream: Stream, relearn: bool) {
        self.latch.describe(now, stream.remote, relearn);
        match (&mut self.guard, stream.srtp) {
            (Some(guard), Some(agreed)) => guard.renew(agreed),
            (guard, agreed) => *guard = agreed.map(|agreed| Box::new(Guard::new(agreed))),
        }
        // From when sound is to be expected again, after a hold.
        if stream.speaks && !self.stream.speaks {
            self.since = now;
        }
        self.stream = stream;
    }

    /// BOX-123: no packets although they should come.
    fn misses(&self, now: Uptime, last: Option<Uptime>) -> bool {
        let since = last.map_or(self.since, |last| last.max(self.since));
        self.stream.speaks && now.since(since) >= meter::ABSENT
    }
}
