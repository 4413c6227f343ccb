//! What is said to a phone, heard on its wire: for one that keeps nothing of what it hears.

use super::{
    Namespace,
    tone::{self, Sound},
    voice::{RATE, samples},
};
use std::{
    net::{Ipv4Addr, UdpSocket},
    os::fd::{FromRawFd, OwnedFd},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

const GLANCE: Duration = Duration::from_millis(50);
const UDP: u8 = 17;
const UDP_HEADER: usize = 8;

/// Every packet that comes to a place.
pub struct Tap {
    heard: Arc<Mutex<Vec<i16>>>,
    ended: Arc<AtomicBool>,
}

impl Tap {
    /// Listens from now on.
    pub fn at(place: &Namespace) -> Tap {
        let wire = place.run(open);
        let to: Ipv4Addr = place.address.parse().unwrap();
        let tap = Tap { heard: Arc::default(), ended: Arc::default() };
        let (heard, ended) = (tap.heard.clone(), tap.ended.clone());
        thread::spawn(move || {
            let mut packet = [0; 2048];
            while !ended.load(Ordering::Relaxed) {
                if let Ok(count) = wire.recv(&mut packet)
                    && let Some(said) = said_to(to, &packet[..count])
                {
                    heard.lock().unwrap().extend(samples(said));
                }
            }
        });
        tap
    }

    #[track_caller]
    pub fn hears(&self, who: &str, hertz: f64) {
        tone::hears(who, hertz, || {
            Some((PathBuf::new(), Sound { rate: RATE, samples: self.heard.lock().unwrap().clone() }))
        });
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

/// A socket that gets a copy of each IP packet; std knows only `recv` of it.
fn open() -> UdpSocket {
    let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC;
    // SAFETY: plain numbers; the descriptor is ours and is given away once.
    let wire = unsafe {
        let wire = libc::socket(libc::AF_PACKET, kind, i32::from((libc::ETH_P_IP as u16).to_be()));
        assert!(wire >= 0, "a packet socket: {}", std::io::Error::last_os_error());
        UdpSocket::from(OwnedFd::from_raw_fd(wire))
    };
    wire.set_read_timeout(Some(GLANCE)).unwrap();
    wire
}

/// What a datagram to this address holds.
fn said_to(to: Ipv4Addr, packet: &[u8]) -> Option<&[u8]> {
    let head = usize::from(packet.first()? & 15) * 4;
    let ours = packet.get(16..20)? == to.octets() && *packet.get(9)? == UDP;
    packet.get(head + UDP_HEADER..).filter(|_| ours)
}
