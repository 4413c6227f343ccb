//! Session descriptions as plain text.

use std::net::SocketAddr;

/// An offer or answer of µ-law with sound at this address.
pub fn sound_at(address: SocketAddr, direction: &str) -> String {
    sound_without_events(address, direction).replacen("RTP/AVP 0", "RTP/AVP 0 101", 1).replacen(
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000",
        1,
    )
}

/// The same of a phone that knows no telephone-event.
pub fn sound_without_events(address: SocketAddr, direction: &str) -> String {
    let (ip, family) = (address.ip(), if address.is_ipv6() { "IP6" } else { "IP4" });
    format!(
        "v=0\r\no=- 1 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\nm=audio {} RTP/AVP 0\r\n\
         a=rtpmap:0 PCMU/8000\r\na={direction}\r\n",
        address.port()
    )
}

/// The same of a client that sends no sound.
pub fn sound(client: SocketAddr, direction: &str) -> String {
    sound_at(SocketAddr::new(client.ip(), client.port() + 1000), direction)
}

/// Where a description wants its sound.
pub fn sound_of(description: &str) -> Option<SocketAddr> {
    let value = |start: &str| description.lines().find_map(|line| line.strip_prefix(start));
    let port = value("m=audio ")?.split(' ').next()?;
    let ip = value("c=IN IP4 ").or(value("c=IN IP6 "))?.trim();
    Some(SocketAddr::new(ip.parse().ok()?, port.parse().ok()?))
}
