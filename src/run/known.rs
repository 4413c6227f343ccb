//! Which addresses are dropped unread and which go first, as the exchange said.

use crate::{origin, sip::bounded::Bounded, time::Timestamp};
use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{PoisonError, RwLock},
};

/// BOX-146 keeps as many bans.
const BANS_MAX: usize = 10_000;
const TRUSTED_MAX: usize = 10_000;

#[derive(Default)]
pub struct Known(RwLock<Lists>);

struct Lists {
    bans: BTreeMap<IpAddr, Timestamp>,
    /// Phones come from ever new addresses: who has not been heard of longest goes.
    trusted: Bounded<IpAddr, ()>,
}

impl Default for Lists {
    fn default() -> Lists {
        Lists { bans: BTreeMap::new(), trusted: Bounded::new(TRUSTED_MAX) }
    }
}

impl Known {
    pub fn ban(&self, address: IpAddr, until: Timestamp) {
        let mut lists = self.0.write().unwrap_or_else(PoisonError::into_inner);
        lists.trusted.remove(&address);
        if lists.bans.len() >= BANS_MAX && !lists.bans.contains_key(&address) {
            let soonest = lists.bans.iter().min_by_key(|(_, until)| **until).map(|(address, _)| *address);
            soonest.and_then(|address| lists.bans.remove(&address));
        }
        lists.bans.insert(address, until);
    }

    /// The time of day was set.
    pub fn date_anew(&self, by_ms: i64) {
        let mut lists = self.0.write().unwrap_or_else(PoisonError::into_inner);
        lists.bans.values_mut().for_each(|until| *until = until.moved(by_ms));
    }

    pub fn lift(&self, address: IpAddr) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).bans.remove(&address);
    }

    pub fn trust(&self, address: IpAddr) {
        let mut lists = self.0.write().unwrap_or_else(PoisonError::into_inner);
        lists.bans.remove(&address);
        lists.trusted.touch(address, || ());
    }

    pub fn distrust(&self, address: IpAddr) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).trusted.remove(&address);
    }

    pub fn is_banned(&self, address: IpAddr, now: Timestamp) -> bool {
        let lists = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_banned = |banned: &IpAddr| lists.bans.get(banned).is_some_and(|until| *until > now);
        // In a network that is banned a phone may stand.
        let within = || is_banned(&origin::of(address)) && lists.trusted.get(&address).is_none();
        !lists.bans.is_empty() && (is_banned(&address) || within())
    }

    pub fn is_trusted(&self, address: IpAddr) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).trusted.get(&address).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    /// BOX-144, BOX-145: of a network that is banned nobody is heard but a phone that is registered.
    #[test]
    fn a_banned_network_is_banned_whole() {
        let known = Known::default();
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        known.ban(address("2001:db8:1:2::"), Timestamp(1_000));
        known.trust(address("2001:db8:1:2::7"));
        let banned = ["2001:db8:1:2::", "2001:db8:1:2::9", "2001:db8:1:2::7", "2001:db8:1:3::9"]
            .map(|text| known.is_banned(address(text), Timestamp(0)));
        assert_eq!(banned, [true, true, false, false]);
    }

    /// BOX-144, BOX-146: a ban ends by itself, a trusted address has none, the table is bounded.
    #[test]
    fn bans_end_and_are_bounded() {
        let known = Known::default();
        let address = |n: u32| IpAddr::V4(Ipv4Addr::from(n));
        for n in 0..BANS_MAX as u32 + 5 {
            known.ban(address(n), Timestamp(1000 + i64::from(n)));
        }
        assert!(!known.is_banned(address(0), Timestamp(0)), "the ban that ends first made room");
        assert!(known.is_banned(address(20), Timestamp(0)));
        assert!(!known.is_banned(address(20), Timestamp(1020)));
        known.date_anew(-5_000);
        assert!(known.is_banned(address(20), Timestamp(-3_981)) && !known.is_banned(address(20), Timestamp(-3_980)));
        known.lift(address(20));
        assert!(!known.is_banned(address(20), Timestamp(0)));
        known.trust(address(21));
        assert!(known.is_trusted(address(21)) && !known.is_banned(address(21), Timestamp(0)));
        known.distrust(address(21));
        assert!(!known.is_trusted(address(21)));
        known.trust(address(21));
        (0..TRUSTED_MAX as u32).for_each(|n| known.trust(address(100_000 + n)));
        assert!(known.is_trusted(address(100_000 + TRUSTED_MAX as u32 - 1)), "a new phone is always taken");
        assert!(!known.is_trusted(address(21)), "the oldest made room");
    }
}
