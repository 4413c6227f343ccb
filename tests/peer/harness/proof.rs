//! The answer to a digest challenge, worked out apart from the program under test.

use super::message::parameter;
use md5::Md5;
use sha2::{Digest, Sha256};

pub fn algorithm_of(challenge: &str) -> String {
    parameter(challenge, "algorithm").unwrap_or_else(|| "MD5".into()).to_uppercase()
}

/// What goes into an answer to a challenge (RFC 8760 with qop auth).
pub struct Proof<'a> {
    pub username: &'a str,
    pub password: &'a str,
    pub realm: String,
    pub nonce: String,
    pub opaque: Option<String>,
    pub count: u32,
    pub cnonce: String,
}

impl Proof<'_> {
    pub fn line(&self, algorithm: &str, method: &str, uri: &str) -> String {
        let Proof { username, password, realm, nonce, count, cnonce, .. } = self;
        let hash = |text: String| match algorithm {
            "SHA-256" => hex(&Sha256::digest(text)),
            "MD5" => hex(&Md5::digest(text)),
            other => panic!("no algorithm {other} here"),
        };
        let who = hash(format!("{username}:{realm}:{password}"));
        let what = hash(format!("{method}:{uri}"));
        let response = hash(format!("{who}:{nonce}:{count:08x}:{cnonce}:auth:{what}"));
        let opaque = self.opaque.as_ref().map(|text| format!(", opaque=\"{text}\"")).unwrap_or_default();
        format!(
            "Digest username=\"{username}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm={algorithm}, qop=auth, nc={count:08x}, cnonce=\"{cnonce}\"{opaque}"
        )
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// RFC 8760 and RFC 2617 section 3.5
#[test]
fn the_clients_digest_is_that_of_the_example() {
    let proof = Proof {
        username: "Mufasa",
        password: "Circle of Life",
        realm: "http-auth@example.org".into(),
        nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v".into(),
        opaque: None,
        count: 1,
        cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ".into(),
    };
    let sha = proof.line("SHA-256", "GET", "/dir/index.html");
    assert!(sha.contains("753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"), "{sha}");
    let md5 = proof.line("MD5", "GET", "/dir/index.html");
    assert!(md5.contains("8ca523f5e9506fed4657c9700eebdbec"), "{md5}");
}
