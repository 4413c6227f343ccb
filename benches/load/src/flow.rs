//! One phone's sound: what it sends, numbered and stamped with its time, and what it hears.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket},
};

/// Header and 20 ms of G.711.
pub const PACKET: usize = 172;
const HEADER: usize = 12;

#[derive(Debug)]
pub struct Flow {
    pub socket: UdpSocket,
    pub to: SocketAddr,
    sequence: u16,
    ssrc: u32,
    tone: [u8; PACKET - HEADER],
    /// The timestamp of the key that was pressed last.
    pressed: u32,
}

/// A µ-law packet of a tone near 440 Hz.
fn tone() -> [u8; PACKET - HEADER] {
    // One turn of 18 samples at 8 kHz, as µ-law bytes.
    const TURN: [u8; 18] =
        [0xFF, 0xA9, 0x9D, 0x97, 0x95, 0x95, 0x97, 0x9D, 0xA9, 0xFF, 0x29, 0x1D, 0x17, 0x15, 0x15, 0x17, 0x1D, 0x29];
    std::array::from_fn(|at| TURN[at % TURN.len()])
}

impl Flow {
    /// On a port of loopback; `to` is set once the other side tells its own.
    pub fn open(number: u32) -> io::Result<Flow> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        let nowhere = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9).into();
        Ok(Flow { socket, to: nowhere, sequence: 0, ssrc: 0x1000_0000 + number, tone: tone(), pressed: 0 })
    }

    /// Sends a packet of 20 ms that says when it left, nanoseconds.
    pub fn send(&mut self, now: u64) {
        self.sequence = self.sequence.wrapping_add(1);
        let mut packet = [0; PACKET];
        packet[0] = 0x80;
        packet[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        packet[4..8].copy_from_slice(&(u32::from(self.sequence) * 160).to_be_bytes());
        packet[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        packet[HEADER..].copy_from_slice(&self.tone);
        packet[HEADER..HEADER + 8].copy_from_slice(&now.to_be_bytes());
        let _ = self.socket.send_to(&packet, self.to);
    }

    /// A packet of a key that is held, or let go (RFC 4733): so long since it was pressed, in samples.
    pub fn send_event(&mut self, key: u8, samples: u16, end: bool) {
        let begins = samples == 160 && !end;
        if begins {
            self.pressed = u32::from(self.sequence.wrapping_add(1)) * 160;
        }
        self.sequence = self.sequence.wrapping_add(1);
        let mut packet = [0; HEADER + 4];
        packet[..2].copy_from_slice(&[0x80, 101 | u8::from(begins) << 7]);
        packet[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        packet[4..8].copy_from_slice(&self.pressed.to_be_bytes());
        packet[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        packet[HEADER..HEADER + 2].copy_from_slice(&[key, u8::from(end) << 7 | 10]);
        packet[HEADER + 2..].copy_from_slice(&samples.to_be_bytes());
        let _ = self.socket.send_to(&packet, self.to);
    }

    /// When the packet that came had left; `None` if nothing came, or none of ours.
    pub fn receive(&self) -> Option<u64> {
        let mut packet = [0; 2048];
        let (length, _) = self.socket.recv_from(&mut packet).ok()?;
        let stamp = packet[HEADER..HEADER + 8].try_into().ok()?;
        (length == PACKET && packet[1] & 0x7F == 0).then(|| u64::from_be_bytes(stamp))
    }
}

/// Two flows a call, from lines `A B`: where each side sends to, on loopback.
pub fn from_map(map: &str, calls: usize) -> io::Result<Vec<Flow>> {
    let mut flows = Vec::new();
    for port in map.split_whitespace().take(2 * calls) {
        let port: u16 = port.parse().map_err(|_| io::Error::other(format!("`{port}` is no port")))?;
        let mut flow = Flow::open(flows.len() as u32)?;
        flow.to = (Ipv4Addr::LOCALHOST, port).into();
        flows.push(flow);
    }
    if flows.len() < 2 * calls {
        return Err(io::Error::other("fewer calls in the map than asked for"));
    }
    Ok(flows)
}
