//! Nonces that need no table until they are used, and the counts of those that were.

use super::hash::hex;
use crate::time::Uptime;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::{collections::BTreeMap, fmt, net::IpAddr, time::Duration};
use subtle::ConstantTimeEq;

/// How long a nonce may be used (BOX-141).
pub const LIFE: Duration = Duration::from_secs(5 * 60);
/// How many used nonces are remembered; only who has proven itself fills them.
pub(super) const USED_MAX: usize = 16_384;

/// What nonces are signed with. Never printed, blank in anything that is written down.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub [u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("***")
    }
}

fn blank() -> Secret {
    Secret([0; 32])
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    Fresh,
    Stale,
}

/// When it was made and its number: makes each nonce another one, and orders them by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Stamp(Uptime, u32);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Nonces {
    #[serde(skip, default = "blank")]
    secret: Secret,
    made: u32,
    used: BTreeMap<Stamp, Counts>,
    /// All up to this one count as used up, since their counts had to be dropped.
    dropped: Option<Stamp>,
}

impl Nonces {
    pub fn new(secret: Secret) -> Nonces {
        Nonces { secret, made: 0, used: BTreeMap::new(), dropped: None }
    }

    pub fn make(&mut self, now: Uptime, address: IpAddr) -> String {
        self.made = self.made.wrapping_add(1);
        let stamp = Stamp(now, self.made);
        format!("{:016x}{:08x}{}", stamp.0.0, stamp.1, self.sign(stamp, address))
    }

    /// Another text for each `purpose`, the same as long as the secret is.
    pub fn derive(&self, purpose: &[u8]) -> String {
        self.sum(&[b"derive", purpose])
    }

    /// Whether it was made for this address, whenever that was.
    pub fn is_ours(&self, address: IpAddr, nonce: &str) -> bool {
        self.read(nonce, address).is_some()
    }

    /// Accepts a count of a nonce once. Call it only when the password was right.
    pub fn take(&mut self, now: Uptime, address: IpAddr, nonce: &str, count: Option<u32>) -> Freshness {
        let Some(stamp) = self.read(nonce, address) else { return Freshness::Stale };
        let over = stamp.0 > now || now.since(stamp.0) > LIFE || self.dropped.is_some_and(|dropped| stamp <= dropped);
        if over {
            return Freshness::Stale;
        }
        self.forget(now);
        match self.used.entry(stamp).or_default().take(count) {
            true => Freshness::Fresh,
            false => Freshness::Stale,
        }
    }

    fn forget(&mut self, now: Uptime) {
        while let Some(oldest) = self.used.first_entry() {
            let over = now.since(oldest.key().0) > LIFE;
            if !over {
                break;
            }
            oldest.remove();
        }
        while self.used.len() >= USED_MAX {
            self.dropped = self.used.pop_first().map(|(stamp, _)| stamp);
        }
    }

    fn read(&self, nonce: &str, address: IpAddr) -> Option<Stamp> {
        let time = u64::from_str_radix(nonce.get(..16)?, 16).ok()?;
        let number = u32::from_str_radix(nonce.get(16..24)?, 16).ok()?;
        let stamp = Stamp(Uptime(time), number);
        let right: bool = self.sign(stamp, address).as_bytes().ct_eq(nonce.get(24..)?.as_bytes()).into();
        right.then_some(stamp)
    }

    fn sign(&self, stamp: Stamp, address: IpAddr) -> String {
        let octets = match address {
            IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
            IpAddr::V6(address) => address.octets(),
        };
        self.sum(&[b"nonce", &stamp.0.0.to_be_bytes(), &stamp.1.to_be_bytes(), &octets])
    }

    fn sum(&self, parts: &[&[u8]]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret.0).expect("a key of any length does");
        for part in parts {
            mac.update(part);
        }
        hex(&mac.finalize().into_bytes()[..16])
    }
}

/// Which counts of one nonce were accepted: the highest, and the 63 below it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Counts {
    highest: u32,
    /// Bit n: the highest but n was accepted.
    accepted: u64,
}

impl Counts {
    /// Who does not count may use a nonce once.
    fn take(&mut self, count: Option<u32>) -> bool {
        let Some(count) = count else {
            let first = self.highest == 0;
            *self = Counts { highest: u32::MAX, accepted: u64::MAX };
            return first;
        };
        if count > self.highest {
            self.accepted = self.accepted.checked_shl(count - self.highest).unwrap_or(0) | 1;
            self.highest = count;
            return true;
        }
        let bit = 1u64.checked_shl(self.highest - count).unwrap_or(0);
        let fresh = count > 0 && bit != 0 && self.accepted & bit == 0;
        self.accepted |= bit;
        fresh
    }
}
