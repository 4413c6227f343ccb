//! The addresses that this machine has.

use crate::sip::network::Network;
use std::net::IpAddr;

/// Every usable address of the machine with the network that it stands in, or the one that is bound alone; link-local
/// ones of IPv6 are left out.
pub fn of_machine(bind: Option<IpAddr>) -> Vec<Network> {
    let bind = bind.filter(|bind| !bind.is_unspecified());
    let Ok(interfaces) = nix::ifaddrs::getifaddrs() else { return bind.into_iter().map(Network::from).collect() };
    let ip = |address: nix::sys::socket::SockaddrStorage| {
        let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
        v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
    };
    let mut found: Vec<Network> = interfaces
        .filter_map(|interface| {
            let (address, mask) = (ip(interface.address?)?, interface.netmask.and_then(ip));
            Some(network(address, mask))
        })
        .filter(|own| !matches!(own.address, IpAddr::V6(v6) if v6.is_unicast_link_local()))
        .filter(|own| bind.is_none_or(|bind| bind == own.address))
        .collect();
    found.sort_by_key(|own| (own.address.is_loopback(), *own));
    found.dedup();
    match bind {
        Some(bind) if found.is_empty() => vec![bind.into()],
        _ => found,
    }
}

/// The addresses alone.
pub fn plain(own: &[Network]) -> Vec<IpAddr> {
    own.iter().map(|own| own.address).collect()
}

/// A mask that takes in half the world is none of an office.
fn network(address: IpAddr, mask: Option<IpAddr>) -> Network {
    let widest = if address.is_ipv4() { 8 } else { 32 };
    let prefix = mask.map(prefix).filter(|prefix| *prefix >= widest);
    prefix.map_or(address.into(), |prefix| Network { address, prefix })
}

fn prefix(mask: IpAddr) -> u8 {
    match mask {
        IpAddr::V4(mask) => mask.to_bits().leading_ones() as u8,
        IpAddr::V6(mask) => mask.to_bits().leading_ones() as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BOX-43: the box's own networks are local.
    #[test]
    fn an_address_stands_in_the_network_of_its_mask() {
        let stands = |address: &str, mask: Option<&str>| {
            network(address.parse().unwrap(), mask.map(|mask| mask.parse().unwrap()))
        };
        let is = |text: &str| text.parse::<Network>().unwrap();
        assert_eq!(stands("198.51.100.7", Some("255.255.255.192")), is("198.51.100.7/26"));
        assert_eq!(stands("2001:db8::7", Some("ffff:ffff:ffff:ffff::")), is("2001:db8::7/64"));
        for mask in [None, Some("0.0.0.0"), Some("192.0.0.0")] {
            assert_eq!(stands("198.51.100.7", mask), is("198.51.100.7"));
        }
        assert!(of_machine(None).iter().any(|own| own.address.is_loopback() && own.prefix == 8));
        assert_eq!(of_machine(Some("127.0.0.1".parse().unwrap())), [is("127.0.0.1/8")]);
        assert_eq!(of_machine(Some("192.0.2.77".parse().unwrap())), [is("192.0.2.77")], "not there yet");
    }
}
