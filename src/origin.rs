//! Who counts as one sender: of IPv4 an address; of IPv6 the network of 64 bits that a line is given, for whoever has
//! one can speak from any of its addresses.

use serde::{Deserialize, Deserializer, Serializer, de::Error};
use std::net::{IpAddr, Ipv6Addr};

/// How many leading bits of an address of IPv6 count.
pub const BITS: u8 = 64;
/// How a network is told from an address where it is shown.
const MARK: &str = "/64";

/// The first address of the network stands for it. What no line is given, as addresses of one machine and of one
/// office alone, stands for itself.
pub fn of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() && !v6.is_unique_local() && !v6.is_unicast_link_local() => {
            Ipv6Addr::from_bits(v6.to_bits() >> BITS << BITS).into()
        }
        other => other,
    }
}

/// Whether it stands for a network.
pub fn is_network(origin: IpAddr) -> bool {
    matches!(origin, IpAddr::V6(v6) if !v6.is_unspecified() && v6.to_bits() << BITS == 0) && of(origin) == origin
}

pub fn shown(origin: IpAddr) -> String {
    format!("{origin}{}", if is_network(origin) { MARK } else { "" })
}

/// As it is shown, or without the mark.
pub fn read(text: &str) -> Option<IpAddr> {
    text.strip_suffix(MARK).unwrap_or(text).parse().ok()
}

pub fn serialize<S: Serializer>(origin: &IpAddr, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&shown(*origin))
}

pub fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<IpAddr, D::Error> {
    let text = String::deserialize(from)?;
    read(&text).ok_or_else(|| D::Error::custom("no address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_sender() {
        let of = |text: &str| shown(of(text.parse().unwrap()));
        assert_eq!(of("203.0.113.7"), "203.0.113.7");
        assert_eq!(of("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2::"), "2001:db8:1:2::/64");
        for own in ["::1", "fd00::7", "fe80::7"] {
            assert_eq!(of(own), own);
        }
        for text in ["2001:db8:1:2::/64", "2001:db8:1:2::"] {
            assert_eq!(read(text).map(shown).as_deref(), Some("2001:db8:1:2::/64"));
        }
        assert_eq!((read("x"), read("203.0.113.0/64").map(shown)), (None, Some("203.0.113.0".into())));
    }
}
