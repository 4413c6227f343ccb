//! Where requests are sent instead: a host, with a port or without; or nothing.

use super::{
    host,
    line::{Form, Line},
};

/// `host` or `host:port`; before a port an IPv6 address stands in brackets.
pub type HostPort = Line<Way>;

pub struct Way;

impl Form for Way {
    const KIND: &'static str = "host_port";
    const MAX: u64 = 260;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

impl Default for HostPort {
    fn default() -> HostPort {
        HostPort::literal("")
    }
}

pub fn fits(text: &str) -> bool {
    if text.is_empty() || host::fits(text) {
        return true;
    }
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let whole = bare.map_or(!host.contains(':'), |address| address.contains(':'));
    let number = !port.starts_with('+') && port.parse::<u16>().is_ok_and(|port| port > 0);
    whole && number && host::fits(bare.unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_a_host_with_or_without_a_port() {
        for good in ["", "proxy", "proxy.example.com:5070", "192.0.2.7:5060", "2001:db8::7", "[2001:db8::7]:5061"] {
            assert!(HostPort::new(good).is_ok(), "{good}");
        }
        for bad in
            ["sip:proxy", "proxy:0", "proxy:65536", "proxy:+5060", "proxy:", ":5060", "[proxy]:5060", "a b", "[::1]"]
        {
            assert!(HostPort::new(bad).is_err(), "{bad}");
        }
    }
}
