//! What is asked of every request before anything answers it: the right name, the right site, and safe headers back.

use super::{listen::Via, refused::Refused};
use crate::schema::kind::Network;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::net::IpAddr;

/// BOX-156: nothing but the box, no inline script, no frame of others.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    font-src 'self'; media-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";
/// A form of another site cannot set it (BOX-154).
const OWN_HEADER: &str = "x-callbox";

/// The names and addresses that are the box's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Here {
    pub names: Vec<String>,
    pub addresses: Vec<IpAddr>,
}

impl Here {
    /// BOX-157: whether a request for `host` is meant for this box. The address on which it came is the box's, so a
    /// new address needs no restart.
    fn is(&self, host: &str, came_to: IpAddr) -> bool {
        let host = host.trim_end_matches('.');
        match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            Ok(address) => {
                let address = address.to_canonical();
                address == came_to.to_canonical() || self.addresses.contains(&address)
            }
            Err(_) => self.names.iter().any(|name| name.eq_ignore_ascii_case(host)),
        }
    }
}

/// Name and port that the request is for, if they are ours.
pub fn host(here: &Here, via: &Via, uri: &Uri, headers: &HeaderMap) -> Result<Authority, Refused> {
    let named = uri.authority().cloned().or_else(|| headers.get(header::HOST)?.to_str().ok()?.parse().ok());
    let plain = |authority: &Authority| !authority.as_str().contains('@');
    let ours = |authority: &Authority| here.is(authority.host(), via.local.ip());
    named.filter(|authority| plain(authority) && ours(authority)).ok_or_else(Refused::wrong_host)
}

/// Where a request comes from: the other end of the connection, or, if that is a proxy the box trusts, whom the proxy
/// names last that is no such proxy (PRF-26).
pub fn remote(proxies: &[Network], via: &Via, headers: &HeaderMap) -> IpAddr {
    let is_proxy = |address: &IpAddr| proxies.iter().any(|proxy| proxy.contains(*address));
    let end = via.remote.ip().to_canonical();
    if !is_proxy(&end) {
        return end;
    }
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let named: Vec<_> = lines.flat_map(|line| line.split(',')).map(|name| name.trim().parse::<IpAddr>()).collect();
    let known = named.into_iter().rev().map_while(Result::ok).map(|address| address.to_canonical());
    known.clone().find(|address| !is_proxy(address)).or_else(|| known.last()).unwrap_or(end)
}

/// Whether an address is on a list that limits who may come; an empty one limits nobody, and the box itself always may
/// (PRF-22, PRF-25, API-12, API-14).
pub fn is_allowed(list: &[Network], address: IpAddr) -> bool {
    list.is_empty() || address.is_loopback() || list.iter().any(|network| network.contains(address))
}

/// BOX-154, for a request that changes something: the box's own Origin and a header of ours.
pub fn own_site(host: &Authority, via: &Via, headers: &HeaderMap) -> Result<(), Refused> {
    if !headers.contains_key(OWN_HEADER) {
        return Err(Refused::cross_site());
    }
    own_origin(host, via, headers)
}

/// BOX-154, for a WebSocket.
pub fn own_origin(host: &Authority, via: &Via, headers: &HeaderMap) -> Result<(), Refused> {
    let scheme = if via.secure { "https" } else { "http" };
    let own = format!("{scheme}://{host}");
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    if origin.is_some_and(|origin| origin.eq_ignore_ascii_case(&own)) { Ok(()) } else { Err(Refused::cross_site()) }
}

/// What changes something is done to its end, and remembered, also when whoever asked has gone.
pub async fn to_the_end(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let done = tokio::spawn(next.run(request)).await;
    done.unwrap_or_else(|_| Refused::fault().into_response())
}

/// BOX-156, on every answer. What has no other word on caching is not kept. Strict-Transport-Security is not sent:
/// the box's certificate chains to no public root (BOX-40).
pub async fn safe_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Here {
        Here { names: vec!["callbox.local".into(), "desk".into()], addresses: vec!["203.0.113.9".parse().unwrap()] }
    }

    /// BOX-157
    #[test]
    fn the_box_is_known_by_its_names_and_addresses_only() {
        let came_to = "192.0.2.7".parse().unwrap();
        for host in ["callbox.local", "CALLBOX.local.", "desk", "192.0.2.7", "203.0.113.9", "[::ffff:192.0.2.7]"] {
            assert!(here().is(host, came_to), "{host}");
        }
        for host in ["", "evil.example", "desk.evil.example", "192.0.2.8", "[::1]", "callbox"] {
            assert!(!here().is(host, came_to), "{host}");
        }
    }
}
