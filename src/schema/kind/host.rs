//! Where another machine is: a name or an address.

use super::line::{Form, Line};
use std::net::IpAddr;

/// A host name, an IPv4 or an IPv6 address (TRK-9).
pub type Host = Line<Machine>;

pub struct Machine;

impl Form for Machine {
    const KIND: &'static str = "host";
    const MIN: u64 = 1;
    const MAX: u64 = 253;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

/// Labels of letters, digits, hyphens and underscores (RFC 1123, RFC 2782), or an address.
pub fn fits(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let digits_only = || text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse::<IpAddr>().is_ok() || (!digits_only() && text.trim_end_matches('.').split('.').all(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// TRK-9
    #[test]
    fn a_host_is_a_name_or_an_address() {
        for good in ["sip.carrier.example", "sbc-1", "203.0.113.7", "2001:db8::7", "carrier.example."] {
            assert!(Host::new(good).is_ok(), "{good}");
        }
        for bad in ["", "203.0.113", "a b", "-x.example", "sip:carrier", "carrier..example", "运营商", "[::1]"] {
            assert!(Host::new(bad).is_err(), "{bad}");
        }
    }
}
