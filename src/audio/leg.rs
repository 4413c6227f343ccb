//! One leg on a deck: what it agreed, what comes from it and what goes to it.

use super::{
    codec::{self, Ear, Mouth, Samples},
    deck::{Kind, Out},
    latch::{Latch, Verdict},
    meter::{self, Level, Received, mos},
    order::{Figures, Slot, Stream},
    outgoing::{Next, Outgoing},
    rtp::{HEADER, Header, Stamp, flatten},
};
use crate::{
    chance::Chance,
    sdp::{Codec, LegId},
    time::Uptime,
};
use std::net::SocketAddr;

/// How many legs may hear one leg.
pub const HEARERS_MAX: usize = 4;
/// Of G.722 only these packets of each fifty are decoded for the level, unless all are for a hearer.
const PROBE: std::ops::Range<u64> = 3..8;
const PROBE_EVERY: u64 = 50;

#[derive(Debug)]
pub struct Leg {
    pub id: LegId,
    pub seat: u16,
    pub slot: Slot,
    pub agreed: Option<Agreed>,
    /// Seats of the legs that hear this one.
    pub hearers: heapless::Vec<u16, HEARERS_MAX>,
    pub out: Outgoing,
    pub mouth: Mouth,
    /// Lent out while a packet is passed on.
    pub ear: Option<Box<Ear>>,
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
    since: Uptime,
}

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
    pub fn new(id: LegId, seat: u16, slot: Slot, chance: &mut Chance) -> Leg {
        Leg {
            id,
            seat,
            slot,
            agreed: None,
            hearers: heapless::Vec::new(),
            out: Outgoing::new(chance),
            mouth: Mouth::new(),
            ear: Some(Box::new(Ear::new())),
            received: Received::default(),
            level: Level::default(),
            strangers: 0,
            unproven: 0,
        }
    }

    pub fn set(&mut self, now: Uptime, stream: Stream, relearn: bool) {
        match &mut self.agreed {
            Some(agreed) => {
                agreed.latch.describe(now, stream.remote, relearn);
                agreed.stream = stream;
                agreed.since = now;
            }
            None => {
                let latch = Latch::new(now, stream.remote);
                self.agreed = Some(Agreed { stream, latch, since: now });
            }
        }
    }

    /// Judges, checks and measures what came; `None` if nothing of it may be passed on.
    pub fn take(&mut self, now: Uptime, from: SocketAddr, packet: &mut [u8], length: usize) -> Option<Taken> {
        let agreed = self.agreed.as_mut()?;
        let header = Header::read(&packet[..length])?;
        if agreed.latch.judge(now, from, &header) == Verdict::Stranger {
            self.strangers += 1;
            return None;
        }
        let payload = header.payload(&packet[..length])?;
        if !agreed.latch.admit(now, from, &header, false) || !self.received.note(now, &header) {
            return None;
        }
        let what = agreed.what(header.payload_type)?;
        if what != What::Event {
            self.received.time(now, &header);
        }
        let length = flatten(packet, payload);
        (agreed.stream.speaks && length > HEADER).then_some(Taken { header, length, what })
    }

    /// Measures the level of a payload, decoding it only where there is no other way.
    pub fn measure(&mut self, codec: Codec, payload: &[u8], samples: &mut Samples) {
        if let Some(power) = codec::power(codec, payload) {
            return self.level.add(power, payload.len());
        }
        let turn = self.received.packets % PROBE_EVERY;
        if turn < PROBE.end
            && let Some(ear) = &mut self.ear
        {
            let decoded = ear.decode(codec, payload, samples);
            if PROBE.contains(&turn) {
                self.level.add(meter::power(decoded), decoded.len());
            }
        }
    }

    /// Whether sound of others goes to this leg now.
    pub fn hears(&self) -> bool {
        self.agreed.as_ref().is_some_and(|agreed| agreed.stream.hears)
    }

    /// Sends a packet whose payload lies behind the header.
    pub fn send(&mut self, next: Next, payload_type: u8, packet: &mut [u8], length: usize, out: &mut impl Out) {
        let Some(agreed) = &self.agreed else { return };
        let Next { sequence, timestamp, marker } = next;
        Stamp { marker, payload_type, sequence, timestamp, ssrc: self.out.ssrc }.write(packet);
        self.out.packets += 1;
        self.out.octets += (length - HEADER) as u64;
        out.send(self.seat, Kind::Rtp, agreed.latch.target(), &packet[..length]);
    }

    /// Closes a second of the level.
    pub fn close_second(&mut self, now: Uptime) {
        self.level.close(now);
    }

    pub fn figures(&self, now: Uptime) -> Figures {
        let agreed = self.agreed.as_ref();
        let jitter_ms = self.received.jitter_ms();
        Figures {
            codec: agreed.map_or_else(String::new, |agreed| format!("{:?}", agreed.stream.send.codec).to_uppercase()),
            remote: agreed.and_then(|agreed| agreed.latch.locked()),
            packets_received: self.received.packets,
            packets_sent: self.out.packets,
            lost: self.received.lost(),
            jitter_ms,
            mos: (self.received.packets > 0).then(|| mos(self.received.loss(), 20.0 + 2.0 * jitter_ms)),
            strangers: self.strangers,
            unproven: self.unproven,
            silent: self.level.silent(now),
            missing: agreed.is_some_and(|agreed| {
                let last = self.received.last().map_or(agreed.since, |last| last.max(agreed.since));
                agreed.stream.speaks && now.since(last) >= meter::ABSENT
            }),
            level_dbfs: self.level.dbfs(),
            ..Figures::default()
        }
    }
}

impl Agreed {
    fn what(&self, payload_type: u8) -> Option<What> {
        if self.stream.event_take == Some(payload_type) {
            return Some(What::Event);
        }
        let choice = self.stream.take.iter().find(|choice| choice.payload == payload_type)?;
        Some(What::Voice(choice.codec))
    }
}
