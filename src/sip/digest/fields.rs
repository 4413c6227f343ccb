//! `Digest name=value, name="value"`, as challenges and credentials are written.

use super::hash::{Algorithm, Qop, Terms};
use crate::sip::params::split_outside;

/// The value of this name, without its quotes but otherwise as written: the sums are made of that.
pub(super) fn field<'a>(list: &'a str, name: &str) -> Option<&'a str> {
    split_outside(list, b',').find_map(|piece| {
        let (each, value) = piece.split_once('=')?;
        let value = value.trim();
        let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
        each.trim().eq_ignore_ascii_case(name).then_some(bare)
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
        let list = of_digest(value)?;
        let quality = match field(list, "qop") {
            None => None,
            Some(text) => Some((qop(text)?, field(list, "nc")?, field(list, "cnonce")?)),
        };
        Some(Credentials {
            username: field(list, "username")?,
            realm: field(list, "realm")?,
            nonce: field(list, "nonce")?,
            uri: field(list, "uri")?,
            response: field(list, "response")?,
            algorithm: field(list, "algorithm").map_or(Some(Algorithm::Md5), Algorithm::parse),
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
