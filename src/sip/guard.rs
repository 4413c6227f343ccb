//! Strangers: who failed how often, who is banned until when, who gets how many answers a second.

use super::bounded::Bounded;
use super::network::Network;
use super::wire::{Peer, Transport};
use crate::time::{Now, Timestamp, Uptime};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, net::IpAddr, time::Duration};

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

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    trusted: Bounded<IpAddr, ()>,
    strangers: Bounded<IpAddr, Counts>,
    /// Failures from addresses that are never banned, by number.
    numbers: Bounded<(IpAddr, String), Counts>,
    refused: Bounded<(IpAddr, String), Timestamp>,
    bans: Bounded<IpAddr, Ban>,
    buckets: Bounded<IpAddr, Bucket>,
}

impl Guard {
    /// `bans` are those that outlived the last stop.
    pub fn new(never: Vec<Network>, bans: Vec<(IpAddr, Ban)>) -> Guard {
        let mut kept = Bounded::new(BANS_MAX);
        for (address, ban) in bans {
            kept.touch(address.to_canonical(), || ban);
        }
        Guard {
            never,
            trusted: Bounded::new(TRUSTED_MAX),
            strangers: Bounded::new(COUNTS_MAX),
            numbers: Bounded::new(COUNTS_MAX),
            refused: Bounded::new(REFUSED_MAX),
            bans: kept,
            buckets: Bounded::new(BUCKETS_MAX),
        }
    }

    /// `never_ban` and the addresses of trunks.
    pub fn never_ban(&mut self, networks: Vec<Network>) {
        self.never = networks;
    }

    /// A phone that an agent holds or that is registered is there: it is not banned and its answers are not counted.
    pub fn trust(&mut self, address: IpAddr) {
        self.trusted.touch(address.to_canonical(), || ());
    }

    pub fn distrust(&mut self, address: IpAddr) {
        self.trusted.remove(&address.to_canonical());
    }

    /// The phone at this address was provisioned anew: what it was refused is forgotten (BOX-145).
    pub fn provisioned(&mut self, address: IpAddr, number: &str) {
        let key = (address.to_canonical(), number.to_owned());
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
        if !self.strangers.touch(address, Counts::default).add(now.up, failure) {
            return Verdict::Counted;
        }
        self.strangers.remove(&address);
        Verdict::Ban { until: self.ban(now.wall, address, failure) }
    }

    /// Until when its packets are dropped, if they are.
    pub fn banned(&self, now: Timestamp, address: IpAddr) -> Option<Timestamp> {
        let address = address.to_canonical();
        let ban = self.bans.get(&address).filter(|ban| ban.until > now)?;
        (!self.is_safe(address)).then_some(ban.until)
    }

    /// Whether this number is refused from there, whatever its proof.
    pub fn refuses(&self, now: Timestamp, address: IpAddr, number: &str) -> bool {
        let until = self.refused.get(&(address.to_canonical(), number.to_owned()));
        until.is_some_and(|until| *until > now)
    }

    /// Whether one more answer may go there (BOX-147). Ask once an answer.
    pub fn may_answer(&mut self, now: Uptime, peer: &Peer) -> bool {
        let address = peer.remote.ip().to_canonical();
        if peer.transport != Transport::Udp || self.is_safe(address) {
            return true;
        }
        self.buckets.touch(address, || Bucket::full(now)).take(now)
    }

    /// All that are known, ended ones too: they say how long the next one is.
    pub fn bans(&self) -> impl Iterator<Item = (IpAddr, &Ban)> {
        self.bans.iter().map(|(address, ban)| (*address, ban))
    }

    /// Forgets the ban and how often it happened; false if there was none.
    pub fn lift(&mut self, address: IpAddr) -> bool {
        self.bans.remove(&address.to_canonical()).is_some()
    }

    fn is_safe(&self, address: IpAddr) -> bool {
        address.is_loopback()
            || self.trusted.get(&address).is_some()
            || self.never.iter().any(|network| network.contains(address))
    }

    fn failed_safe(&mut self, now: Now, address: IpAddr, number: &str, failure: Failure) -> Verdict {
        let key = (address, number.to_owned());
        if !self.numbers.touch(key.clone(), Counts::default).add(now.up, failure) {
            return Verdict::Counted;
        }
        let until = now.wall + FIRST_BAN;
        self.numbers.remove(&key);
        *self.refused.touch(key, || until) = until;
        Verdict::RefuseNumber { until }
    }

    fn ban(&mut self, now: Timestamp, address: IpAddr, reason: Failure) -> Timestamp {
        let times = self.bans.get(&address).map_or(0, |ban| ban.times).saturating_add(1);
        let length = FIRST_BAN.saturating_mul(1 << (times - 1).min(10)).min(LONGEST_BAN);
        let ban = Ban { since: now, until: now + length, reason, times };
        *self.bans.touch(address, || ban.clone()) = ban.clone();
        ban.until
    }
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
