//! The addresses that this machine has.

use std::net::IpAddr;

/// Every usable address of the machine, or the one that is bound alone; link-local ones of IPv6 are left out.
pub fn of_machine(bind: Option<IpAddr>) -> Vec<IpAddr> {
    if let Some(bind) = bind.filter(|bind| !bind.is_unspecified()) {
        return vec![bind];
    }
    let Ok(interfaces) = nix::ifaddrs::getifaddrs() else { return Vec::new() };
    let mut found: Vec<IpAddr> = interfaces
        .filter_map(|interface| interface.address)
        .filter_map(|address| {
            let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
            v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
        })
        .filter(|ip| !matches!(ip, IpAddr::V6(v6) if v6.is_unicast_link_local()))
        .collect();
    found.sort_by_key(|ip| (ip.is_loopback(), *ip));
    found.dedup();
    found
}
