//! Where the sound of a leg is taken from: learnt once, then locked (BOX-46, BOX-47).

use super::rtp::Header;
use crate::time::Uptime;
use std::{net::SocketAddr, time::Duration};

/// How long after the answer a sender that the description does not name may be learnt.
const OPEN: Duration = Duration::from_secs(5);
/// How long nothing came from the locked address before another may carry the stream on.
const QUIET: Duration = Duration::from_secs(2);
/// How far the numbers of a stream may go on meanwhile.
const FOLLOWING_MAX: u16 = 3000;
/// How far apart two packets may be that prove one sender together.
const PAIR_MAX: u16 = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// From the locked address.
    Known,
    /// May become the locked address, if `admit` says so.
    Maybe,
    Stranger,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    from: SocketAddr,
    ssrc: u32,
    sequence: u16,
    at: Uptime,
}

#[derive(Clone, Copy, Debug)]
pub struct Latch {
    described: SocketAddr,
    /// Where we send as long as nothing is locked.
    target: SocketAddr,
    locked: Option<Seen>,
    /// Who was locked before the description changed.
    former: Option<SocketAddr>,
    /// One packet came from here; a second makes it the sender.
    candidate: Option<Seen>,
    open_until: Uptime,
}

impl Latch {
    pub fn new(now: Uptime, described: SocketAddr) -> Latch {
        Latch { described, target: described, locked: None, former: None, candidate: None, open_until: now + OPEN }
    }

    /// A description came again; `relearn` if it changed.
    pub fn describe(&mut self, now: Uptime, described: SocketAddr, relearn: bool) {
        if relearn {
            self.former = self.locked.take().map(|locked| locked.from).or(self.former);
        }
        if self.described != described {
            (self.described, self.target) = (described, described);
        }
        if self.locked.is_none() {
            self.open_until = now + OPEN;
        }
    }

    /// Where our packets go.
    pub fn target(&self) -> SocketAddr {
        self.locked.as_ref().map_or(self.target, |locked| locked.from)
    }

    pub fn locked(&self) -> Option<SocketAddr> {
        self.locked.map(|locked| locked.from)
    }

    pub fn judge(&self, now: Uptime, from: SocketAddr, header: &Header) -> Verdict {
        match self.locked {
            Some(locked) if locked.from == from => Verdict::Known,
            Some(locked) if moved(&locked, now, header) => Verdict::Maybe,
            Some(locked) if now < self.open_until && self.trusts(from) && !self.trusts(locked.from) => Verdict::Maybe,
            None if self.trusts(from) || now < self.open_until => Verdict::Maybe,
            _ => Verdict::Stranger,
        }
    }

    /// Takes a packet that `judge` did not refuse; `proven` if it passed the check of SRTP. False: not yet.
    pub fn admit(&mut self, now: Uptime, from: SocketAddr, header: &Header, proven: bool) -> bool {
        let seen = Seen { from, ssrc: header.ssrc, sequence: header.sequence, at: now };
        if let Some(locked) = self.locked.as_mut().filter(|locked| locked.from == from) {
            (*locked, self.candidate) = (seen, None);
            return true;
        }
        if proven || self.trusts(from) || self.candidate.is_some_and(|first| pair(&first, &seen)) {
            (self.locked, self.target, self.candidate) = (Some(seen), from, None);
            return true;
        }
        self.candidate = Some(seen);
        false
    }

    /// Whether reports may come from here: RTCP has a port of its own, so the address must do.
    pub fn reports_from(&self, from: SocketAddr) -> bool {
        self.target().ip() == from.ip()
    }

    fn trusts(&self, from: SocketAddr) -> bool {
        from == self.described || Some(from) == self.former
    }
}

fn moved(locked: &Seen, now: Uptime, header: &Header) -> bool {
    now.since(locked.at) >= QUIET
        && header.ssrc == locked.ssrc
        && (1..=FOLLOWING_MAX).contains(&header.sequence.wrapping_sub(locked.sequence))
}

fn pair(first: &Seen, second: &Seen) -> bool {
    first.from == second.from
        && first.ssrc == second.ssrc
        && (1..=PAIR_MAX).contains(&second.sequence.wrapping_sub(first.sequence))
}

#[cfg(test)]
mod tests {
    use super::super::rtp::Stamp;
    use super::*;

    const SDP: &str = "192.168.1.20:4000";
    const NAT: &str = "203.0.113.7:31000";
    const EVIL: &str = "198.51.100.66:666";

    fn header(sequence: u16, ssrc: u32) -> Header {
        let mut packet = [0; 12];
        Stamp { marker: false, payload_type: 0, sequence, timestamp: 0, ssrc }.write(&mut packet);
        Header::read(&packet).unwrap()
    }

    fn ms(ms: u64) -> Uptime {
        Uptime(ms * 1000)
    }

    /// At `at` ms a packet comes; whether its sound is taken.
    fn comes(latch: &mut Latch, at: u64, from: &str, sequence: u16, ssrc: u32) -> bool {
        let (from, header) = (from.parse().unwrap(), header(sequence, ssrc));
        latch.judge(ms(at), from, &header) != Verdict::Stranger && latch.admit(ms(at), from, &header, false)
    }

    fn latch() -> Latch {
        Latch::new(ms(0), SDP.parse().unwrap())
    }

    /// BOX-46
    #[test]
    fn the_described_address_is_taken_at_once_and_others_dropped() {
        let mut latch = latch();
        assert_eq!(latch.target(), SDP.parse().unwrap());
        let steps: &[(u64, &str, bool)] =
            &[(20, SDP, true), (40, EVIL, false), (60, EVIL, false), (80, SDP, true), (6000, EVIL, false)];
        for (number, &(at, from, taken)) in steps.iter().enumerate() {
            assert_eq!(comes(&mut latch, at, from, number as u16, 1), taken, "{at} {from}");
        }
        assert_eq!(latch.locked(), Some(SDP.parse().unwrap()));
    }

    /// BOX-46: the phone behind a router, within five seconds; two packets in a row show a sender.
    #[test]
    fn a_first_sender_is_learnt_while_it_is_early() {
        let mut latch = latch();
        assert!(!comes(&mut latch, 4_000, NAT, 5, 1));
        assert!(comes(&mut latch, 4_020, NAT, 6, 1));
        assert_eq!(latch.target(), NAT.parse().unwrap());
        assert!(!comes(&mut latch, 4_040, EVIL, 7, 1) && !comes(&mut latch, 4_060, EVIL, 8, 1));
    }

    /// BOX-46: later only the described address may begin.
    #[test]
    fn a_first_sender_is_refused_when_it_is_late() {
        let mut latch = latch();
        assert!(!comes(&mut latch, 5_000, NAT, 5, 1) && !comes(&mut latch, 5_020, NAT, 6, 1));
        assert!(comes(&mut latch, 60_000, SDP, 1, 2));
    }

    /// BOX-46: whoever was quicker than the phone loses to the address that the phone named.
    #[test]
    fn the_described_address_wins_over_a_quick_stranger() {
        let mut latch = latch();
        assert!(!comes(&mut latch, 20, EVIL, 5, 1));
        assert!(comes(&mut latch, 40, EVIL, 6, 1));
        assert!(comes(&mut latch, 60, SDP, 1, 2));
        assert!(!comes(&mut latch, 80, EVIL, 7, 1));
    }

    /// BOX-47: the same stream from elsewhere after two seconds of nothing; neither earlier nor another stream.
    #[test]
    fn a_phone_that_moves_is_followed() {
        let mut latch = latch();
        assert!(comes(&mut latch, 8_000, SDP, 100, 9));
        assert!(!comes(&mut latch, 9_000, NAT, 150, 9) && !comes(&mut latch, 9_020, NAT, 151, 9), "too early");
        assert!(!comes(&mut latch, 10_000, EVIL, 200, 8) && !comes(&mut latch, 10_020, EVIL, 201, 8), "another SSRC");
        assert!(!comes(&mut latch, 10_040, EVIL, 90, 9) && !comes(&mut latch, 10_060, EVIL, 91, 9), "old numbers");
        assert!(!comes(&mut latch, 10_100, NAT, 200, 9));
        assert!(comes(&mut latch, 10_120, NAT, 201, 9));
        assert!(!comes(&mut latch, 10_140, SDP, 202, 9), "the old address is a stranger now");
    }

    /// BOX-47: a new description opens the lock; sound goes on to where it went if the address did not change.
    #[test]
    fn a_new_description_opens_the_lock() {
        let mut latch = latch();
        comes(&mut latch, 20, NAT, 1, 1);
        comes(&mut latch, 40, NAT, 2, 1);
        latch.describe(ms(60_000), SDP.parse().unwrap(), true);
        assert_eq!(latch.target(), NAT.parse().unwrap());
        assert!(comes(&mut latch, 60_020, NAT, 3, 1), "the former sender needs no second packet");
        latch.describe(ms(90_000), "192.168.1.20:5000".parse().unwrap(), true);
        assert_eq!(latch.target(), "192.168.1.20:5000".parse().unwrap());
        assert!(comes(&mut latch, 90_020, "192.168.1.20:5000", 1, 4));
    }

    /// BOX-47: an unchanged description leaves the lock shut.
    #[test]
    fn a_refresh_opens_nothing() {
        let mut latch = latch();
        comes(&mut latch, 20, SDP, 1, 1);
        latch.describe(ms(60_000), SDP.parse().unwrap(), false);
        assert!(!comes(&mut latch, 60_020, EVIL, 2, 6) && !comes(&mut latch, 60_040, EVIL, 3, 6));
    }
}
