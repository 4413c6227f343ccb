//! One UDP socket of the sound: opened, read and written with one system call a packet and no memory.

use crate::run::from_address;
use nix::libc;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::{
    io,
    mem::{MaybeUninit, size_of},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    os::fd::{AsFd, AsRawFd, BorrowedFd},
};

/// Room for packets that wait while the thread is kept from running: some seconds of one leg.
const RECEIVE_BUFFER: usize = 64 * 1024;
/// Expedited forwarding (RFC 3246), in the upper six bits.
const EXPEDITED: u32 = 46 << 2;

#[derive(Debug)]
pub struct Port {
    socket: Socket,
    /// Speaks IPv4 through addresses of IPv6.
    mapped: bool,
}

impl Port {
    /// On the address given, else on all of IPv4 and IPv6, or of IPv4 where the machine has no other.
    pub fn bind(bind: Option<IpAddr>, port: u16) -> io::Result<Port> {
        match bind {
            Some(address) => Port::open(SocketAddr::new(address, port)),
            None => match Port::open(SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port)) {
                Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                    Port::open(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port))
                }
                opened => opened,
            },
        }
    }

    fn open(address: SocketAddr) -> io::Result<Port> {
        let port = Port::unbound(address)?;
        port.socket.bind(&SockAddr::from(address))?;
        Ok(port)
    }

    /// A second socket on the same port that takes what comes from one address, and sends there.
    pub fn connected(&self, to: SocketAddr) -> io::Result<Port> {
        let address = self.socket.local_addr()?;
        let port = Port::unbound(address.as_socket().ok_or(io::ErrorKind::Unsupported)?)?;
        // For this moment only: nobody else may come to the port.
        self.socket.set_reuse_address(true)?;
        let bound = port.socket.set_reuse_address(true).and_then(|()| port.socket.bind(&address));
        self.socket.set_reuse_address(false)?;
        bound?;
        port.socket.set_reuse_address(false)?;
        port.socket.connect(&port.name(to))?;
        Ok(port)
    }

    fn unbound(address: SocketAddr) -> io::Result<Port> {
        let socket =
            Socket::new(Domain::for_address(address), Type::DGRAM.nonblocking().cloexec(), Some(Protocol::UDP))?;
        if address.is_ipv6() {
            let all = address.ip().is_unspecified();
            socket.set_only_v6(!all)?;
            let _ = socket.set_tclass_v6(EXPEDITED);
        }
        let _ = socket.set_tos_v4(EXPEDITED);
        socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
        Ok(Port { socket, mapped: address.is_ipv6() })
    }

    /// One packet, if there is one: its length and sender.
    pub fn receive(&self, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        let mut name = MaybeUninit::<libc::sockaddr_storage>::uninit();
        let mut name_length = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        // SAFETY: buffer and name are writable for the lengths given, and live through the call.
        let length = unsafe {
            libc::recvfrom(
                self.socket.as_raw_fd(),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                libc::MSG_TRUNC,
                name.as_mut_ptr().cast(),
                &mut name_length,
            )
        };
        let length = usize::try_from(length).ok()?;
        // SAFETY: the kernel wrote a name of the family of the socket.
        let from = unsafe { from_address::read(&name) }?;
        Some((length, SocketAddr::new(from.ip().to_canonical(), from.port())))
    }

    fn name(&self, to: SocketAddr) -> SockAddr {
        match to {
            SocketAddr::V4(v4) if self.mapped => {
                SockAddr::from(SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port()))
            }
            _ => SockAddr::from(to),
        }
    }

    /// Sends to where the port is connected, or drops.
    pub fn pass(&self, packet: &[u8]) {
        // SAFETY: the packet is readable for its length.
        unsafe { libc::send(self.socket.as_raw_fd(), packet.as_ptr().cast(), packet.len(), 0) };
    }

    /// Sends, or drops where the kernel has no room: sound that waits is worth nothing.
    pub fn send(&self, to: SocketAddr, packet: &[u8]) {
        let name = self.name(to);
        // SAFETY: packet and name are readable for the lengths given.
        unsafe {
            libc::sendto(
                self.socket.as_raw_fd(),
                packet.as_ptr().cast(),
                packet.len(),
                0,
                name.as_ptr().cast(),
                name.len(),
            );
        }
    }

    /// Throws away what waits.
    pub fn drain(&self) {
        let mut nothing = [0; 1];
        while self.receive(&mut nothing).is_some() {}
    }
}

impl AsFd for Port {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
