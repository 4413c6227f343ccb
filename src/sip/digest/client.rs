//! The side that is challenged.

use super::fields::{field, of_digest, qop};
use super::hash::{Algorithm, Ha1, Qop, Terms, response};
use crate::sip::{message::Message, name::Name, write::quoted};

/// One WWW-Authenticate or Proxy-Authenticate field that we can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    pub realm: String,
    pub nonce: String,
    pub algorithm: Algorithm,
    /// The password was right, only the nonce was old.
    pub stale: bool,
    opaque: Option<String>,
    qop: Option<Qop>,
}

/// What a challenge is answered with.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    pub user: &'a str,
    pub password: &'a str,
    pub method: &'a str,
    /// The Request-URI.
    pub uri: &'a str,
    pub body: &'a [u8],
    /// How often this nonce was used, this time included.
    pub count: u32,
    pub cnonce: &'a str,
}

impl Challenge {
    /// The first one of a 401 or 407 that we can answer: servers put the one they like best first (RFC 8760).
    pub fn of(refusal: &Message) -> Option<Challenge> {
        let name = if refusal.code() == Some(407) { Name::ProxyAuthenticate } else { Name::WwwAuthenticate };
        refusal.lines(name).find_map(Challenge::parse)
    }

    /// `None` if it is no digest, of an algorithm that is none of ours, or of a quality unknown to us.
    pub fn parse(value: &str) -> Option<Challenge> {
        let list = of_digest(value)?;
        let offered = field(list, "qop");
        let qop = offered
            .and_then(|list| list.split(',').filter_map(|one| qop(one.trim())).min_by_key(|one| *one == Qop::AuthInt));
        if offered.is_some() && qop.is_none() {
            return None;
        }
        Some(Challenge {
            realm: field(list, "realm")?.to_owned(),
            nonce: field(list, "nonce")?.to_owned(),
            algorithm: field(list, "algorithm").map_or(Some(Algorithm::Md5), Algorithm::parse)?,
            stale: field(list, "stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
            opaque: field(list, "opaque").map(str::to_owned),
            qop,
        })
    }

    /// The value of the Authorization or Proxy-Authorization field.
    pub fn answer(&self, attempt: &Attempt) -> String {
        let count = format!("{:08x}", attempt.count);
        let quality = self.qop.map(|qop| (qop, count.as_str(), attempt.cnonce));
        let terms = Terms { nonce: &self.nonce, uri: attempt.uri, quality };
        let ha1 = Ha1::new(attempt.user, &self.realm, attempt.password);
        let sum = response(self.algorithm, &ha1, &terms, attempt.method, attempt.body);
        let mut value = format!(
            "Digest username={}, realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{sum}\", algorithm={}",
            quoted(attempt.user),
            self.realm,
            self.nonce,
            attempt.uri,
            self.algorithm.text()
        );
        if let Some((qop, nc, cnonce)) = quality {
            let qop = if qop == Qop::Auth { "auth" } else { "auth-int" };
            value.push_str(&format!(", qop={qop}, nc={nc}, cnonce=\"{cnonce}\""));
        }
        if let Some(opaque) = &self.opaque {
            value.push_str(&format!(", opaque=\"{opaque}\""));
        }
        value
    }
}
