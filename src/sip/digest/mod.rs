//! Who a request is from, proven by a password that does not travel (RFC 7616, RFC 8760).

mod client;
mod fields;
mod hash;
mod nonce;

pub use client::{Attempt, Challenge};
pub(in crate::sip) use hash::hex;
pub use hash::{Algorithm, Ha1};
pub use nonce::Secret;

use super::message::Message;
use super::name::Name;
use super::recorded;
use super::uri::Uri;
use crate::time::Uptime;
use fields::Credentials;
use nonce::{Freshness, Nonces};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, net::IpAddr};
use subtle::ConstantTimeEq;

/// Numbers and what proves them. Holds secrets, so it is never written down with anything.
pub type Users = BTreeMap<String, Ha1>;

/// What phones are challenged with (BOX-141).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Offer {
    /// SHA-256, then MD5.
    #[default]
    Both,
    /// For phones that stumble over two.
    Md5,
}

/// What a request proves. All but `Proven` are answered with a challenge, and all of these alike (BOX-142).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    Proven {
        user: String,
    },
    /// No credentials for our realm, or of a kind that we did not ask for.
    Missing,
    /// The nonce was not given to this address, and whoever speaks in its name may never have seen an answer: the
    /// password was not looked at. Or it was, and is right, and the nonce is old or used up. Challenge with `stale`.
    Stale {
        user: String,
    },
    /// The password is wrong.
    Wrong {
        user: String,
    },
    /// There is no such number.
    Unknown {
        user: String,
    },
}

impl Outcome {
    /// As a recording writes it.
    pub fn word(&self) -> String {
        let (word, user) = match self {
            Outcome::Proven { user } => ("proven", &**user),
            Outcome::Missing => ("missing", ""),
            Outcome::Stale { user } => ("stale", &**user),
            Outcome::Wrong { user } => ("wrong", &**user),
            Outcome::Unknown { user } => ("unknown", &**user),
        };
        format!("{word} {user}").trim_end().replace(char::is_control, "")
    }

    /// As a recording wrote it, in the value of an Authorization field.
    fn recorded(value: &str) -> Option<Outcome> {
        let text = value.strip_prefix(recorded::SCHEME)?.trim_start();
        let (word, user) = text.split_once(' ').unwrap_or((text, ""));
        let user = user.to_owned();
        match word {
            "proven" => Some(Outcome::Proven { user }),
            "stale" => Some(Outcome::Stale { user }),
            "wrong" => Some(Outcome::Wrong { user }),
            "unknown" => Some(Outcome::Unknown { user }),
            _ => None,
        }
    }
}

/// The side that challenges. Keeps nothing for who has proven nothing (BOX-143).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Digest {
    realm: String,
    nonces: Nonces,
    opaque: String,
    /// Of this are made the tags of answers for which nothing is kept.
    salt: String,
    /// Stands in for the proof of a number that there is not. Never written down: who has none plays a recording, and
    /// believes what it says of proofs.
    #[serde(skip)]
    decoy: Option<Ha1>,
    /// What the last proof was worth, until somebody takes it.
    #[serde(skip)]
    outcome: Option<Outcome>,
}

impl Digest {
    /// `secret` is random and never leaves the process; with it nonces need no table.
    pub fn new(realm: &str, secret: Secret) -> Digest {
        assert!(!realm.contains(['"', '\\', '\r', '\n']), "a realm that can be quoted");
        let nonces = Nonces::new(secret);
        let opaque = nonces.derive(b"opaque")[..16].to_owned();
        let salt = nonces.derive(b"salt");
        let decoy = Some(Ha1::decoy(&nonces.derive(b"decoy")));
        Digest { realm: realm.to_owned(), nonces, opaque, salt, decoy, outcome: None }
    }

    /// Nonces that are out are as good in another realm as before.
    pub fn set_realm(&mut self, realm: &str) {
        assert!(!realm.contains(['"', '\\', '\r', '\n']), "a realm that can be quoted");
        self.realm = realm.to_owned();
    }

    pub fn salt(&self) -> &str {
        &self.salt
    }

    /// What the proof of the last request was worth, if one was asked for.
    pub fn take_outcome(&mut self) -> Option<Outcome> {
        self.outcome.take()
    }

    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// The values of the WWW-Authenticate fields of a 401, in order.
    pub fn challenges(&mut self, now: Uptime, address: IpAddr, offer: Offer, stale: bool) -> Vec<String> {
        let nonce = self.nonces.make(now, address);
        let algorithms: &[Algorithm] = match offer {
            Offer::Both => &[Algorithm::Sha256, Algorithm::Md5],
            Offer::Md5 => &[Algorithm::Md5],
        };
        algorithms.iter().map(|algorithm| self.challenge(&nonce, *algorithm, stale)).collect()
    }

    fn challenge(&self, nonce: &str, algorithm: Algorithm, stale: bool) -> String {
        format!(
            "Digest realm=\"{}\", nonce=\"{nonce}\", opaque=\"{}\", algorithm={}, qop=\"auth\"{}",
            self.realm,
            self.opaque,
            algorithm.text(),
            if stale { ", stale=true" } else { "" }
        )
    }

    /// The same work whoever is named (BOX-142). Each count of a nonce is accepted once (BOX-141), so ask once for a
    /// request, not again for its retransmissions.
    pub fn verify(&mut self, now: Uptime, address: IpAddr, message: &Message, users: &Users) -> Outcome {
        let outcome = match self.decoy.clone() {
            Some(decoy) => self.judge(now, address, message, users, &decoy),
            None => message.lines(Name::Authorization).find_map(Outcome::recorded).unwrap_or(Outcome::Missing),
        };
        self.outcome = Some(outcome.clone());
        outcome
    }

    fn judge(&mut self, now: Uptime, address: IpAddr, message: &Message, users: &Users, decoy: &Ha1) -> Outcome {
        let mine =
            message.lines(Name::Authorization).filter_map(Credentials::parse).find(|one| one.realm == self.realm);
        let Some(credentials) = mine else { return Outcome::Missing };
        let Some(algorithm) = credentials.algorithm else { return Outcome::Missing };
        let user = credentials.username.to_owned();
        if !self.nonces.is_ours(address, credentials.nonce) {
            return Outcome::Stale { user };
        }
        let known = users.get(&user);
        let ha1 = known.unwrap_or(decoy);
        let expected = hash::response(algorithm, ha1, &credentials.terms(), message.method().text(), message.body());
        let right: bool = expected.as_bytes().ct_eq(credentials.response.to_ascii_lowercase().as_bytes()).into();
        match known {
            None => Outcome::Unknown { user },
            Some(_) if !right || !same_target(credentials.uri, message) => Outcome::Wrong { user },
            Some(_) => match self.nonces.take(now, address, credentials.nonce, credentials.count()) {
                Freshness::Fresh => Outcome::Proven { user },
                Freshness::Stale => Outcome::Stale { user },
            },
        }
    }
}

/// A proof for one number is none for another. Phones differ in how they write the rest, so only users are compared.
fn same_target(uri: &str, message: &Message) -> bool {
    match (Uri::parse(uri), message.uri()) {
        (Ok(proven), Ok(asked)) => proven.user.is_none() || asked.user.is_none() || proven.number() == asked.number(),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
