//! The address of a page or a service.

use super::{
    external_address,
    line::{Form, Line},
};
use std::net::Ipv6Addr;

/// `http` or `https`, with a host, up to `MAX` characters.
pub type Link<const MAX: u64> = Line<Address<MAX>>;

pub struct Address<const MAX: u64>;

impl<const MAX: u64> Form for Address<MAX> {
    const KIND: &'static str = "link";
    const MIN: u64 = 8;
    const MAX: u64 = MAX;
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

/// A name or an address, and a port if there is one; no user, for links are shown.
fn host(text: &str) -> bool {
    if let Some((address, port)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        return address.parse::<Ipv6Addr>().is_ok() && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
    external_address::fits(name) && port.is_none_or(is_port)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

pub fn fits(text: &str) -> bool {
    let whole = text.bytes().all(|byte| byte.is_ascii_graphic());
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    whole && rest.is_some_and(|rest| host(rest.split(['/', '?', '#']).next().unwrap_or("")))
}

/// The host of an address alone: what stands behind it may hold a key, and is written down nowhere.
pub fn host_of(link: &str) -> String {
    let (scheme, rest) = link.split_once("://").unwrap_or(("http", link));
    format!("{scheme}://{}/", rest.split(['/', '?', '#']).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BOX-122
    #[test]
    fn an_address_is_written_down_without_what_it_may_hold() {
        for (link, host) in [
            ("https://crm.example:8443/hook?token=5ecret#x", "https://crm.example:8443/"),
            ("http://crm?key=5ecret", "http://crm/"),
            ("https://[fd00::1]/5ecret", "https://[fd00::1]/"),
        ] {
            assert_eq!(host_of(link), host);
            assert!(Link::<200>::new(host).is_ok());
            assert_eq!(host_of(host), host);
        }
    }

    /// LST-21
    #[test]
    fn a_link_goes_to_a_host() {
        for good in ["https://example.com/a?b=1#c", "http://10.0.0.7:8080/x", "https://[fd00::1]:443/", "http://crm/"] {
            assert!(Link::<200>::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "example.com",
            "ftp://example.com",
            "http://",
            "http://a b/",
            "javascript:alert(1)",
            "https://u:p@host/",
            "http://host:0/",
            "http://host:x/",
            "https://-a/",
        ] {
            assert!(Link::<200>::new(bad).is_err(), "{bad}");
        }
    }
}
