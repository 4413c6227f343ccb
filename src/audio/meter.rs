//! How the sound of a leg is: loss, jitter, level and what a listener would say of it.

use super::{outgoing::TICKS_PER_MS, rtp::Header};
use crate::time::Uptime;
use std::time::Duration;

/// A stream may jump this far before it counts as a new one (RFC 3550 appendix A.1).
const DROPOUT_MAX: u16 = 3000;
/// How far back doubled packets are told from late ones.
const WINDOW: u16 = 64;
/// How long without packets, or without sound in them, is worth a word. It is told within a second more, which makes
/// the five seconds of BOX-124.
pub const ABSENT: Duration = Duration::from_secs(4);
/// What is below is silence, dBFS: a microphone in a quiet room is louder, the lowest step of either law is not.
const SILENCE_DBFS: f32 = -66.0;
/// No sound at all.
pub const LEVEL_MIN: f32 = -127.0;

/// What came of one stream of packets (RFC 3550 appendices A.1, A.3 and A.8).
#[derive(Clone, Debug, Default)]
pub struct Received {
    pub packets: u64,
    stream: Option<Stream>,
    /// Lost from streams before this one.
    lost_before: u32,
    /// Sixteenths of a tick.
    jitter: u32,
    last: Option<Uptime>,
}

#[derive(Clone, Debug)]
struct Stream {
    ssrc: u32,
    base: u32,
    highest: u32,
    received: u32,
    /// Bit n: the packet n before the highest came.
    came: u64,
    transit: Option<u32>,
    /// At the last report, for the fraction lost.
    expected_then: u32,
    received_then: u32,
}

impl Received {
    /// Takes note of a packet; false if it came before.
    pub fn note(&mut self, now: Uptime, header: &Header) -> bool {
        let fresh = match &mut self.stream {
            Some(stream) if stream.ssrc == header.ssrc => match stream.place(header.sequence) {
                Place::Fresh => true,
                Place::Double => false,
                Place::Elsewhere => self.begin(header),
            },
            _ => self.begin(header),
        };
        if fresh {
            self.packets += 1;
            self.last = Some(now);
        }
        fresh
    }

    /// Takes note of when a packet of sound came (RFC 3550 section 6.4.1); events keep their first timestamp and
    /// would be counted as jitter.
    pub fn time(&mut self, now: Uptime, header: &Header) {
        let Some(stream) = &mut self.stream else { return };
        let arrival = (now.0 * u64::from(TICKS_PER_MS) / 1000) as u32;
        let transit = arrival.wrapping_sub(header.timestamp);
        if let Some(before) = stream.transit.replace(transit) {
            let change = (transit.wrapping_sub(before) as i32).unsigned_abs();
            // A break in the clock of the phone is no jitter.
            if change < TICKS_PER_MS * 1000 {
                self.jitter = self.jitter + change - ((self.jitter + 8) >> 4);
            }
        }
    }

    fn begin(&mut self, header: &Header) -> bool {
        self.lost_before = self.lost();
        let first = u32::from(header.sequence);
        self.stream = Some(Stream {
            ssrc: header.ssrc,
            base: first,
            highest: first,
            received: 1,
            came: 1,
            transit: None,
            expected_then: 0,
            received_then: 0,
        });
        true
    }

    /// Numbers that never came.
    pub fn lost(&self) -> u32 {
        let now = self.stream.as_ref().map_or(0, |stream| stream.expected().saturating_sub(stream.received));
        self.lost_before.saturating_add(now)
    }

    pub fn jitter_ms(&self) -> f32 {
        self.jitter_ticks() as f32 / TICKS_PER_MS as f32
    }

    pub fn jitter_ticks(&self) -> u32 {
        self.jitter >> 4
    }

    pub fn ssrc(&self) -> Option<u32> {
        self.stream.as_ref().map(|stream| stream.ssrc)
    }

    /// Extended highest number of the present stream.
    pub fn highest(&self) -> u32 {
        self.stream.as_ref().map_or(0, |stream| stream.highest)
    }

    /// When the last packet came.
    pub fn last(&self) -> Option<Uptime> {
        self.last
    }

    /// Share lost since this was asked last, in 1/256 (RFC 3550 appendix A.3).
    pub fn fraction_lost(&mut self) -> u8 {
        let Some(stream) = &mut self.stream else { return 0 };
        let expected = stream.expected() - stream.expected_then;
        let received = stream.received - stream.received_then;
        (stream.expected_then, stream.received_then) = (stream.expected(), stream.received);
        let lost = u64::from(expected.saturating_sub(received));
        lost.saturating_mul(256).checked_div(u64::from(expected)).unwrap_or(0).min(255) as u8
    }

    /// Share lost of all that was sent, 0 to 1.
    pub fn loss(&self) -> f32 {
        let lost = self.lost() as f32;
        if lost == 0.0 { 0.0 } else { lost / (lost + self.packets as f32) }
    }
}

enum Place {
    Fresh,
    Double,
    Elsewhere,
}

impl Stream {
    fn place(&mut self, sequence: u16) -> Place {
        let ahead = sequence.wrapping_sub(self.highest as u16);
        let behind = ahead.wrapping_neg();
        if (1..DROPOUT_MAX).contains(&ahead) {
            self.came = self.came.checked_shl(u32::from(ahead)).unwrap_or(0) | 1;
            self.highest = self.highest.wrapping_add(u32::from(ahead));
        } else if behind < WINDOW {
            let bit = 1 << behind;
            if self.came & bit != 0 {
                return Place::Double;
            }
            self.came |= bit;
            // Numbers before the first that was seen are no part of what is expected.
            if self.highest.wrapping_sub(u32::from(behind)) < self.base {
                self.base = self.highest.wrapping_sub(u32::from(behind));
            }
        } else {
            return Place::Elsewhere;
        }
        self.received += 1;
        Place::Fresh
    }

    fn expected(&self) -> u32 {
        self.highest.wrapping_sub(self.base).wrapping_add(1)
    }
}

/// Loudness of what came, second by second.
#[derive(Clone, Debug, Default)]
pub struct Level {
    power: u64,
    samples: u32,
    /// Of the last second, dBFS (RFC 6465: relative to the loudest square wave).
    dbfs: Option<f32>,
    /// Since when it has been silent.
    silent_since: Option<Uptime>,
}

impl Level {
    /// Adds sound: the sum of the squares of its samples and their number.
    pub fn add(&mut self, power: u64, samples: usize) {
        self.power += power;
        self.samples += samples as u32;
    }

    /// Closes a second.
    pub fn close(&mut self, now: Uptime) {
        self.dbfs = (self.samples > 0).then(|| dbfs(self.power as f64 / f64::from(self.samples)));
        self.silent_since = match self.dbfs {
            Some(level) if level < SILENCE_DBFS => self.silent_since.or(Some(now)),
            _ => None,
        };
        (self.power, self.samples) = (0, 0);
    }

    pub fn dbfs(&self) -> f32 {
        self.dbfs.unwrap_or(LEVEL_MIN)
    }

    /// Sound came for so long and held none.
    pub fn silent(&self, now: Uptime) -> bool {
        // The first silent second is closed at its end.
        self.silent_since.is_some_and(|since| now.since(since) + Duration::from_secs(1) >= ABSENT)
    }
}

/// Sum of the squares.
pub fn power(samples: &[i16]) -> u64 {
    samples.iter().map(|&sample| (i32::from(sample) * i32::from(sample)) as u32 as u64).sum()
}

fn dbfs(mean_square: f64) -> f32 {
    let level = 10.0 * libm::log10(mean_square / (32_768.0 * 32_768.0));
    if mean_square <= 0.0 { LEVEL_MIN } else { (level as f32).clamp(LEVEL_MIN, 0.0) }
}

/// What the E-model (ITU-T G.107) makes of loss from 0 to 1, one-way delay in ms: 1.0 to 4.5. Both codecs are taken
/// as G.711 with concealment in the listener's phone (G.113 appendix I: Ie 0, Bpl 25.1), loss as random.
pub fn mos(loss: f32, delay_ms: f32) -> f32 {
    const BPL: f32 = 25.1;
    let percent = loss.clamp(0.0, 1.0) * 100.0;
    let impaired_by_loss = 95.0 * percent / (percent + BPL);
    let impaired_by_delay = 0.024 * delay_ms + 0.11 * (delay_ms - 177.3).max(0.0);
    opinion(93.2 - impaired_by_delay - impaired_by_loss)
}

/// From the rating R to the mean opinion (G.107 annex B).
fn opinion(r: f32) -> f32 {
    let r = r.clamp(0.0, 100.0);
    (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).clamp(1.0, 4.5)
}

#[cfg(test)]
mod tests {
    use super::super::rtp::Stamp;
    use super::*;

    fn header(sequence: u16, timestamp: u32, ssrc: u32) -> Header {
        let mut packet = [0; 12];
        Stamp { marker: false, payload_type: 0, sequence, timestamp, ssrc }.write(&mut packet);
        Header::read(&packet).unwrap()
    }

    fn received(sequences: &[u16]) -> Received {
        let mut received = Received::default();
        for &sequence in sequences {
            received.note(Uptime(0), &header(sequence, 0, 1));
        }
        received
    }

    /// RFC 3550 appendix A.3
    #[test]
    fn loss_is_what_never_came() {
        for (sequences, packets, lost) in [
            (&[1, 2, 3, 4][..], 4, 0),
            (&[1, 2, 5, 6], 4, 2),
            (&[1, 2, 5, 4, 3], 5, 0),
            (&[1, 2, 2, 2, 3], 3, 0),
            (&[65_534, 65_535, 0, 2], 4, 1),
            (&[10, 9, 11], 3, 0),
            (&[10, 12, 40_000, 40_001], 4, 1),
        ] {
            let received = received(sequences);
            assert_eq!((received.packets, received.lost()), (packets, lost), "{sequences:?}");
        }
    }

    #[test]
    fn a_new_ssrc_keeps_what_was_lost() {
        let mut received = received(&[1, 4]);
        assert!(received.note(Uptime(0), &header(900, 0, 2)));
        assert!(received.note(Uptime(0), &header(902, 0, 2)));
        assert_eq!(received.lost(), 3);
    }

    /// RFC 3550 appendix A.3
    #[test]
    fn the_fraction_lost_is_since_the_last_report() {
        let mut received = received(&[1, 2, 3, 4]);
        assert_eq!(received.fraction_lost(), 0);
        for sequence in [6, 8] {
            received.note(Uptime(0), &header(sequence, 0, 1));
        }
        assert_eq!(received.fraction_lost(), 128);
        assert_eq!(received.fraction_lost(), 0);
    }

    /// RFC 3550 section 6.4.1: packets 20 ms apart that come 10 ms early and late in turn.
    #[test]
    fn jitter_settles_at_what_it_is() {
        let mut received = Received::default();
        for n in 0..500u32 {
            let late = if n % 2 == 0 { 10_000 } else { 0 };
            let header = header(n as u16, n * 160, 1);
            let now = Uptime(u64::from(n) * 20_000 + late);
            received.note(now, &header);
            received.time(now, &header);
        }
        assert!((received.jitter_ms() - 10.0).abs() < 0.7, "{}", received.jitter_ms());
    }

    /// ITU-T G.107 annex B, and R = 93.2 without impairment.
    #[test]
    fn the_opinion_is_that_of_the_e_model() {
        for (r, expected) in [(93.2, 4.41), (90.0, 4.34), (80.0, 4.03), (70.0, 3.60), (60.0, 3.10), (50.0, 2.58)] {
            assert!((opinion(r) - expected).abs() < 0.01, "R {r}: {}", opinion(r));
        }
        assert_eq!(opinion(-5.0), 1.0);
        assert!((mos(0.0, 0.0) - 4.41).abs() < 0.01);
        assert!((mos(0.05, 50.0) - 3.85).abs() < 0.1, "{}", mos(0.05, 50.0));
        assert!(mos(0.0, 400.0) < mos(0.0, 150.0) && mos(0.2, 0.0) < 2.7);
    }

    /// BOX-123, BOX-124: packets but silence.
    #[test]
    fn silence_is_noticed_before_five_seconds_are_over() {
        let mut level = Level::default();
        let mut second = |number: u64, sample: i16| {
            let sound = [sample; 160];
            (0..50).for_each(|_| level.add(power(&sound), 160));
            level.close(Uptime(number * 1_000_000));
            (level.dbfs(), level.silent(Uptime(number * 1_000_000)))
        };
        assert_eq!(second(1, i16::MIN), (0.0, false));
        for number in 2..5 {
            assert_eq!(second(number, 0), (LEVEL_MIN, false), "{number}");
        }
        assert_eq!(second(5, 0), (LEVEL_MIN, true));
        assert!(second(6, 8).1, "the lowest step of A-law");
        assert!(!second(7, 328).1, "-40 dBFS");
    }
}
