//! sip, sips and tel URIs (RFC 3261 section 19.1, RFC 3966), borrowed from the text that they stand in.

use super::{
    class::{self, is_all},
    params::{Params, cut, cut_before},
};
use std::{borrow::Cow, collections::BTreeMap, net::IpAddr};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Sip,
    Sips,
    Tel,
}

/// Why a text is no URI of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadUri {
    /// A URI, but of a scheme that we do not speak.
    Scheme,
    Syntax,
}

impl BadUri {
    /// What a request with such a Request-URI is answered.
    pub fn code(self) -> u16 {
        match self {
            BadUri::Scheme => 416,
            BadUri::Syntax => 400,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uri<'a> {
    /// The whole URI as written.
    pub text: &'a str,
    pub scheme: Scheme,
    /// As written, escapes and `;` included; the number of a tel URI.
    pub user: Option<&'a str>,
    pub password: Option<&'a str>,
    /// As written, an IPv6 address with its brackets; empty in a tel URI.
    pub host: &'a str,
    pub port: Option<u16>,
    pub params: Params<'a>,
    /// What stands behind `?`, as written.
    headers: &'a str,
}

impl<'a> Uri<'a> {
    pub fn parse(text: &'a str) -> Result<Uri<'a>, BadUri> {
        let (scheme, rest) = cut(text, b':').ok_or(BadUri::Syntax)?;
        let starts_well = scheme.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
        if !starts_well || !is_all(scheme, class::SCHEME) || !is_all(text, class::URI) {
            return Err(BadUri::Syntax);
        }
        match () {
            () if scheme.eq_ignore_ascii_case("sip") => Uri::with_host(text, Scheme::Sip, rest),
            () if scheme.eq_ignore_ascii_case("sips") => Uri::with_host(text, Scheme::Sips, rest),
            () if scheme.eq_ignore_ascii_case("tel") => Uri::with_number(text, rest),
            () => Err(BadUri::Scheme),
        }
    }

    /// The first `@` ends the user part: it may hold `;` and `?`, and a sloppy header part may hold a second `@`.
    fn with_host(text: &'a str, scheme: Scheme, rest: &'a str) -> Result<Uri<'a>, BadUri> {
        let (userinfo, rest) = match cut(rest, b'@') {
            Some((userinfo, rest)) => (Some(userinfo), rest),
            None => (None, rest),
        };
        let (user, password) = match userinfo.map(|whole| cut(whole, b':').ok_or(whole)) {
            Some(Ok((user, password))) => (Some(user), Some(password)),
            Some(Err(user)) => (Some(user), None),
            None => (None, None),
        };
        if user == Some("") {
            return Err(BadUri::Syntax);
        }
        let (host, port, rest) = place_before(rest, b";?").ok_or(BadUri::Syntax)?;
        let (params, headers) = cut(rest, b'?').unwrap_or((rest, ""));
        let params = Params::parse(params).ok_or(BadUri::Syntax)?;
        Ok(Uri { text, scheme, user, password, host, port, params, headers })
    }

    fn with_number(text: &'a str, rest: &'a str) -> Result<Uri<'a>, BadUri> {
        let (number, params) = cut_before(rest, b';');
        let digits = number.strip_prefix('+').unwrap_or(number);
        let allowed =
            |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b'*' | b'#' | b'-' | b'.' | b'(' | b')' | b'%');
        if digits.is_empty() || !digits.bytes().all(allowed) {
            return Err(BadUri::Syntax);
        }
        let params = Params::parse(params).ok_or(BadUri::Syntax)?;
        Ok(Uri {
            text,
            scheme: Scheme::Tel,
            user: Some(number),
            password: None,
            host: "",
            port: None,
            params,
            headers: "",
        })
    }

    /// What was dialed or who it is: the user part without escapes, without what follows its own `;`, and in a tel
    /// URI without visual separators. Empty if there is no user part.
    pub fn number(&self) -> Cow<'a, str> {
        let user = self.user.unwrap_or("");
        let user = unescape(cut_before(user, b';').0);
        if self.scheme == Scheme::Tel && user.contains(['-', '.', '(', ')']) {
            return Cow::Owned(user.replace(['-', '.', '(', ')'], ""));
        }
        user
    }

    /// The host as an address, if it is one.
    pub fn address(&self) -> Option<IpAddr> {
        address_of(self.host)
    }

    /// Headers behind `?`, such as `Replaces` in a Refer-To, without escapes.
    pub fn headers(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> + use<'a> {
        self.headers.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (unescape(name), unescape(value))
        })
    }

    pub fn header(&self, name: &str) -> Option<Cow<'a, str>> {
        self.headers().find(|(each, _)| each.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub fn has_headers(&self) -> bool {
        !self.headers.is_empty()
    }

    /// Whether both mean the same place (RFC 3261 section 19.1.4).
    pub fn is_same(&self, other: &Uri) -> bool {
        self.scheme == other.scheme
            && self.same_user(other)
            && same_host(self.host, other.host)
            && self.port == other.port
            && same_params(&self.params, &other.params)
            && all_headers(self) == all_headers(other)
    }

    fn same_user(&self, other: &Uri) -> bool {
        if self.scheme == Scheme::Tel {
            return self.number().eq_ignore_ascii_case(&other.number());
        }
        self.user.map(unescape) == other.user.map(unescape)
            && self.password.map(unescape) == other.password.map(unescape)
    }
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`, and the rest, which is nothing or begins with one of `ends`.
pub(super) fn place_before<'a>(text: &'a str, ends: &[u8]) -> Option<(&'a str, Option<u16>, &'a str)> {
    if let Some((host, port, rest)) = plain_place(text)
        && rest.bytes().next().is_none_or(|byte| ends.contains(&byte))
    {
        return Some((host, port, rest));
    }
    let end = text.bytes().position(|byte| ends.contains(&byte)).unwrap_or(text.len());
    let (host, port) = host_and_port(text[..end].trim_ascii())?;
    Some((host, port, &text[end..]))
}

/// As nearly all are written: no address of IPv6 and no blanks.
fn plain_place(text: &str) -> Option<(&str, Option<u16>, &str)> {
    let end = text.bytes().position(|byte| !class::is(byte, class::HOST)).unwrap_or(text.len());
    let (host, rest) = text.split_at(end);
    if host.is_empty() {
        return None;
    }
    let Some(rest) = rest.strip_prefix(':') else { return Some((host, None, rest)) };
    let digits = rest.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, rest) = rest.split_at(digits);
    Some((host, Some(port(digits)?), rest))
}

fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let end = match text.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => cut_before(text, b':').0.len(),
    };
    let (host, rest) = text.split_at(end);
    let port = match rest.trim_ascii_start().strip_prefix(':') {
        Some(digits) => Some(port(digits.trim_ascii())?),
        None if rest.trim_ascii().is_empty() => None,
        None => return None,
    };
    let host = host.trim_ascii_end();
    is_host(host).then_some((host, port))
}

fn port(digits: &str) -> Option<u16> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

fn is_host(host: &str) -> bool {
    if host.starts_with('[') {
        return address_of(host).is_some();
    }
    is_all(host, class::HOST)
}

/// The address that a host is, with or without brackets. The three colons that the grammar of RFC 3261 allows are
/// read as two (RFC 5118 section 4.10).
pub(super) fn address_of(host: &str) -> Option<IpAddr> {
    let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    inner.parse().ok().or_else(|| inner.replacen(":::", "::", 1).parse().ok())
}

fn same_host(one: &str, other: &str) -> bool {
    match (address_of(one), address_of(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.eq_ignore_ascii_case(other),
        _ => false,
    }
}

/// These count even if only one of two URIs has them.
const DECISIVE: [&str; 5] = ["user", "ttl", "method", "maddr", "transport"];

fn same_params(one: &Params, other: &Params) -> bool {
    one.iter().all(|(name, value)| fits(other, name, value)) && other.iter().all(|(name, value)| fits(one, name, value))
}

fn fits(params: &Params, name: &str, value: Option<&str>) -> bool {
    match params.iter().find(|(each, _)| unescape(each).eq_ignore_ascii_case(&unescape(name))) {
        Some((_, found)) => unescape(found.unwrap_or("")).eq_ignore_ascii_case(&unescape(value.unwrap_or(""))),
        None => !DECISIVE.iter().any(|decisive| decisive.eq_ignore_ascii_case(name)),
    }
}

fn all_headers(uri: &Uri) -> BTreeMap<String, String> {
    uri.headers().map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned())).collect()
}

/// Without `%XX`; a `%` that begins no escape stays, and bytes that are no UTF-8 become U+FFFD.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if super::params::find(text, b'%').is_none() {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |place: usize| bytes.get(place).and_then(|byte| (*byte as char).to_digit(16));
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                plain.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, _, _) => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&plain).into_owned())
}

/// With `%XX` for all that may not stand in a user part or in a header behind `?`.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => escaped.push(byte as char),
            b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' | b'+' => escaped.push(byte as char),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}
