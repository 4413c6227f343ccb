//! The sums of RFC 7616 section 3.4.

use md5::Md5;
use sha2::Sha256;
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Sha256,
    Md5,
}

impl Algorithm {
    pub fn text(self) -> &'static str {
        match self {
            Algorithm::Sha256 => "SHA-256",
            Algorithm::Md5 => "MD5",
        }
    }

    /// `-sess` and SHA-512-256 are never asked for and so are none of ours.
    pub(super) fn parse(text: &str) -> Option<Algorithm> {
        [Algorithm::Sha256, Algorithm::Md5].into_iter().find(|one| one.text().eq_ignore_ascii_case(text))
    }

    fn hex(self, parts: &[&[u8]]) -> String {
        match self {
            Algorithm::Sha256 => hex(&sum::<Sha256>(parts)),
            Algorithm::Md5 => hex(&sum::<Md5>(parts)),
        }
    }
}

/// What stands for a password: as good as it, within one realm. Neither printed nor written down.
#[derive(Clone, PartialEq, Eq)]
pub struct Ha1 {
    md5: [u8; 16],
    sha256: [u8; 32],
}

impl Ha1 {
    pub fn new(user: &str, realm: &str, password: &str) -> Ha1 {
        let whole = format!("{user}:{realm}:{password}");
        Ha1 { md5: sum::<Md5>(&[whole.as_bytes()]).into(), sha256: sum::<Sha256>(&[whole.as_bytes()]).into() }
    }

    /// Of nobody.
    pub(super) fn decoy(seed: &str) -> Ha1 {
        Ha1 { md5: sum::<Md5>(&[seed.as_bytes()]).into(), sha256: sum::<Sha256>(&[seed.as_bytes()]).into() }
    }

    fn hex(&self, algorithm: Algorithm) -> String {
        match algorithm {
            Algorithm::Sha256 => hex(&self.sha256),
            Algorithm::Md5 => hex(&self.md5),
        }
    }
}

impl fmt::Debug for Ha1 {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("***")
    }
}

/// How the body is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Qop {
    Auth,
    AuthInt,
}

/// What both sides put into the sum beside the secret, exactly as it stands in the message.
pub(super) struct Terms<'a> {
    pub nonce: &'a str,
    pub uri: &'a str,
    /// Quality, count and client's nonce; `None` as in RFC 2069.
    pub quality: Option<(Qop, &'a str, &'a str)>,
}

pub(super) fn response(algorithm: Algorithm, ha1: &Ha1, terms: &Terms, method: &str, body: &[u8]) -> String {
    let (method, uri, nonce) = (method.as_bytes(), terms.uri.as_bytes(), terms.nonce.as_bytes());
    let ha1 = ha1.hex(algorithm);
    let ha2 = match terms.quality {
        Some((Qop::AuthInt, ..)) => algorithm.hex(&[method, b":", uri, b":", algorithm.hex(&[body]).as_bytes()]),
        _ => algorithm.hex(&[method, b":", uri]),
    };
    let (ha1, ha2) = (ha1.as_bytes(), ha2.as_bytes());
    match terms.quality {
        None => algorithm.hex(&[ha1, b":", nonce, b":", ha2]),
        Some((qop, nc, cnonce)) => {
            let qop: &[u8] = if qop == Qop::Auth { b"auth" } else { b"auth-int" };
            algorithm.hex(&[ha1, b":", nonce, b":", nc.as_bytes(), b":", cnonce.as_bytes(), b":", qop, b":", ha2])
        }
    }
}

fn sum<D: md5::Digest>(parts: &[&[u8]]) -> md5::digest::Output<D> {
    let mut sum = D::new();
    for part in parts {
        sum.update(part);
    }
    sum.finalize()
}

pub(in crate::sip) fn hex(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from(b"0123456789abcdef"[usize::from(four)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
