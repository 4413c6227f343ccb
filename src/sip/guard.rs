//! Strangers: who failed how often, who is banned until when, who gets how many answers a second.

use super::bounded::Bounded;
use super::network::Network;
use super::wire::{Peer, Transport};
use crate::{
    origin,
    time::{Now, Timestamp, Uptime},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeSet, VecDeque},
    mem,
    net::IpAddr,
    time::Duration,
};

/// BOX-144: so many failed proofs …
pub const WRONG_MAX: usize = 10;
/// … or so many requests to unknown numbers …
pub const UNKNOWN_MAX: usize = 20;
/// … within this.
pub const WINDOW: Duration = Duration::from_secs(10 * 60);
const FIRST_BAN: Duration = Duration::from_secs(60 * 60);
const LONGEST_BAN: Duration = Duration::from_secs(24 * 60 * 60);
/// BOX-146
pub const BANS_MAX: usize = 10_000;
const COUNTS_MAX: usize = 10_000;
const REFUSED_MAX: usize = 10_000;
const TRUSTED_MAX: usize = 10_000;
const BUCKETS_MAX: usize = 10_000;
/// Letters that are noted of a number that failed: no agent's is as long, whatever a stranger says.
const NUMBER_MAX: usize = 32;
/// BOX-147: answers a second to one UDP address that has proven nothing.
pub const ANSWERS_A_SECOND: u32 = 20;

/// What counts against an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Failure {
    WrongProof,
    UnknownNumber,
}

/// What a failure led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    Counted,
    /// Drop its packets unread until then.
    Ban {
        until: Timestamp,
    },
    /// This address is never banned; only this number is refused from there until then (BOX-145).
    RefuseNumber {
        until: Timestamp,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    pub since: Timestamp,
    pub until: Timestamp,
    pub reason: Failure,
    /// How often this address has been banned.
    pub times: u32,
}

/// Pure: the time is given, and nobody is banned but by what it returns.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Guard {
    never: Vec<Network>,
    /// Where each address of IPv6 counts for itself, as phones of an office share what elsewhere is one line.
    shared: Vec<Network>,
    trusted: Bounded<IpAddr, ()>,
    strangers: Bounded<IpAddr, Counts>,
    /// Failures from addresses that are never banned, by number.
    numbers: Bounded<(IpAddr, String), Counts>,
    refused: Bounded<(IpAddr, String), Timestamp>,
    bans: Bounded<IpAddr, Ban>,
    /// Those that have not ended, by their end.
    in_force: BTreeSet<(Timestamp, IpAddr)>,
    /// Bans that were taken back before their end and of which nobody has been told.
    lifted: Vec<IpAddr>,
    buckets: Bounded<IpAddr, Bucket>,
}

impl Guard {
    /// `bans` are those that outlived the last stop.
    pub fn new(never: Vec<Network>, bans: Vec<(IpAddr, Ban)>) -> Guard {
        let mut kept = Bounded::new(BANS_MAX);
        for (address, ban) in bans {
            kept.touch(address.to_canonical(), || ban);
        }
        let in_force = kept.iter().map(|(address, ban): (&IpAddr, &Ban)| (ban.until, *address)).collect();
        Guard {
            never,
            shared: Vec::new(),
            trusted: Bounded::new(TRUSTED_MAX),
            strangers: Bounded::new(COUNTS_MAX),
            numbers: Bounded::new(COUNTS_MAX),
            refused: Bounded::new(REFUSED_MAX),
            bans: kept,
            in_force,
            lifted: Vec::new(),
            buckets: Bounded::new(BUCKETS_MAX),
        }
    }

    /// `never_ban` and the addresses of trunks, and the office's own networks; bans that no longer may be are lifted.
    pub fn never_ban(&mut self, never: Vec<Network>, shared: Vec<Network>) {
        if (&self.never, &self.shared) == (&never, &shared) {
            return;
        }
        (self.never, self.shared) = (never, shared);
        let banned: Vec<_> = self.bans.iter().map(|(address, _)| *address).collect();
        for address in banned {
            if self.is_safe(address) || (origin::is_network(address) && self.has_own(address)) {
                self.lift(address);
            }
        }
    }

    /// What a ban of this address bans.
    pub fn origin(&self, address: IpAddr) -> IpAddr {
        let origin = origin::of(address);
        if origin::is_network(origin) && self.has_own(origin) { address.to_canonical() } else { origin }
    }

    /// Whether some address of this network is safe, or one of several that share it.
    fn has_own(&self, network: IpAddr) -> bool {
        let network = Network { address: network, prefix: origin::BITS };
        self.never.iter().chain(&self.shared).any(|own| own.meets(&network))
    }

    /// A phone that an agent holds or that is registered is there: it is not banned and its answers are not counted.
    pub fn trust(&mut self, address: IpAddr) {
        self.trusted.touch(address.to_canonical(), || ());
    }

    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.get(&address.to_canonical()).is_some()
    }

    pub fn distrust(&mut self, address: IpAddr) {
        self.trusted.remove(&address.to_canonical());
    }

    /// The phone at this address was provisioned anew: what it was refused is forgotten (BOX-145).
    pub fn provisioned(&mut self, address: IpAddr, number: &str) {
        let key = number_at(address, number);
        self.refused.remove(&key);
        self.numbers.remove(&key);
    }

    /// A proof was wrong, or a number unknown.
    pub fn failed(&mut self, now: Now, address: IpAddr, number: &str, failure: Failure) -> Verdict {
        let address = address.to_canonical();
        if self.banned(now.wall, address).is_some() {
            return Verdict::Counted;
        }
        if self.is_safe(address) {
            return self.failed_safe(now, address, number, failure);
        }
        let origin = self.origin(address);
        if !self.strangers.touch(origin, Counts::default).add(now.up, failure) {
            return Verdict::Counted;
        }
        self.strangers.remove(&origin);
        Verdict::Ban { until: self.ban(now.wall, origin, failure) }
    }

    /// Until when its packets are dropped, if they are.
    pub fn banned(&self, now: Timestamp, address: IpAddr) -> Option<Timestamp> {
        let address = address.to_canonical();
        let until = |banned: &IpAddr| self.bans.get(banned).map(|ban| ban.until).filter(|until| *until > now);
        let until = until(&address).or_else(|| until(&origin::of(address)))?;
        (!self.is_safe(address)).then_some(until)
    }

    /// Whether this number is refused from there, whatever its proof.
    pub fn refuses(&self, now: Timestamp, address: IpAddr, number: &str) -> bool {
        let until = self.refused.get(&number_at(address, number));
        until.is_some_and(|until| *until > now)
    }

    /// Whether one more answer may go there (BOX-147). Ask once an answer.
    pub fn may_answer(&mut self, now: Uptime, peer: &Peer) -> bool {
        let address = peer.remote.ip().to_canonical();
        if peer.transport != Transport::Udp || self.is_safe(address) {
            return true;
        }
        let origin = self.origin(address);
        self.buckets.touch(origin, || Bucket::full(now)).take(now)
    }

    /// The time of day was set: what is in force lasts as long as it would have (BOX-52).
    pub fn date_anew(&mut self, by_ms: i64) {
        let in_force = mem::take(&mut self.in_force);
        for (until, address) in in_force {
            let ban = self.bans.get_mut(&address).expect("a ban is in both tables");
            (ban.since, ban.until) = (ban.since.moved(by_ms), until.moved(by_ms));
            self.in_force.insert((ban.until, address));
        }
        self.refused.values_mut().for_each(|until| *until = until.moved(by_ms));
    }

    /// All that are known, ended ones too: they say how long the next one is.
    pub fn bans(&self) -> impl Iterator<Item = (IpAddr, &Ban)> {
        self.bans.iter().map(|(address, ban)| (*address, ban))
    }

    pub fn ban_of(&self, address: IpAddr) -> Option<&Ban> {
        self.bans.get(&address.to_canonical())
    }

    /// Those that have not ended by `end_due`, the one that ends first first.
    pub fn in_force(&self) -> impl ExactSizeIterator<Item = (IpAddr, &Ban)> {
        self.in_force.iter().map(|(_, address)| (*address, self.bans.get(address).expect("a ban is in both tables")))
    }

    /// From now on what has ended is no more in force.
    pub fn end_due(&mut self, now: Timestamp) {
        while self.in_force.first().is_some_and(|(until, _)| *until <= now) {
            self.in_force.pop_first();
        }
    }

    /// Forgets the ban and how often it happened; false if there was none.
    pub fn lift(&mut self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let Some(ban) = self.bans.remove(&address) else { return false };
        self.in_force.remove(&(ban.until, address));
        self.lifted.push(address);
        true
    }

    /// Bans that were taken back since this was asked last.
    pub fn take_lifted(&mut self) -> Vec<IpAddr> {
        mem::take(&mut self.lifted)
    }

    /// Never banned; canonical.
    pub fn is_safe(&self, address: IpAddr) -> bool {
        address.is_loopback()
            || self.trusted.get(&address).is_some()
            || self.never.iter().any(|network| network.contains(address))
    }

    fn failed_safe(&mut self, now: Now, address: IpAddr, number: &str, failure: Failure) -> Verdict {
        let key = number_at(address, number);
        if !self.numbers.touch(key.clone(), Counts::default).add(now.up, failure) {
            return Verdict::Counted;
        }
        let until = now.wall + FIRST_BAN;
        self.numbers.remove(&key);
        *self.refused.touch(key, || until) = until;
        Verdict::RefuseNumber { until }
    }

    fn ban(&mut self, now: Timestamp, address: IpAddr, reason: Failure) -> Timestamp {
        let before = self.bans.get(&address).map(|ban| (ban.times, ban.until));
        let (times, until) = before.unwrap_or((0, now));
        self.in_force.remove(&(until, address));
        if before.is_none() && self.bans.len() >= BANS_MAX {
            self.bans.oldest().copied().map(|oldest| self.lift(oldest));
        }
        let times = times.saturating_add(1);
        let length = FIRST_BAN.saturating_mul(1 << (times - 1).min(10)).min(LONGEST_BAN);
        let ban = Ban { since: now, until: now + length, reason, times };
        self.in_force.insert((ban.until, address));
        *self.bans.touch(address, || ban) = ban;
        ban.until
    }
}

fn number_at(address: IpAddr, number: &str) -> (IpAddr, String) {
    (address.to_canonical(), number.chars().take(NUMBER_MAX).collect())
}

/// When the last failures were, as many as matter.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Counts {
    wrong: VecDeque<Uptime>,
    unknown: VecDeque<Uptime>,
}

impl Counts {
    /// True if this one is one too many.
    fn add(&mut self, now: Uptime, failure: Failure) -> bool {
        let (times, limit) = match failure {
            Failure::WrongProof => (&mut self.wrong, WRONG_MAX),
            Failure::UnknownNumber => (&mut self.unknown, UNKNOWN_MAX),
        };
        while times.front().is_some_and(|first| now.since(*first) >= WINDOW) {
            times.pop_front();
        }
        times.push_back(now);
        times.len() >= limit
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Bucket {
    /// In millionths of an answer.
    level: u64,
    at: Uptime,
}

const ANSWER: u64 = 1_000_000;

impl Bucket {
    fn full(now: Uptime) -> Bucket {
        Bucket { level: u64::from(ANSWERS_A_SECOND) * ANSWER, at: now }
    }

    fn take(&mut self, now: Uptime) -> bool {
        let gained = (now.since(self.at).as_micros() as u64).saturating_mul(u64::from(ANSWERS_A_SECOND));
        self.level = self.level.saturating_add(gained).min(Bucket::full(now).level);
        self.at = now;
        let enough = self.level >= ANSWER;
        if enough {
            self.level -= ANSWER;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard::new(vec!["10.1.0.0/16".parse().unwrap(), "2001:db8:1::/48".parse().unwrap()], vec![])
    }

    fn now(seconds: u64) -> Now {
        Now { up: Uptime(seconds * 1_000_000), wall: Timestamp(1_795_000_000_000 + seconds as i64 * 1000) }
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn udp(text: &str) -> Peer {
        let local = "192.0.2.1:5060".parse().unwrap();
        Peer { transport: Transport::Udp, local, remote: text.parse().unwrap(), connection: None }
    }

    fn fail(guard: &mut Guard, at: Now, from: &str, times: usize) -> Verdict {
        (0..times).map(|_| guard.failed(at, address(from), "801", Failure::WrongProof)).last().unwrap()
    }

    /// BOX-144
    #[test]
    fn ten_wrong_proofs_within_ten_minutes_ban_for_an_hour() {
        let mut guard = guard();
        assert_eq!(fail(&mut guard, now(0), "203.0.113.5", 9), Verdict::Counted);
        assert_eq!(fail(&mut guard, now(600), "203.0.113.5", 9), Verdict::Counted, "the first nine are too old");
        let until = now(601 + 3600).wall;
        assert_eq!(fail(&mut guard, now(601), "203.0.113.5", 1), Verdict::Ban { until });
        assert_eq!(guard.banned(now(4200).wall, address("203.0.113.5")), Some(until));
        assert_eq!(guard.banned(now(4200).wall, address("::ffff:203.0.113.5")), Some(until));
        assert_eq!(guard.banned(now(4201).wall, address("203.0.113.5")), None);
        assert_eq!(guard.banned(now(601).wall, address("203.0.113.6")), None);
    }

    /// BOX-144, BOX-147: whoever has a network of IPv6 has one address after another, and is one all the same; but not
    /// where the office's own phones are, nor where one of its addresses is safe.
    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let host = |network: &str, n: u16| format!("{network}:{n:x}:7:8:9");
        let mut guard = guard();
        for n in 0..9 {
            assert_eq!(fail(&mut guard, now(0), &host("2001:db8:7:1", n), 1), Verdict::Counted);
        }
        let until = now(3600).wall;
        assert_eq!(fail(&mut guard, now(0), &host("2001:db8:7:1", 9), 1), Verdict::Ban { until });
        assert_eq!(guard.banned(now(1).wall, address(&host("2001:db8:7:1", 99))), Some(until));
        assert_eq!(guard.banned(now(1).wall, address(&host("2001:db8:7:2", 0))), None);
        let banned: Vec<_> = guard.in_force().map(|(address, _)| origin::shown(address)).collect();
        assert_eq!(banned, ["2001:db8:7:1::/64"]);
        let phone = address(&host("2001:db8:7:1", 5));
        guard.trust(phone);
        assert_eq!(guard.banned(now(1).wall, phone), None, "a phone that is registered is safe");
        let asks = |guard: &mut Guard, network: &str| {
            let from = |n: u16| udp(&format!("[{}]:5060", host(network, n)));
            (0..100).filter(|n| guard.may_answer(now(0).up, &from(*n))).count()
        };
        assert_eq!(asks(&mut guard, "2001:db8:7:2"), 20);
        guard.never_ban(vec!["2001:db8:7:3::5".parse().unwrap()], vec!["2001:db8:7:1::/64".parse().unwrap()]);
        assert_eq!(guard.take_lifted().len(), 1, "it is the office's own");
        for network in ["2001:db8:7:1", "2001:db8:7:3"] {
            for n in 20..50 {
                assert_eq!(fail(&mut guard, now(0), &host(network, n), 9), Verdict::Counted);
            }
            assert!(matches!(fail(&mut guard, now(0), &host(network, 20), 1), Verdict::Ban { .. }));
            assert_eq!(guard.banned(now(1).wall, address(&host(network, 21))), None);
            assert_eq!(asks(&mut guard, network), 100);
        }
    }

    /// BOX-144
    #[test]
    fn unknown_numbers_have_twice_as_many_tries() {
        let mut guard = guard();
        let ask = |guard: &mut Guard, n: u32| {
            guard.failed(now(1), address("203.0.113.5"), &n.to_string(), Failure::UnknownNumber)
        };
        assert!((0..19).all(|n| ask(&mut guard, n) == Verdict::Counted));
        assert_eq!(fail(&mut guard, now(1), "203.0.113.5", 9), Verdict::Counted, "each kind counts for itself");
        assert!(matches!(ask(&mut guard, 19), Verdict::Ban { .. }));
    }

    /// BOX-144
    #[test]
    fn each_further_ban_is_twice_as_long_up_to_a_day() {
        let mut guard = guard();
        let mut at = 0;
        for hours in [1, 2, 4, 8, 16, 24, 24] {
            let until = now(at + hours * 3600).wall;
            assert_eq!(fail(&mut guard, now(at), "203.0.113.5", 10), Verdict::Ban { until });
            at += hours * 3600;
        }
        assert_eq!(guard.bans().next().unwrap().1.times, 7);
        assert!(guard.lift(address("203.0.113.5")) && !guard.lift(address("203.0.113.5")));
        assert_eq!((guard.take_lifted(), guard.in_force().len()), (vec![address("203.0.113.5")], 0));
        assert_eq!(guard.banned(now(at - 1).wall, address("203.0.113.5")), None);
        assert_eq!(fail(&mut guard, now(at), "203.0.113.5", 10), Verdict::Ban { until: now(at + 3600).wall });
    }

    /// BOX-52: an hour is an hour, whatever becomes of the time of day.
    #[test]
    fn a_ban_is_no_longer_and_no_shorter_when_the_clock_is_set() {
        for by_ms in [-365 * 86_400_000, 86_400_000] {
            let mut guard = guard();
            fail(&mut guard, now(0), "203.0.113.5", 10);
            fail(&mut guard, now(0), "127.0.0.1", 10);
            guard.date_anew(by_ms);
            let at = |seconds: u64| now(seconds).wall.moved(by_ms);
            for (seconds, holds) in [(3_599, true), (3_600, false)] {
                assert_eq!(guard.banned(at(seconds), address("203.0.113.5")).is_some(), holds, "{by_ms} {seconds}");
                assert_eq!(guard.refuses(at(seconds), address("127.0.0.1"), "801"), holds, "{by_ms} {seconds}");
            }
            guard.end_due(at(3_600));
            assert_eq!(guard.in_force().len(), 0);
        }
    }

    /// BOX-145
    #[test]
    fn some_are_never_banned_but_their_failing_number_is_refused() {
        let mut guard = guard();
        guard.trust(address("203.0.113.7"));
        for safe in ["127.0.0.1", "::1", "10.1.2.3", "::ffff:10.1.2.3", "2001:db8:1::5", "203.0.113.7"] {
            let until = now(5 + 3600).wall;
            assert_eq!(fail(&mut guard, now(5), safe, 10), Verdict::RefuseNumber { until }, "{safe}");
            assert_eq!(guard.banned(now(6).wall, address(safe)), None);
            assert!(
                guard.refuses(now(6).wall, address(safe), "801") && !guard.refuses(now(6).wall, address(safe), "802")
            );
            assert!(!guard.refuses(until, address(safe), "801"));
        }
        guard.provisioned(address("10.1.2.3"), "801");
        assert!(!guard.refuses(now(6).wall, address("10.1.2.3"), "801"));
        guard.distrust(address("203.0.113.7"));
        assert!(matches!(fail(&mut guard, now(7), "203.0.113.7", 10), Verdict::Ban { .. }));
        fail(&mut guard, now(7), "203.0.113.9", 10);
        guard.never_ban(vec![address("203.0.113.7").into()], vec![]);
        assert_eq!(guard.banned(now(8).wall, address("203.0.113.7")), None);
        assert_eq!(guard.take_lifted(), [address("203.0.113.7")], "whoever drops its packets is told");
        assert!(guard.in_force().map(|(address, _)| address).eq([address("203.0.113.9")]));
    }

    /// BOX-139: what a stranger calls himself takes no more room than a number.
    #[test]
    fn of_a_long_number_the_beginning_is_noted() {
        let mut guard = guard();
        for n in 0..1_000 {
            let number = format!("{n:03}{}", "ä".repeat(30_000));
            for _ in 0..10 {
                guard.failed(now(5), address("127.0.0.1"), &number, Failure::WrongProof);
            }
            assert!(guard.refuses(now(6).wall, address("127.0.0.1"), &number));
        }
        assert!(postcard::to_stdvec(&guard).unwrap().len() < 1_000 * 1_000);
    }

    /// BOX-146
    #[test]
    fn bans_outlive_a_restart_and_are_bounded() {
        let mut before = guard();
        fail(&mut before, now(0), "203.0.113.5", 10);
        let kept: Vec<_> = before.bans().map(|(address, ban)| (address, *ban)).collect();
        let mut after = Guard::new(vec![], kept);
        assert!(after.banned(now(9).wall, address("203.0.113.5")).is_some());
        for n in 0..BANS_MAX as u32 {
            fail(&mut after, now(10), &std::net::Ipv4Addr::from_bits(n + 0x0b00_0000).to_string(), 10);
        }
        assert_eq!((after.bans().count(), after.in_force().len()), (BANS_MAX, BANS_MAX));
        assert_eq!(after.take_lifted(), [address("203.0.113.5")]);
        assert_eq!(after.banned(now(11).wall, address("203.0.113.5")), None, "the oldest went");
        assert!(after.banned(now(11).wall, address("11.0.0.0")).is_some());
        after.end_due(now(10 + 3600).wall);
        assert_eq!((after.bans().count(), after.in_force().len()), (BANS_MAX, 0));
    }

    /// BOX-147
    #[test]
    fn a_stranger_over_udp_gets_twenty_answers_a_second() {
        let mut guard = guard();
        let mut answers = |at: Now, peer: &Peer| (0..100).filter(|_| guard.may_answer(at.up, peer)).count();
        let stranger = udp("203.0.113.5:5060");
        assert_eq!(answers(now(1), &stranger), 20);
        assert_eq!(answers(now(1), &udp("203.0.113.5:6000")), 0, "the port does not matter");
        assert_eq!(answers(now(1), &udp("203.0.113.6:5060")), 20);
        let half = Now { up: Uptime(1_500_000), ..now(1) };
        assert_eq!(answers(half, &stranger), 10);
        assert_eq!(answers(now(60), &stranger), 20);
        assert_eq!(answers(now(60), &udp("10.1.0.9:5060")), 100);
        assert_eq!(answers(now(60), &Peer { transport: Transport::Tcp, ..stranger }), 100);
    }
}
