//! One hop of a request, and so where its response goes (RFC 3261 section 18.2, RFC 3581).

use super::method::is_token;
use super::params::{Params, cut};
use super::uri::{address_of, place_before};
use std::net::IpAddr;

/// What the branch of RFC 3261 begins with.
pub const MAGIC: &str = "z9hG4bK";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Via<'a> {
    /// UDP, TCP, TLS, WSS or any other token, as written.
    pub transport: &'a str,
    /// As written, an IPv6 address with its brackets.
    pub host: &'a str,
    pub port: Option<u16>,
    pub params: Params<'a>,
}

impl<'a> Via<'a> {
    pub fn parse(text: &'a str) -> Option<Via<'a>> {
        let (protocol, rest) = cut(text, b'/')?;
        let (version, rest) = cut(rest, b'/')?;
        if !protocol.trim_ascii().eq_ignore_ascii_case("SIP") || version.trim_ascii() != "2.0" {
            return None;
        }
        let rest = rest.trim_ascii();
        let (transport, rest) = rest.split_once([' ', '\t'])?;
        let (host, port, params) = place_before(rest.trim_ascii_start(), b";")?;
        let params = Params::parse(params)?;
        is_token(transport).then_some(Via { transport, host, port, params })
    }

    pub fn branch(&self) -> Option<&'a str> {
        self.params.value("branch")
    }

    /// The branch, if it is one that names a transaction by itself: the magic and something behind it.
    pub fn own_branch(&self) -> Option<&'a str> {
        self.branch().filter(|branch| branch.len() > MAGIC.len() && starts_with_magic(branch))
    }

    pub fn address(&self) -> Option<IpAddr> {
        address_of(self.host)
    }

    /// With or without brackets (RFC 5118 section 4.5).
    pub fn received(&self) -> Option<IpAddr> {
        address_of(self.params.value("received")?)
    }

    /// Whether the sender wants the response on the port that it sent from.
    pub fn asks_rport(&self) -> bool {
        self.params.has("rport")
    }

    pub fn rport(&self) -> Option<u16> {
        self.params.value("rport")?.parse().ok()
    }
}

fn starts_with_magic(branch: &str) -> bool {
    branch.as_bytes()[..MAGIC.len()].eq_ignore_ascii_case(MAGIC.as_bytes())
}
