//! An address range such as `192.168.1.0/24`.

use serde::{Deserialize, Serialize};
use std::{net::IpAddr, str::FromStr};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Network {
    pub address: IpAddr,
    /// How many leading bits count.
    pub prefix: u8,
}

impl Network {
    /// Whether some address is in both.
    pub fn meets(&self, other: &Network) -> bool {
        let (wider, other) = if self.prefix <= other.prefix { (self, other) } else { (other, self) };
        wider.contains(other.address)
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address.to_canonical(), address.to_canonical()) {
            (IpAddr::V4(mine), IpAddr::V4(other)) => {
                same(mine.to_bits().into(), other.to_bits().into(), 32, self.prefix)
            }
            (IpAddr::V6(mine), IpAddr::V6(other)) => same(mine.to_bits(), other.to_bits(), 128, self.prefix),
            _ => false,
        }
    }
}

/// A single address is a network of its own.
impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Network {
        let prefix = if address.is_ipv4() { 32 } else { 128 };
        Network { address, prefix }
    }
}

impl FromStr for Network {
    type Err = ();
    fn from_str(text: &str) -> Result<Network, ()> {
        let Some((address, prefix)) = text.split_once('/') else {
            return text.parse::<IpAddr>().map(Network::from).map_err(|_| ());
        };
        let address: IpAddr = address.parse().map_err(|_| ())?;
        let prefix: u8 = prefix.parse().map_err(|_| ())?;
        (prefix <= Network::from(address).prefix).then_some(Network { address, prefix }).ok_or(())
    }
}

fn same(mine: u128, other: u128, width: u32, prefix: u8) -> bool {
    let ignored = width.saturating_sub(prefix.into());
    (mine ^ other).checked_shr(ignored).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_meet_where_one_lies_in_the_other() {
        let meet = |one: &str, other: &str| {
            let (one, other): (Network, Network) = (one.parse().unwrap(), other.parse().unwrap());
            assert_eq!(one.meets(&other), other.meets(&one));
            one.meets(&other)
        };
        assert!(meet("2001:db8:1:2::/64", "2001:db8:1::/48") && meet("2001:db8:1:2::7", "2001:db8:1:2::/64"));
        assert!(!meet("2001:db8:1:2::/64", "2001:db8:1:3::/64") && !meet("::/0", "10.0.0.0/8"));
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        let holds =
            |network: &str, address: &str| network.parse::<Network>().unwrap().contains(address.parse().unwrap());
        assert!(holds("192.168.1.0/24", "192.168.1.255") && !holds("192.168.1.0/24", "192.168.2.0"));
        assert!(holds("0.0.0.0/0", "8.8.8.8") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("192.168.1.7", "::ffff:192.168.1.7") && !holds("192.168.1.7", "192.168.1.6"));
        assert!(holds("fe80::/10", "febf::1") && !holds("fe80::/10", "fec0::1") && holds("::/0", "2001:db8::1"));
        assert!(
            ["192.168.1.0/33", "::/129", "x", "1.2.3.4/", "1.2.3.4/-1"]
                .iter()
                .all(|text| text.parse::<Network>().is_err())
        );
    }
}
