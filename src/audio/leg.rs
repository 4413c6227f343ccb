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
    mixer::Mixer,
    order::{Figures, RecordingId, Seen, Stream},
    outgoing::Outgoing,
    player::Player,
    recorder::Tap,
    rtcp::Rtcp,
    srtp::Guard,
    voice::Voice,
};
use crate::{
    chance::Chance,
    sdp::{Choice, Codec, LegId},
    time::Uptime,
};
use std::mem;

/// How many legs may hear one leg.
pub const HEARERS_MAX: usize = 4;
/// Seconds after which a leg tells how it is although that has not changed.
const TOLD_AGAIN: u8 = 10;
/// How many payload types of sound are taken of one leg: a few for each codec.
const TAKES_MAX: usize = 8;
/// What a phone keeps back before it plays, in its mean jitter, and one packet: the delay that nothing measures.
const HELD_BACK: f32 = 2.0;
const PACKET_MS: f32 = 20.0;

/// What a packet on its way touches lies close together, and what is large lies elsewhere: of hundreds of legs no
/// cache holds more.
#[derive(Debug)]
pub struct Leg {
    pub id: LegId,
    pub seat: u16,
    pub agreed: Option<Agreed>,
    /// Seats of the legs that hear this one.
    pub hearers: heapless::Vec<u16, HEARERS_MAX>,
    /// While it is recorded.
    pub tap: Option<Tap>,
    /// Lent out while a packet is passed on.
    pub ear: Option<Box<Ear>>,
    pub mouth: Box<Mouth>,
    /// What it says, laid out in time, while a mix needs it.
    pub voice: Option<Box<Voice>>,
    pub out: Outgoing,
    pub keypad: Box<Keypad>,
    plays: Plays,
    /// Milliseconds of sound owed to the phone: packets need not be as long as a tick.
    owed_ms: usize,
    presses: Presses,
    /// Where the phone agreed no events.
    detector: Option<Box<Detector>>,
    rtcp: Box<Rtcp>,
    received: Received,
    level: Level,
    strangers: u64,
    unproven: u64,
    told: LastTold,
}

/// What was told of a leg, so that what stays as it is is not told each second.
#[derive(Debug, Default)]
struct LastTold {
    seen: Option<Seen>,
    /// Seconds since.
    ago: u8,
    /// What had come a second ago.
    heard: u64,
}

/// What both sides have agreed.
#[derive(Debug)]
pub struct Agreed {
    pub terms: Terms,
    latch: Latch,
    guard: Option<Box<Guard>>,
    /// While nothing is encrypted: its counts go on should the same keys come back.
    resting: Option<Box<Guard>>,
    since: Uptime,
}

/// What each packet is judged by.
#[derive(Debug)]
pub struct Terms {
    pub send: Choice,
    take: heapless::Vec<Choice, TAKES_MAX>,
    pub event_send: Option<u8>,
    event_take: Option<u8>,
    pub keys_elsewhere: bool,
    pub ptime_ms: u16,
    pub hears: bool,
    speaks: bool,
}

/// What the deck itself makes for a leg.
#[derive(Debug)]
pub enum Plays {
    /// Another leg's packets are passed on.
    Nothing,
    Silence,
    /// Several others at once.
    Mix(Box<Mixer>),
    Music(Player),
    /// One after the other; the end is told.
    Sounds(Player),
}

impl Leg {
    pub fn new(now: Uptime, id: LegId, seat: u16, chance: &mut Chance) -> Leg {
        Leg {
            id,
            seat,
            agreed: None,
            hearers: heapless::Vec::new(),
            tap: None,
            ear: Some(Box::new(Ear::default())),
            mouth: Box::default(),
            voice: None,
            out: Outgoing::new(chance),
            keypad: Box::default(),
            plays: Plays::Silence,
            owed_ms: 0,
            presses: Presses::default(),
            detector: None,
            rtcp: Box::new(Rtcp::new(now, chance)),
            received: Received::default(),
            level: Level::default(),
            strangers: 0,
            unproven: 0,
            told: LastTold::default(),
        }
    }

    pub fn set(&mut self, now: Uptime, stream: Stream, relearn: bool) {
        self.detector = match (stream.event_take, self.detector.take()) {
            _ if stream.keys_elsewhere => None,
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

    pub fn mixer(&mut self) -> Option<&mut Mixer> {
        match &mut self.plays {
            Plays::Mix(mixer) => Some(mixer),
            Plays::Nothing | Plays::Silence | Plays::Music(_) | Plays::Sounds(_) => None,
        }
    }

    /// Whether a tick has something to do for this leg: sound of the deck's own, digits that go out, a press that has
    /// not ended.
    pub fn is_active(&self) -> bool {
        !matches!(self.plays, Plays::Nothing) || self.keypad.busy() || self.presses.held()
    }

    pub fn recording(&self) -> Option<RecordingId> {
        self.tap.as_ref().map(|tap| tap.recording)
    }

    pub fn codec(&self) -> Option<Codec> {
        self.agreed.as_ref().map(|agreed| agreed.terms.send.codec)
    }

    /// Whether anything goes to this leg's phone.
    pub fn hears(&self) -> bool {
        self.agreed.as_ref().is_some_and(|agreed| agreed.terms.hears)
    }

    pub fn takes_events(&self) -> bool {
        self.agreed.as_ref().is_some_and(|agreed| agreed.terms.event_send.is_some())
    }

    /// Whether keys of others are to be in its sound, as events or as tones.
    pub fn takes_keys(&self) -> bool {
        self.agreed.as_ref().is_some_and(|agreed| !agreed.terms.keys_elsewhere)
    }

    /// Closes a second of the level.
    pub fn close_second(&mut self, now: Uptime) {
        self.level.close(now);
    }

    /// Once a second: how the leg is, where somebody would see a change or nothing comes any more; and now and then
    /// in any case, as the last news may have found no room.
    pub fn news(&mut self, now: Uptime) -> Option<Figures> {
        let figures = self.figures(now);
        let (seen, heard) = (figures.seen(), figures.heard());
        let flows = mem::replace(&mut self.told.heard, heard) != heard;
        self.told.ago += 1;
        if flows && self.told.ago < TOLD_AGAIN && self.told.seen.as_ref() == Some(&seen) {
            return None;
        }
        self.told = LastTold { seen: Some(seen), ago: 0, heard };
        Some(figures)
    }

    pub fn figures(&self, now: Uptime) -> Figures {
        let agreed = self.agreed.as_ref();
        let jitter_ms = self.received.jitter_ms();
        let there_ms = self.rtcp.round_trip_ms.unwrap_or(0.0) / 2.0;
        let delay_ms = there_ms + PACKET_MS + HELD_BACK * jitter_ms;
        Figures {
            codec: self.codec(),
            remote: agreed.and_then(|agreed| agreed.latch.locked()),
            packets_received: self.received.packets,
            reports_received: self.rtcp.received,
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

impl Agreed {
    fn new(now: Uptime, stream: Stream) -> Agreed {
        let latch = Latch::new(now, stream.remote);
        let guard = stream.srtp.map(|agreed| Box::new(Guard::new(agreed)));
        Agreed { terms: Terms::of(&stream), latch, guard, resting: None, since: now }
    }

    fn renew(&mut self, now: Uptime, stream: Stream, relearn: bool) {
        self.latch.describe(now, stream.remote, relearn);
        match (self.guard.take().or(self.resting.take()), stream.srtp) {
            (Some(mut guard), Some(agreed)) => {
                guard.renew(agreed);
                self.guard = Some(guard);
            }
            (None, Some(agreed)) => self.guard = Some(Box::new(Guard::new(agreed))),
            (before, None) => self.resting = before,
        }
        // From when sound is to be expected again, after a hold.
        if stream.speaks && !self.terms.speaks {
            self.since = now;
        }
        self.terms = Terms::of(&stream);
    }

    /// BOX-123: no packets although they should come.
    fn misses(&self, now: Uptime, last: Option<Uptime>) -> bool {
        let since = last.map_or(self.since, |last| last.max(self.since));
        self.terms.speaks && now.since(since) >= meter::ABSENT
    }
}

impl Terms {
    fn of(stream: &Stream) -> Terms {
        Terms {
            send: stream.send,
            take: stream.take.iter().copied().take(TAKES_MAX).collect(),
            event_send: stream.event_send,
            event_take: stream.event_take,
            keys_elsewhere: stream.keys_elsewhere,
            ptime_ms: stream.ptime_ms,
            hears: stream.hears,
            speaks: stream.speaks,
        }
    }
}
