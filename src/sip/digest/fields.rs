//! `Digest name=value, name="value"`, as challenges and credentials are written.

use super::hash::{Algorithm, Qop, Terms};
use crate::sip::params::{cut, split_outside};

/// The value of this name, without its quotes but otherwise as written: the sums are made of that.
pub(super) fn field<'a>(list: &'a str, name: &str) -> Option<&'a str> {
    fields(list).find(|(each, _)| each.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Names, and values as `field` gives them.
fn fields(list: &str) -> impl Iterator<Item = (&str, &str)> {
    split_outside(list, b',').filter_map(|piece| {
        let (name, value) = cut(piece, b'=')?;
        let value = value.trim_ascii();
        let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
        Some((name.trim_ascii(), bare))
    })
}

/// What follows the scheme; `None` for another scheme than Digest.
pub(super) fn of_digest(value: &str) -> Option<&str> {
    let (scheme, list) = value.split_once([' ', '\t'])?;
    scheme.eq_ignore_ascii_case("Digest").then_some(list)
}

/// One Authorization field.
pub(super) struct Credentials<'a> {
    pub username: &'a str,
    pub realm: &'a str,
    pub nonce: &'a str,
    pub uri: &'a str,
    pub response: &'a str,
    /// `None`: none of ours.
    pub algorithm: Option<Algorithm>,
    quality: Option<(Qop, &'a str, &'a str)>,
}

impl<'a> Credentials<'a> {
    /// `None` if something is missing without which there is nothing to check.
    pub fn parse(value: &'a str) -> Option<Credentials<'a>> {
        const NAMES: [&str; 9] = ["username", "realm", "nonce", "uri", "response", "algorithm", "qop", "nc", "cnonce"];
        let mut found = [None; NAMES.len()];
        for (name, value) in fields(of_digest(value)?) {
            if let Some(at) = NAMES.iter().position(|known| name.eq_ignore_ascii_case(known)) {
                found[at].get_or_insert(value);
            }
        }
        let [username, realm, nonce, uri, response, algorithm, quality, nc, cnonce] = found;
        let quality = match quality {
            None => None,
            Some(text) => Some((qop(text)?, nc?, cnonce?)),
        };
        Some(Credentials {
            username: username?,
            realm: realm?,
            nonce: nonce?,
            uri: uri?,
            response: response?,
            algorithm: algorithm.map_or(Some(Algorithm::Md5), Algorithm::parse),
            quality,
        })
    }

    pub fn terms(&self) -> Terms<'a> {
        Terms { nonce: self.nonce, uri: self.uri, quality: self.quality }
    }

    /// How often the client says it used the nonce, in hexadecimal; `None` where it does not count (RFC 2069).
    pub fn count(&self) -> Option<u32> {
        self.quality.map(|(_, nc, _)| u32::from_str_radix(nc, 16).unwrap_or(0))
    }
}

pub(super) fn qop(text: &str) -> Option<Qop> {
    match text {
        _ if text.eq_ignore_ascii_case("auth") => Some(Qop::Auth),
        _ if text.eq_ignore_ascii_case("auth-int") => Some(Qop::AuthInt),
        _ => None,
    }
}
