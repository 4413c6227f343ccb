//! What comes from a leg's phone: judged, opened, measured, and its digits read.

use super::{Agreed, Leg, Terms};
use crate::{
    audio::{
        codec::{self, Samples, resample::Halver},
        dtmf::{Event, Press},
        latch::Verdict,
        meter,
        rtp::{HEADER, Header, flatten},
    },
    sdp::Codec,
    time::Uptime,
};
use std::{net::SocketAddr, ops::Range};

/// Of G.722 only these packets of each fifty are decoded for the level, unless all are for a hearer; the first few
/// let the decoder find in.
const PROBE: Range<u64> = 3..8;
const PROBE_EVERY: u64 = 50;
/// Of G.711 the level of one packet in so many is measured: ten a second.
const MEASURE_EVERY: u64 = 5;

/// A packet that may be passed on: its payload lies behind a plain header.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    pub header: Header,
    pub length: usize,
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Voice(Codec),
    Event,
}

impl Leg {
    /// Judges, opens and counts what came; `None` if nothing of it may be passed on.
    pub fn take(&mut self, now: Uptime, from: SocketAddr, packet: &mut [u8], length: usize) -> Option<Taken> {
        let agreed = self.agreed.as_mut()?;
        let header = Header::read(&packet[..length])?;
        let verdict = agreed.latch.judge(now, from, &header);
        if verdict == Verdict::Stranger {
            self.strangers += 1;
            return None;
        }
        let Some(length) = agreed.open(packet, length) else {
            self.unproven += 1;
            return None;
        };
        let payload = header.payload(&packet[..length])?;
        let proven = agreed.guard.is_some();
        if !agreed.latch.admit(now, from, &header, proven) || !self.received.note(now, &header) {
            return None;
        }
        let what = agreed.terms.what(header.payload_type)?;
        if what != What::Event {
            self.received.time(now, &header);
        }
        let length = flatten(packet, payload);
        (agreed.terms.speaks && length > HEADER).then_some(Taken { header, length, what })
    }

    /// Measures the level of sound that comes as `payload`, of some packets of a second.
    pub fn measure(&mut self, codec: Codec, payload: &[u8]) {
        if self.received.packets.is_multiple_of(MEASURE_EVERY)
            && let Some(power) = codec::power(codec, payload)
        {
            self.level.add(power, payload.len());
        }
    }

    /// Whether the sound has to be decoded whoever hears it: for digits in it, or for the level where only samples
    /// tell it.
    pub fn listens(&self, codec: Codec) -> bool {
        self.detector.is_some() || codec == Codec::G722 && self.received.packets % PROBE_EVERY < PROBE.end
    }

    /// Lays decoded sound out for those that hear it mixed.
    pub fn speak(&mut self, timestamp: u32, codec: Codec, samples: &[i16]) {
        if let Some(voice) = &mut self.voice {
            voice.put(timestamp, self.received.jitter_ms(), codec::rate(codec), samples);
        }
    }

    /// Listens to decoded sound: the level where the payload did not tell it, and digits. `between` is for the change
    /// of rate.
    pub fn listen(&mut self, codec: Codec, samples: &[i16], between: &mut Samples) -> Option<Press> {
        let wide = codec == Codec::G722;
        if wide && (self.detector.is_some() || PROBE.contains(&(self.received.packets % PROBE_EVERY))) {
            self.level.add(meter::power(samples), samples.len());
        }
        let detector = self.detector.as_mut()?;
        if !wide {
            return detector.hear(samples);
        }
        let narrow = &mut between[..samples.len() / 2];
        // The filter begins anew with each packet: a tone bears that.
        Halver::default().run(samples, narrow);
        detector.hear(narrow)
    }

    /// A digit sounds in what comes.
    pub fn dials_aloud(&self) -> bool {
        self.detector.as_ref().is_some_and(|detector| detector.sounding())
    }

    /// Reads an event; the press that is over by it.
    pub fn dialled(&mut self, now: Uptime, taken: &Taken, payload: &[u8]) -> Option<Press> {
        self.presses.take(now, taken.header.timestamp, Event::read(payload)?)
    }

    /// The press whose end was lost.
    pub fn dialled_at_last(&mut self, now: Uptime) -> Option<Press> {
        self.presses.tick(now)
    }

    /// Takes a report of the phone.
    pub fn take_report(&mut self, now: Uptime, from: SocketAddr, packet: &mut [u8], length: usize) {
        let Some(agreed) = &mut self.agreed else { return };
        if !agreed.latch.reports_from(from) {
            self.strangers += 1;
            return;
        }
        let opened = match &mut agreed.guard {
            Some(guard) => guard.unprotect_rtcp(packet, length),
            None => Some(length),
        };
        let Some(length) = opened else {
            self.unproven += 1;
            return;
        };
        if self.rtcp.take(now, &packet[..length], self.out.ssrc) {
            self.rtcp.from = Some(from);
        }
    }
}

impl Agreed {
    fn open(&mut self, packet: &mut [u8], length: usize) -> Option<usize> {
        match &mut self.guard {
            Some(guard) => guard.unprotect(packet, length),
            None => Some(length),
        }
    }
}

impl Terms {
    fn what(&self, payload_type: u8) -> Option<What> {
        if self.event_take == Some(payload_type) {
            return Some(What::Event);
        }
        let choice = self.take.iter().find(|choice| choice.payload == payload_type)?;
        Some(What::Voice(choice.codec))
    }
}
