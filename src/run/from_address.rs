//! From where a datagram came, as the kernel writes it.

use libc::{c_int, sockaddr_in, sockaddr_in6, sockaddr_storage};
use std::{
    mem::MaybeUninit,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6},
};

/// `None`: it is of no family of the internet.
///
/// # Safety
/// `name` holds a socket address as the kernel writes it.
pub unsafe fn read(name: &MaybeUninit<sockaddr_storage>) -> Option<SocketAddr> {
    // SAFETY: every address begins with its family.
    let family = unsafe { (*name.as_ptr()).ss_family };
    match c_int::from(family) {
        libc::AF_INET => {
            // SAFETY: the family says which address it is.
            let v4 = unsafe { &*name.as_ptr().cast::<sockaddr_in>() };
            let ip = Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr));
            Some(SocketAddr::new(IpAddr::V4(ip), u16::from_be(v4.sin_port)))
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let v6 = unsafe { &*name.as_ptr().cast::<sockaddr_in6>() };
            let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
            Some(SocketAddr::V6(SocketAddrV6::new(ip, u16::from_be(v6.sin6_port), 0, v6.sin6_scope_id)))
        }
        _ => None,
    }
}
