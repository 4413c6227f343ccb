//! The one stream of RTP that a leg is sent: number, time and SSRC go on whatever it hears (RFC 3550 section 5.1).

use super::rtp::Header;
use crate::{chance::Chance, sdp::LegId, time::Uptime};

/// Ticks of the RTP clock a millisecond; G.722 counts at 8000 too (RFC 3551 section 4.5.2).
pub const TICKS_PER_MS: u32 = 8;
/// A source may jump this far ahead in its numbers before its packets are numbered anew (RFC 3550 appendix A.1).
const DROPOUT_MAX: u16 = 3000;
/// The least step of time from one source to the next, ticks.
const FRAME: u32 = 160;

/// Number and time of a packet to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    pub sequence: u16,
    pub timestamp: u32,
    /// The first packet after a break (RFC 3551 section 4.1).
    pub marker: bool,
}

/// How numbers of the leg that is heard become ours.
#[derive(Clone, Copy, Debug)]
struct Follow {
    leg: LegId,
    ssrc: u32,
    sequence_step: u16,
    timestamp_step: u32,
    /// Our number of the first packet that followed: none before it may go out again. In a long call it comes along,
    /// as numbers are compared over half their round alone.
    first: u16,
}

#[derive(Clone, Debug)]
pub struct Outgoing {
    pub ssrc: u32,
    /// Highest number sent, its time, and the moment that this time stands for.
    sequence: u16,
    timestamp: u32,
    at: Option<Uptime>,
    /// Ticks in the last packet.
    length: u32,
    follow: Option<Follow>,
    /// The last packet was ours and the next of ours goes on where it ended.
    flowing: bool,
    pub packets: u64,
    pub octets: u64,
}

impl Outgoing {
    pub fn new(chance: &mut Chance) -> Outgoing {
        Outgoing {
            ssrc: chance.u32(),
            // Low enough that no receiver sees the number wrap in the first packets.
            sequence: (chance.u32() & 0x7FFF) as u16,
            timestamp: chance.u32(),
            at: None,
            length: FRAME,
            follow: None,
            flowing: false,
            packets: 0,
            octets: 0,
        }
    }

    /// For a packet of the leg that is heard. `None`: it comes from before the source was changed.
    pub fn follow(&mut self, now: Uptime, leg: LegId, header: &Header) -> Option<Next> {
        let known = self.follow.filter(|follow| follow.leg == leg && follow.ssrc == header.ssrc);
        let near = known.filter(|follow| {
            let ahead = header.sequence.wrapping_add(follow.sequence_step).wrapping_sub(self.sequence);
            !(DROPOUT_MAX..=u16::MAX - DROPOUT_MAX).contains(&ahead)
        });
        let Some(follow) = near else { return Some(self.begin(now, leg, header)) };
        let sequence = header.sequence.wrapping_add(follow.sequence_step);
        let timestamp = header.timestamp.wrapping_add(follow.timestamp_step);
        if is_before(sequence, follow.first) {
            return None;
        }
        if is_before(self.sequence, sequence) {
            self.sequence = sequence;
            let oldest = sequence.wrapping_sub(DROPOUT_MAX);
            if let Some(known) = self.follow.as_mut().filter(|known| is_before(known.first, oldest)) {
                known.first = oldest;
            }
            if self.timestamp != timestamp {
                (self.timestamp, self.at) = (timestamp, Some(now));
            }
        }
        Some(Next { sequence, timestamp, marker: header.marker })
    }

    fn begin(&mut self, now: Uptime, leg: LegId, header: &Header) -> Next {
        self.advance(now);
        (self.length, self.flowing) = (FRAME, false);
        self.follow = Some(Follow {
            leg,
            ssrc: header.ssrc,
            sequence_step: self.sequence.wrapping_sub(header.sequence),
            timestamp_step: self.timestamp.wrapping_sub(header.timestamp),
            first: self.sequence,
        });
        Next { sequence: self.sequence, timestamp: self.timestamp, marker: true }
    }

    /// For a packet of our own: it begins where the last of ours ended, else now.
    pub fn own(&mut self, now: Uptime, ticks: u32) -> Next {
        let marker = !self.flowing;
        if self.flowing {
            self.sequence = self.sequence.wrapping_add(1);
            self.timestamp = self.timestamp.wrapping_add(self.length);
            self.at = Some(now);
        } else {
            self.advance(now);
        }
        (self.length, self.follow, self.flowing) = (ticks, None, true);
        Next { sequence: self.sequence, timestamp: self.timestamp, marker }
    }

    /// One more packet with the time of the last: those of an event all carry its beginning (RFC 4733 section
    /// 2.5.1.1).
    pub fn again(&mut self) -> Next {
        self.sequence = self.sequence.wrapping_add(1);
        self.pause();
        Next { sequence: self.sequence, timestamp: self.timestamp, marker: false }
    }

    /// What comes next begins anew: packets were kept from the leg meanwhile.
    pub fn pause(&mut self) {
        (self.follow, self.flowing) = (None, false);
    }

    /// The RTP time of this moment, for sender reports.
    pub fn timestamp_at(&self, now: Uptime) -> u32 {
        self.timestamp.wrapping_add(self.at.map_or(0, |at| ticks_between(at, now)))
    }

    fn advance(&mut self, now: Uptime) {
        let step = self.at.map_or(0, |at| ticks_between(at, now).max(self.length));
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(step);
        self.at = Some(now);
    }
}

fn ticks_between(earlier: Uptime, later: Uptime) -> u32 {
    (later.since(earlier).as_micros() as u64 * u64::from(TICKS_PER_MS) / 1000) as u32
}

fn is_before(one: u16, other: u16) -> bool {
    (one.wrapping_sub(other) as i16) < 0
}

#[cfg(test)]
mod tests {
    use super::super::rtp::Stamp;
    use super::*;

    const MS_20: u64 = 20_000;

    fn header(sequence: u16, timestamp: u32, ssrc: u32) -> Header {
        let mut packet = [0; 12];
        Stamp { marker: false, payload_type: 0, sequence, timestamp, ssrc }.write(&mut packet);
        Header::read(&packet).unwrap()
    }

    fn outgoing() -> Outgoing {
        Outgoing::new(&mut Chance::new(7.into()))
    }

    /// RFC 3550 section 5.1: a new source goes on one number later, later in time, with the marker bit.
    #[test]
    fn numbers_and_time_go_on_across_sources() {
        let mut out = outgoing();
        let one = out.follow(Uptime(0), LegId(1), &header(65_535, 4_294_967_200, 1)).unwrap();
        let two = out.follow(Uptime(MS_20), LegId(1), &header(0, 64, 1)).unwrap();
        let music = out.own(Uptime(3 * MS_20), 160);
        let more = out.own(Uptime(4 * MS_20), 160);
        let back = out.follow(Uptime(5 * MS_20), LegId(2), &header(40, 9, 2)).unwrap();
        let sequences = [one, two, music, more, back].map(|next| next.sequence.wrapping_sub(one.sequence));
        assert_eq!(sequences, [0, 1, 2, 3, 4]);
        let times = [one, two, music, more, back].map(|next| next.timestamp.wrapping_sub(one.timestamp));
        assert_eq!(times, [0, 160, 480, 640, 800]);
        assert_eq!([one, two, music, more, back].map(|next| next.marker), [true, false, true, false, true]);
    }

    /// A call may be longer than its numbers: for eleven minutes no half of their round is passed, for twenty-two no
    /// whole one.
    #[test]
    fn a_long_call_is_passed_on_to_its_end() {
        let mut out = outgoing();
        let mut pass = |at: u32| {
            let (sequence, now) = (at as u16, Uptime(u64::from(at) * MS_20));
            out.follow(now, LegId(1), &header(sequence, at.wrapping_mul(160), 1))
        };
        let first = pass(60_000).unwrap();
        for at in 60_001..260_000 {
            let next = pass(at).unwrap_or_else(|| panic!("packet {at} is left out"));
            assert_eq!(next.sequence, first.sequence.wrapping_add((at - 60_000) as u16));
            assert!(!next.marker);
        }
    }

    /// Order is the receiver's to mend: a packet that comes late goes out with its own place.
    #[test]
    fn what_comes_out_of_order_leaves_so() {
        let mut out = outgoing();
        let places: Vec<i16> = [10, 12, 11, 13]
            .map(|sequence| out.follow(Uptime(0), LegId(1), &header(sequence, 0, 1)).unwrap().sequence)
            .windows(2)
            .map(|pair| pair[1].wrapping_sub(pair[0]) as i16)
            .collect();
        assert_eq!(places, [2, -1, 2]);
    }

    /// A number never goes out twice with other sound in it (RFC 3711 section 9.1 depends on it).
    #[test]
    fn what_is_older_than_the_change_is_left_out() {
        let mut out = outgoing();
        out.follow(Uptime(0), LegId(1), &header(10, 0, 1));
        out.own(Uptime(1), 160);
        out.follow(Uptime(MS_20), LegId(1), &header(12, 320, 1));
        assert_eq!(out.follow(Uptime(MS_20), LegId(1), &header(11, 160, 1)), None);
    }

    #[test]
    fn a_source_that_starts_over_is_numbered_anew() {
        let mut out = outgoing();
        let one = out.follow(Uptime(0), LegId(1), &header(10, 0, 1)).unwrap();
        let two = out.follow(Uptime(MS_20), LegId(1), &header(30_000, 5, 1)).unwrap();
        assert_eq!(two.sequence, one.sequence + 1);
        assert_eq!(two.timestamp, one.timestamp.wrapping_add(160));
        assert!(two.marker);
    }
}
