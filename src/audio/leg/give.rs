//! What goes to a leg's phone: packets of another leg, what the deck plays, digits and reports.

use super::{Agreed, Leg, Plays};
use crate::{
    audio::{
        codec::{SAMPLES_MAX, Samples, rate},
        deck::{BUFFER, Kind, Out, Seated},
        dtmf::EVENT,
        keypad::Step,
        outgoing::{Next, TICKS_PER_MS},
        rtp::{HEADER, PACKET_MAX, Stamp},
    },
    chance::Chance,
    sdp::Choice,
    time::Uptime,
};
use std::net::SocketAddr;

/// A tick of the deck.
const TICK_MS: usize = 20;
/// Packets that are made for a leg are no shorter and no longer, ms.
const PACKET_MS: std::ops::RangeInclusive<u16> = 10..=60;

impl Leg {
    /// Sends a packet whose payload lies behind the header.
    pub fn send(&mut self, next: Next, payload_type: u8, packet: &mut [u8], length: usize, out: &mut impl Out) {
        let Some(agreed) = &mut self.agreed else { return };
        let Next { sequence, timestamp, marker } = next;
        Stamp { marker, payload_type, sequence, timestamp, ssrc: self.out.ssrc }.write(packet);
        let sealed = match &mut agreed.guard {
            Some(guard) => guard.protect(packet, length),
            None => Some(length),
        };
        if let Some(sealed) = sealed {
            self.out.packets += 1;
            self.out.octets += (length - HEADER) as u64;
            out.send(self.seat, Kind::Rtp, agreed.latch.target(), &packet[..sealed]);
        }
    }

    /// One tick of what the deck makes for this leg; true when the last sound has been played.
    /// `seated` are the other legs.
    pub fn give(
        &mut self,
        now: Uptime,
        seated: &mut Seated,
        samples: &mut Samples,
        between: &mut Samples,
        out: &mut impl Out,
    ) -> bool {
        let Some(agreed) = &self.agreed else { return false };
        let (hears, send, events) = (agreed.terms.hears, agreed.terms.send, agreed.terms.event_send);
        if !hears {
            self.keypad.clear();
        }
        if self.keypad.busy() {
            self.dial(now, send, events, samples, between, out);
            return false;
        }
        let packet_ms = usize::from(agreed.terms.ptime_ms.clamp(*PACKET_MS.start(), *PACKET_MS.end()));
        if matches!(self.plays, Plays::Nothing) {
            self.owed_ms = 0;
            return false;
        }
        self.owed_ms += TICK_MS;
        let per_ms = rate(send.codec);
        while self.owed_ms >= packet_ms {
            let count = packet_ms * per_ms;
            match &mut self.plays {
                Plays::Mix(mixer) => {
                    let ago = self.owed_ms * TICKS_PER_MS as usize;
                    mixer.fill(ago, per_ms, seated, &mut samples[..count]);
                }
                plays => plays.fill(per_ms, &mut samples[..count]),
            }
            self.owed_ms -= packet_ms;
            if hears {
                self.give_sound(now, send, count, samples, between, out);
            } else {
                self.out.pause();
            }
        }
        self.plays.end()
    }

    /// The next 20 ms of the digits that wait.
    fn dial(
        &mut self,
        now: Uptime,
        send: Choice,
        events: Option<u8>,
        samples: &mut Samples,
        between: &mut Samples,
        out: &mut impl Out,
    ) {
        let count = TICK_MS * rate(send.codec);
        match self.keypad.step(events.is_some(), &mut samples[..count]) {
            Step::Event { event, first } => {
                let mut packet = [0; BUFFER];
                packet[HEADER..HEADER + EVENT].copy_from_slice(&event.write());
                let next = if first {
                    Next { marker: true, ..self.out.own(now, TICK_MS as u32 * TICKS_PER_MS) }
                } else {
                    self.out.again()
                };
                self.send(next, events.unwrap_or_default(), &mut packet, HEADER + EVENT, out);
            }
            Step::Sound => self.give_sound(now, send, count, samples, between, out),
            Step::Nothing => self.out.pause(),
        }
    }

    fn give_sound(
        &mut self,
        now: Uptime,
        send: Choice,
        count: usize,
        samples: &Samples,
        between: &mut Samples,
        out: &mut impl Out,
    ) {
        debug_assert!(count <= SAMPLES_MAX);
        let mut packet = [0; BUFFER];
        let payload = &mut packet[HEADER..PACKET_MAX];
        let length = self.mouth.encode(send.codec, &samples[..count], send.codec, between, payload);
        let next = self.out.own(now, length as u32);
        self.send(next, send.payload, &mut packet, HEADER + length, out);
    }

    /// Sends a report if one is due.
    pub fn report(&mut self, now: Uptime, chance: &mut Chance, out: &mut impl Out) {
        let Some(agreed) = &mut self.agreed else { return };
        if !self.rtcp.due(now) {
            return;
        }
        let mut packet = [0; BUFFER];
        let length = self.rtcp.write(now, &self.out, &mut self.received, chance, &mut packet[..PACKET_MAX]);
        let sealed = match &mut agreed.guard {
            Some(guard) => guard.protect_rtcp(&mut packet, length),
            None => Some(length),
        };
        if let Some(sealed) = sealed {
            let to = self.rtcp.from.unwrap_or_else(|| agreed.reports_to());
            out.send(self.seat, Kind::Rtcp, to, &packet[..sealed]);
        }
    }
}

impl Agreed {
    /// One port above the sound, until the phone shows otherwise (RFC 3550 section 11).
    fn reports_to(&self) -> SocketAddr {
        let target = self.latch.target();
        SocketAddr::new(target.ip(), target.port().saturating_add(1))
    }
}

impl Plays {
    fn fill(&mut self, per_ms: usize, samples: &mut [i16]) {
        match self {
            Plays::Nothing | Plays::Silence | Plays::Mix(_) => samples.fill(0),
            Plays::Music(player) | Plays::Sounds(player) => player.fill(per_ms, samples),
        }
    }

    /// True once, when all has been played; silence follows.
    fn end(&mut self) -> bool {
        let over = matches!(self, Plays::Sounds(player) if player.over());
        if over {
            *self = Plays::Silence;
        }
        over
    }
}
