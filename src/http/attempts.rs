//! How often somebody may fail within fifteen minutes (DSK-4, DSK-5, BOX-155), in tables that cannot grow.

use crate::time::Uptime;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, net::IpAddr, sync::Mutex, time::Duration};

const WINDOW: Duration = Duration::from_secs(15 * 60);
const FAILURES_A_NAME: usize = 5;
const FAILURES_AN_ADDRESS: usize = 30;
/// Entries in the audit log that somebody unknown leaves from one address: a flood of them washes nothing out.
const ENTRIES_AN_ADDRESS: usize = 100;
/// Entries of each table; the one that was used longest ago makes room.
const ENTRIES_MAX: usize = 4096;

/// Failed sign-ins and failed API keys, counted apart.
#[derive(Default)]
pub struct Attempts {
    tables: Mutex<Tables>,
}

#[derive(Default)]
struct Tables {
    names: Table<(IpAddr, [u8; 32])>,
    addresses: Table<IpAddr>,
    keys: Table<IpAddr>,
    heard: Table<IpAddr>,
}

/// A sign-in that was let through and is counted as failed until it is forgiven.
#[derive(Debug)]
pub struct Attempt {
    name: (IpAddr, [u8; 32]),
    at: Uptime,
}

impl Attempts {
    /// Lets a sign-in through, or says how long until the next is. It counts at once, so that many sent together
    /// cannot pass the limit before the first is answered.
    pub fn begin(&self, address: IpAddr, name: &str, now: Uptime) -> Result<Attempt, Duration> {
        let mut tables = self.tables.lock().expect("no panic while counting");
        // As accounts are found, with spaces and letter case aside; hashed, so that any length costs the same.
        let name = (address, Sha256::digest(name.trim().to_lowercase()).into());
        let left = tables.addresses.left(&address, FAILURES_AN_ADDRESS, now);
        let left = left.max(tables.names.left(&name, FAILURES_A_NAME, now));
        if let Some(left) = left {
            return Err(left);
        }
        tables.addresses.fail(address, now);
        tables.names.fail(name, now);
        Ok(Attempt { name, at: now })
    }

    /// It was no failure.
    pub fn forgive(&self, attempt: Attempt) {
        let mut tables = self.tables.lock().expect("no panic while counting");
        tables.addresses.forgive(&attempt.name.0, attempt.at);
        tables.names.forgive(&attempt.name, attempt.at);
    }

    /// Whether what somebody unknown tries from this address is worth an entry in the audit log.
    pub fn is_heard(&self, address: IpAddr, now: Uptime) -> bool {
        let mut tables = self.tables.lock().expect("no panic while counting");
        let heard = tables.heard.left(&address, ENTRIES_AN_ADDRESS, now).is_none();
        if heard {
            tables.heard.fail(address, now);
        }
        heard
    }

    /// Whether keys of this address are not even looked at.
    pub fn keys_barred(&self, address: IpAddr, now: Uptime) -> bool {
        let mut tables = self.tables.lock().expect("no panic while counting");
        tables.keys.left(&address, FAILURES_AN_ADDRESS, now).is_some()
    }

    pub fn wrong_key(&self, address: IpAddr, now: Uptime) {
        self.tables.lock().expect("no panic while counting").keys.fail(address, now);
    }
}

/// The times of failures, oldest first; never more than the limit of the table.
struct Table<K>(BTreeMap<K, Vec<Uptime>>);

impl<K> Default for Table<K> {
    fn default() -> Self {
        Table(BTreeMap::new())
    }
}

impl<K: Ord + Clone> Table<K> {
    /// How long this key is barred: fifteen minutes from its last failure, if it has `limit` of them.
    fn left(&mut self, key: &K, limit: usize, now: Uptime) -> Option<Duration> {
        let times = self.0.get_mut(key)?;
        let last = *times.last()?;
        if times.len() < limit {
            times.retain(|time| now.since(*time) < WINDOW);
            return None;
        }
        let left = WINDOW.saturating_sub(now.since(last));
        if left.is_zero() {
            self.0.remove(key);
            return None;
        }
        Some(left)
    }

    fn fail(&mut self, key: K, now: Uptime) {
        if self.0.len() >= ENTRIES_MAX && !self.0.contains_key(&key) {
            let oldest = self.0.iter().min_by_key(|(_, times)| times.last().copied()).map(|(key, _)| key.clone());
            oldest.map(|key| self.0.remove(&key));
        }
        self.0.entry(key).or_default().push(now);
    }

    fn forgive(&mut self, key: &K, at: Uptime) {
        let Some(times) = self.0.get_mut(key) else { return };
        if let Some(place) = times.iter().rposition(|time| *time == at) {
            times.remove(place);
        }
        if times.is_empty() {
            self.0.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000_000;

    fn at(minutes: u64) -> Uptime {
        Uptime(minutes * MINUTE)
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    /// DSK-4: the sixth is barred, whatever its password, for 15 minutes after the fifth; other names and other
    /// addresses are not.
    #[test]
    fn five_failures_bar_a_name_from_an_address() {
        let attempts = Attempts::default();
        for minute in 0..5 {
            assert!(attempts.begin(address(1), "anna", at(minute)).is_ok());
        }
        assert_eq!(attempts.begin(address(1), " Anna", at(5)).unwrap_err(), Duration::from_secs(14 * 60));
        assert!(attempts.begin(address(1), "ben", at(5)).is_ok());
        assert!(attempts.begin(address(2), "anna", at(5)).is_ok());
        assert!(attempts.begin(address(1), "anna", Uptime(at(19).0 - 1)).is_err());
        assert!(attempts.begin(address(1), "anna", at(19)).is_ok());
    }

    /// DSK-4: failures that lie 15 minutes back do not count.
    #[test]
    fn slow_failures_bar_nobody() {
        let attempts = Attempts::default();
        for minute in 0..60 {
            assert!(attempts.begin(address(1), "anna", at(minute * 4)).is_ok(), "{minute}");
        }
    }

    /// DSK-5
    #[test]
    fn thirty_failures_bar_an_address() {
        let attempts = Attempts::default();
        for number in 0..30 {
            assert!(attempts.begin(address(1), &format!("name{number}"), at(1)).is_ok());
        }
        assert_eq!(attempts.begin(address(1), "another", at(1)).unwrap_err(), Duration::from_secs(15 * 60));
        assert!(attempts.begin(address(2), "another", at(1)).is_ok());
        assert!(attempts.begin(address(1), "another", at(16)).is_ok());
    }

    /// DSK-4: whoever signs in rightly never fails.
    #[test]
    fn right_sign_ins_do_not_count() {
        let attempts = Attempts::default();
        for _ in 0..100 {
            let attempt = attempts.begin(address(1), "anna", at(1)).unwrap();
            attempts.forgive(attempt);
        }
        assert!(attempts.tables.lock().unwrap().names.0.is_empty());
    }

    /// BOX-155
    #[test]
    fn thirty_wrong_keys_bar_every_key_of_an_address() {
        let attempts = Attempts::default();
        for _ in 0..30 {
            assert!(!attempts.keys_barred(address(1), at(1)));
            attempts.wrong_key(address(1), at(1));
        }
        assert!(attempts.keys_barred(address(1), at(15)));
        assert!(!attempts.keys_barred(address(2), at(15)));
        assert!(!attempts.keys_barred(address(1), at(16)));
    }

    /// AUD-2, AUD-3: of one address a hundred in a row, and again after fifteen quiet minutes.
    #[test]
    fn strangers_fill_no_log() {
        let attempts = Attempts::default();
        let heard = |minute| (0..150).filter(|_| attempts.is_heard(address(1), at(minute))).count();
        assert_eq!((heard(1), heard(2), heard(16)), (100, 0, 100));
        assert!(attempts.is_heard(address(2), at(2)));
    }

    /// DSK-5: a flood from many addresses takes no more memory, and forgets whoever was quiet longest.
    #[test]
    fn the_tables_stay_small() {
        let attempts = Attempts::default();
        for number in 0..ENTRIES_MAX as u32 + 100 {
            let from = IpAddr::from(number.to_be_bytes());
            attempts.begin(from, "anna", Uptime(u64::from(number))).unwrap();
        }
        let tables = attempts.tables.lock().unwrap();
        assert_eq!((tables.names.0.len(), tables.addresses.0.len()), (ENTRIES_MAX, ENTRIES_MAX));
        assert!(!tables.addresses.0.contains_key(&IpAddr::from(0u32.to_be_bytes())));
    }
}
