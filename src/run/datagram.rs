//! SIP over UDP: sockets read in batches, each datagram with the address of ours that it was sent to.

use super::{clock, from_address};
use crate::{
    exchange::wire::{Peer, Transport},
    time::Uptime,
};
use bytes::Bytes;
use libc::{c_int, c_void};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io,
    mem::{self, MaybeUninit},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    os::fd::{AsRawFd, RawFd},
    ptr,
};

/// Datagrams read in one call of the system.
const BATCH: usize = 32;
/// The largest datagram; BOX-149 allows 64 KB.
const DATAGRAM_BYTES_MAX: usize = 65_536;
const CONTROL_BYTES: usize = 64;
const BUFFER_BYTES: usize = 4 << 20;

pub struct Datagram {
    pub came: Uptime,
    pub peer: Peer,
    pub bytes: Bytes,
}

pub struct DatagramSocket {
    socket: Socket,
    port: u16,
    is_v6: bool,
    /// Our address where the socket is bound to one.
    bound: Option<IpAddr>,
    buffers: Vec<u8>,
}

impl DatagramSocket {
    /// Binds `address`; a wildcard takes datagrams for every address of its family.
    pub fn bind(address: SocketAddr) -> io::Result<DatagramSocket> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        // The kernel may give less; then bursts are shorter.
        let _ = socket.set_recv_buffer_size(BUFFER_BYTES);
        ask_for_local_address(&socket, address.is_ipv6())?;
        socket.bind(&address.into())?;
        let bound = Some(address.ip()).filter(|ip| !ip.is_unspecified());
        let is_v6 = address.is_ipv6();
        Ok(DatagramSocket { socket, port: address.port(), is_v6, bound, buffers: vec![0; BATCH * DATAGRAM_BYTES_MAX] })
    }

    pub fn fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// Whether this socket is the one that the peer talks to.
    pub fn carries(&self, peer: &Peer) -> bool {
        peer.local.port() == self.port
            && peer.remote.is_ipv6() == self.is_v6
            && self.bound.is_none_or(|ip| ip == peer.local.ip() || peer.local.ip().is_unspecified())
    }

    /// The peer at `remote` as it would be met from here; `None` if this socket does not reach it.
    pub fn way_to(&self, remote: SocketAddr) -> Option<Peer> {
        if remote.is_ipv6() != self.is_v6 {
            return None;
        }
        let any: IpAddr = if self.is_v6 { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
        let probe = UdpSocket::bind(SocketAddr::new(self.bound.unwrap_or(any), 0)).ok()?;
        // Sends nothing; the system says which of our addresses it would take.
        probe.connect(remote).ok()?;
        let local = SocketAddr::new(probe.local_addr().ok()?.ip(), self.port);
        Some(Peer { transport: Transport::Udp, local, remote, connection: None })
    }

    /// Reads what is there, at most a batch; `false` if there is no more. Addresses that `unwanted` names are
    /// dropped before they are copied.
    pub fn read(&mut self, unwanted: impl Fn(IpAddr) -> bool, mut take: impl FnMut(Datagram)) -> bool {
        // The kernel fills these: what it does not, nobody looks at.
        let mut names = [const { MaybeUninit::<libc::sockaddr_storage>::uninit() }; BATCH];
        let mut controls = [const { MaybeUninit::<Control>::uninit() }; BATCH];
        // SAFETY: of these two all bits may be zero.
        let mut vectors: [libc::iovec; BATCH] = unsafe { mem::zeroed() };
        let mut messages: [libc::mmsghdr; BATCH] = unsafe { mem::zeroed() };
        for (i, buffer) in self.buffers.chunks_exact_mut(DATAGRAM_BYTES_MAX).enumerate() {
            vectors[i] = libc::iovec { iov_base: buffer.as_mut_ptr().cast::<c_void>(), iov_len: DATAGRAM_BYTES_MAX };
            let header = &mut messages[i].msg_hdr;
            header.msg_name = names[i].as_mut_ptr().cast::<c_void>();
            header.msg_namelen = mem::size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            header.msg_iov = &mut vectors[i];
            header.msg_iovlen = 1;
            header.msg_control = controls[i].as_mut_ptr().cast::<c_void>();
            header.msg_controllen = CONTROL_BYTES as _;
        }
        // SAFETY: every pointer above is to memory that outlives the call, with the length beside it.
        let count = unsafe {
            libc::recvmmsg(self.fd(), messages.as_mut_ptr(), BATCH as u32, libc::MSG_DONTWAIT as _, ptr::null_mut())
        };
        if count <= 0 {
            return false;
        }
        let came = clock::now().up;
        for i in 0..count as usize {
            // SAFETY: of a message that came, the kernel wrote from whom.
            let Some(remote) = (unsafe { from_address::read(&names[i]) }) else { continue };
            if unwanted(remote.ip()) {
                continue;
            }
            let ip = self.bound.or_else(|| local_address(&messages[i].msg_hdr)).unwrap_or(match remote {
                SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            });
            let from = i * DATAGRAM_BYTES_MAX;
            let bytes = Bytes::copy_from_slice(&self.buffers[from..from + messages[i].msg_len as usize]);
            let local = SocketAddr::new(ip, self.port);
            take(Datagram { came, peer: Peer { transport: Transport::Udp, local, remote, connection: None }, bytes });
        }
        count as usize == BATCH
    }

    /// Sends from the address that the peer knows us by.
    pub fn send(&self, peer: &Peer, bytes: &[u8]) -> io::Result<()> {
        let name = socket2::SockAddr::from(peer.remote);
        let mut vector = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast::<c_void>(), iov_len: bytes.len() };
        let mut control = Control([0; CONTROL_BYTES]);
        // SAFETY: a zeroed header is a valid one; the pointers live until the call is over.
        let sent = unsafe {
            let mut header: libc::msghdr = mem::zeroed();
            header.msg_name = name.as_ptr().cast_mut().cast::<c_void>();
            header.msg_namelen = name.len();
            header.msg_iov = &mut vector;
            header.msg_iovlen = 1;
            if self.bound.is_none() && !peer.local.ip().is_unspecified() {
                header.msg_control = control.0.as_mut_ptr().cast::<c_void>();
                header.msg_controllen = CONTROL_BYTES as _;
                header.msg_controllen = name_local_address(&header, peer.local.ip()) as _;
            }
            libc::sendmsg(self.fd(), &header, libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL)
        };
        if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

/// Control messages want the alignment of their header.
#[repr(C, align(8))]
struct Control([u8; CONTROL_BYTES]);

fn ask_for_local_address(socket: &Socket, v6: bool) -> io::Result<()> {
    let (level, name) =
        if v6 { (libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO) } else { (libc::IPPROTO_IP, libc::IP_PKTINFO) };
    let on: c_int = 1;
    // SAFETY: the option is an int, whose size is given.
    let done = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            name,
            ptr::from_ref(&on).cast::<c_void>(),
            mem::size_of::<c_int>() as libc::socklen_t,
        )
    };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn local_address(header: &libc::msghdr) -> Option<IpAddr> {
    // SAFETY: the kernel filled the control buffer, which is aligned as its header; the macros stay inside its length.
    unsafe {
        let mut control = libc::CMSG_FIRSTHDR(header);
        while !control.is_null() {
            let content = libc::CMSG_DATA(control);
            match ((*control).cmsg_level, (*control).cmsg_type) {
                (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                    let info = ptr::read_unaligned(content.cast::<libc::in_pktinfo>());
                    return Some(IpAddr::V4(Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr))));
                }
                (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                    let info = ptr::read_unaligned(content.cast::<libc::in6_pktinfo>());
                    return Some(IpAddr::V6(Ipv6Addr::from(info.ipi6_addr.s6_addr)));
                }
                _ => control = libc::CMSG_NXTHDR(header, control),
            }
        }
    }
    None
}

/// Writes the source address into the header's control buffer and gives the length used.
///
/// # Safety
/// `header.msg_control` points to an aligned buffer of `CONTROL_BYTES`.
unsafe fn name_local_address(header: &libc::msghdr, local: IpAddr) -> usize {
    // SAFETY: the buffer is larger than the space of either structure.
    unsafe {
        let control = libc::CMSG_FIRSTHDR(header);
        match local {
            IpAddr::V4(ip) => {
                let size = mem::size_of::<libc::in_pktinfo>() as u32;
                (*control).cmsg_level = libc::IPPROTO_IP;
                (*control).cmsg_type = libc::IP_PKTINFO;
                (*control).cmsg_len = libc::CMSG_LEN(size) as _;
                let info = libc::in_pktinfo {
                    ipi_ifindex: 0,
                    ipi_spec_dst: libc::in_addr { s_addr: u32::from(ip).to_be() },
                    ipi_addr: libc::in_addr { s_addr: 0 },
                };
                ptr::write_unaligned(libc::CMSG_DATA(control).cast(), info);
                libc::CMSG_SPACE(size) as usize
            }
            IpAddr::V6(ip) => {
                let size = mem::size_of::<libc::in6_pktinfo>() as u32;
                (*control).cmsg_level = libc::IPPROTO_IPV6;
                (*control).cmsg_type = libc::IPV6_PKTINFO;
                (*control).cmsg_len = libc::CMSG_LEN(size) as _;
                let info = libc::in6_pktinfo { ipi6_addr: libc::in6_addr { s6_addr: ip.octets() }, ipi6_ifindex: 0 };
                ptr::write_unaligned(libc::CMSG_DATA(control).cast(), info);
                libc::CMSG_SPACE(size) as usize
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BOX-44, DSK-333: the answer leaves from the address and port that was asked, on IPv4 and IPv6.
    #[test]
    fn an_answer_leaves_from_where_the_question_came_to() {
        for (wildcard, asked) in [("0.0.0.0", "127.0.0.5"), ("::", "::1"), ("127.0.0.9", "127.0.0.9")] {
            let port = std::net::UdpSocket::bind((wildcard, 0)).unwrap().local_addr().unwrap().port();
            let mut ours = DatagramSocket::bind(SocketAddr::new(wildcard.parse().unwrap(), port)).unwrap();
            let phone = std::net::UdpSocket::bind(if asked.contains(':') { "[::1]:0" } else { "127.0.0.1:0" }).unwrap();
            phone.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
            for _ in 0..40 {
                phone.send_to(b"hello", (asked, port)).unwrap();
            }
            let (mut peers, mut more) = (Vec::new(), true);
            while more {
                more = ours.read(|_| false, |datagram| peers.push((datagram.peer, datagram.bytes)));
            }
            assert_eq!(peers.len(), 40);
            assert_eq!(peers[0].0.local, SocketAddr::new(asked.parse().unwrap(), port));
            assert_eq!(&peers[39].1[..], b"hello");
            ours.send(&peers[0].0, b"answer").unwrap();
            let mut buffer = [0; 16];
            let (length, from) = phone.recv_from(&mut buffer).unwrap();
            assert_eq!((&buffer[..length], from), (&b"answer"[..], SocketAddr::new(asked.parse().unwrap(), port)));
            phone.send_to(b"banned", (asked, port)).unwrap();
            ours.read(|_| true, |_| panic!("a banned address is not read"));
        }
    }
}
