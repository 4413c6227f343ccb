//! When a packet came, by the kernel's clock: however late it is looked at.

use std::{
    io, mem,
    net::{Ipv4Addr, SocketAddrV4, UdpSocket},
    os::fd::AsRawFd,
};

/// As much as the machine lets, so that a burst is not lost at our side.
const BUFFER_BYTES: libc::c_int = 8 << 20;

#[repr(C, align(8))]
struct Control([u8; 64]);

/// Lets a socket of IPv4 take bursts, and has the kernel stamp what comes to it.
pub fn begin(socket: &UdpSocket) -> io::Result<()> {
    // Who may not have more has what there is.
    let _ = set(socket, libc::SO_RCVBUFFORCE, BUFFER_BYTES);
    set(socket, libc::SO_TIMESTAMPNS, 1)
}

fn set(socket: &UdpSocket, name: libc::c_int, value: libc::c_int) -> io::Result<()> {
    let length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the number lives until the call is over and its size is given.
    let done =
        unsafe { libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, name, (&raw const value).cast(), length) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Nanoseconds on the clock of the stamps.
pub fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel fills the struct in.
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &mut time) };
    nanoseconds(&time)
}

/// What waits, if anything does: its length, from where, and when it came.
pub fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> Option<(usize, SocketAddrV4, u64)> {
    // SAFETY: of these all bits may be zero; every pointer is to memory that outlives the call, its length beside it.
    unsafe {
        let mut name: libc::sockaddr_in = mem::zeroed();
        let mut control = Control([0; 64]);
        let mut vector = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
        let mut header: libc::msghdr = mem::zeroed();
        header.msg_name = (&raw mut name).cast();
        header.msg_namelen = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        header.msg_iov = &raw mut vector;
        header.msg_iovlen = 1;
        header.msg_control = control.0.as_mut_ptr().cast();
        header.msg_controllen = control.0.len();
        let length = libc::recvmsg(socket.as_raw_fd(), &mut header, libc::MSG_DONTWAIT);
        let length = usize::try_from(length).ok()?;
        let first = libc::CMSG_FIRSTHDR(&header);
        if first.is_null() || (*first).cmsg_type != libc::SCM_TIMESTAMPNS {
            return None;
        }
        let stamp: libc::timespec = std::ptr::read_unaligned(libc::CMSG_DATA(first).cast());
        let from = SocketAddrV4::new(Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr)), u16::from_be(name.sin_port));
        Some((length, from, nanoseconds(&stamp)))
    }
}

fn nanoseconds(time: &libc::timespec) -> u64 {
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
