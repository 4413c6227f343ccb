//! An address, or a network as address and prefix length: `192.168.0.0/16`, `fd00::/8`, `10.0.0.7`.

use super::line::{Form, Line};
use std::net::IpAddr;

pub type Network = Line<Range>;

pub struct Range;

impl Form for Range {
    const KIND: &'static str = "network";
    const MIN: u64 = 2;
    const MAX: u64 = 43;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

impl Network {
    /// Whether the address lies in it; an IPv4 address written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let Some((network, length)) = parts(self) else { return false };
        match (network, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32, length),
            (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128, length),
            _ => false,
        }
    }
}

impl Network {
    /// Whether it takes in more than a carrier has: wider than /16 of IPv4 or /32 of IPv6 (TRK-16).
    pub fn is_wide(&self) -> bool {
        parts(self).is_some_and(|(address, length)| length < if address.is_ipv4() { 16 } else { 32 })
    }
}

fn same(a: u128, b: u128, bits: u32, length: u32) -> bool {
    length == 0 || (a ^ b) >> (bits - length) == 0
}

fn parts(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let length = match length {
        None => most,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
        Some(_) => return None,
    };
    (length <= most).then_some((address, length))
}

pub fn fits(text: &str) -> bool {
    parts(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BOX-43, BOX-145
    #[test]
    fn a_network_holds_its_addresses() {
        let inside = |network: &str, address: &str| Network::new(network).unwrap().contains(address.parse().unwrap());
        assert!(inside("192.168.0.0/16", "192.168.7.1"));
        assert!(inside("192.168.0.0/16", "::ffff:192.168.7.1"));
        assert!(!inside("192.168.0.0/16", "192.169.0.1"));
        assert!(inside("10.0.0.7", "10.0.0.7"));
        assert!(!inside("10.0.0.7", "10.0.0.8"));
        assert!(inside("0.0.0.0/0", "8.8.8.8"));
        assert!(!inside("0.0.0.0/0", "::1"));
        assert!(inside("fd00::/8", "fdab::1"));
        for bad in ["10.0.0.0/33", "fd00::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/+8", "name"] {
            assert!(Network::new(bad).is_err(), "{bad}");
        }
    }
}
