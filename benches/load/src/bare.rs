//! The bare loop: the least that forwarding can cost. No header is read, no source checked, nothing counted.

use crate::measure::Poll;
use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr, UdpSocket},
};

struct Side {
    socket: UdpSocket,
    peer: Option<SocketAddr>,
}

/// Opens two ports a call, tells them a line a call, and passes on what comes to one from the other, until killed.
/// Sockets are not connected, as a relay's are not that has to see strangers.
pub fn forward(calls: usize) -> io::Result<()> {
    let poll = Poll::new()?;
    let mut sides = Vec::with_capacity(2 * calls);
    let mut map = String::new();
    for number in 0..2 * calls {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        poll.add(&socket, number as u64)?;
        let end = if number % 2 == 0 { ' ' } else { '\n' };
        map.push_str(&format!("{}{end}", socket.local_addr()?.port()));
        sides.push(Side { socket, peer: None });
    }
    println!("{map}");
    io::stdout().flush()?;
    let mut packet = [0; 2048];
    loop {
        poll.wait(-1, |mark| {
            let Ok((length, from)) = sides[mark as usize].socket.recv_from(&mut packet) else { return };
            sides[mark as usize].peer = Some(from);
            let other = &sides[mark as usize ^ 1];
            if let Some(peer) = other.peer {
                let _ = other.socket.send_to(&packet[..length], peer);
            }
        });
    }
}
