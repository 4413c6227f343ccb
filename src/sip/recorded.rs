//! Messages as they may be written down (BOX-122): without proofs, keys and digits, and still messages, so that what
//! is made of them in a replay is the same.

use super::{
    compose::{Body, Lines},
    digest::Outcome,
    lines::{Secret, lines},
    name::Name,
};
use crate::sdp::SrtpKey;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use bytes::Bytes;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The scheme under which a recording says what a proof was worth. Only who has no secret believes it.
pub const SCHEME: &str = "Recorded";
/// Stands for every key, for no phone has it.
const KEY: char = 'D';
const HIDDEN: u8 = b'*';

/// What came of a message that is not in it once its secrets are not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Came {
    /// What its proof was worth, where anybody asked.
    pub proof: Option<Outcome>,
    /// It belongs to something that is known, so whoever sent it is no stranger.
    pub known: bool,
    /// The key that it holds, where that chose something: it stands in the record of the call, and here; or what says
    /// what became of those that stand nowhere.
    pub pressed: Option<char>,
}

/// Who sent a message: of ours the nonces are hidden too.
enum Sender<'a> {
    Us,
    Them(&'a Came),
}

/// A message of theirs, with what its proof was worth in place of it.
pub fn theirs(message: &Bytes, came: &Came) -> Bytes {
    without_secrets(message, &Sender::Them(came))
}

/// A message of ours, or the description in one; as long as it was.
pub fn ours(message: &Bytes) -> Bytes {
    without_secrets(message, &Sender::Us)
}

/// Has secrets that are not written down with it.
pub(super) trait Recorded {
    fn recorded(&self) -> Self;
}

impl Recorded for Bytes {
    fn recorded(&self) -> Self {
        ours(self)
    }
}

impl Recorded for Option<Bytes> {
    fn recorded(&self) -> Self {
        self.as_ref().map(ours)
    }
}

impl Recorded for Body {
    fn recorded(&self) -> Self {
        let (kind, bytes) = self.as_ref()?;
        let whole = [format!("SIP/2.0\nContent-Type: {kind}\n\n").as_bytes(), bytes].concat();
        let kept = ours(&whole.into());
        Some((kind.clone(), kept.slice(kept.len() - bytes.len()..)))
    }
}

impl Recorded for BTreeMap<String, Bytes> {
    fn recorded(&self) -> Self {
        self.iter().map(|(name, bytes)| (name.clone(), ours(bytes))).collect()
    }
}

impl Recorded for Lines {
    fn recorded(&self) -> Self {
        let proof = |name: Name| matches!(name, Name::Authorization | Name::ProxyAuthorization);
        let one = |(name, value): &(Name, String)| {
            (*name, if proof(*name) { "*".repeat(value.len()) } else { value.clone() })
        };
        self.iter().map(one).collect()
    }
}

/// For fields of what is written down: all but their secrets.
pub(super) fn serialize<T: Recorded + Serialize, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    value.recorded().serialize(to)
}

/// For `wire::Order`.
pub fn serialize_message<S: Serializer>(bytes: &Bytes, to: S) -> Result<S::Ok, S::Error> {
    ours(bytes).serialize(to)
}

fn without_secrets(message: &Bytes, sender: &Sender) -> Bytes {
    if !is_suspect(message) {
        return message.clone();
    }
    let mut out = Vec::with_capacity(message.len() + 64);
    let mut told = false;
    for line in lines(message) {
        let whole = &message[line.text.start..line.next];
        match (line.secret, sender) {
            (Secret::Proof, Sender::Them(came)) => {
                if let Some(proof) = came.proof.as_ref().filter(|_| !told) {
                    told = true;
                    out.extend(format!("Authorization: {SCHEME} {}\r\n", proof.word()).bytes());
                }
            }
            (Secret::Challenge, Sender::Them(_)) => out.extend_from_slice(whole),
            (Secret::Pressed, Sender::Them(Came { pressed: Some(key), .. })) => {
                let mut pressed = whole.to_vec();
                put_pressed(&mut pressed[line.from - line.text.start..], *key);
                out.extend(pressed);
            }
            _ => out.extend(hidden(whole, line.secret, line.from - line.text.start)),
        }
    }
    out.into()
}

/// A line as long as it was, without the secret that begins in it at `from`.
fn hidden(line: &[u8], secret: Secret, from: usize) -> Vec<u8> {
    let mut line = line.to_vec();
    match secret {
        Secret::Nothing => {}
        Secret::Proof | Secret::Password => hide_all(&mut line[from..]),
        Secret::Challenge => hide_nonce(&mut line[from..]),
        Secret::Keys => hide_keys(&mut line[from..]),
        Secret::Pressed => put_pressed(&mut line[from..], KEY),
    }
    line
}

/// Most messages have no secret, and those that have one say so in one of these words.
fn is_suspect(message: &[u8]) -> bool {
    const WORDS: [&[u8]; 4] = [b"uth", b"UTH", b"a=", b"tmf"];
    WORDS.iter().any(|word| memchr::memmem::find(message, word).is_some())
        || message.to_ascii_lowercase().windows(4).any(|word| word == b"dtmf")
}

fn hide_all(value: &mut [u8]) {
    value.iter_mut().filter(|byte| byte.is_ascii_graphic()).for_each(|byte| *byte = HIDDEN);
}

fn hide_nonce(value: &mut [u8]) {
    if let Some(at) = memchr::memmem::find(value, b"nonce=\"") {
        value[at + 7..].iter_mut().take_while(|byte| **byte != b'"').for_each(|byte| *byte = HIDDEN);
    }
}

fn put_pressed(value: &mut [u8], key: char) {
    let mut stands_in = key as u8;
    for byte in value.iter_mut().filter(|byte| byte.is_ascii_graphic()) {
        *byte = std::mem::replace(&mut stands_in, b' ');
    }
}

/// Each key of SRTP gives way to its stand-in.
fn hide_keys(line: &mut [u8]) {
    let folded = line.to_ascii_lowercase();
    for at in memchr::memmem::find_iter(&folded, b"inline:") {
        let from = at + b"inline:".len();
        let text = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        let length = line[from..].iter().take_while(text).count();
        let key = &mut line[from..from + length];
        let known = BASE64_STANDARD_NO_PAD.decode(&*key).ok().and_then(|bytes| bytes.try_into().ok()).map(SrtpKey);
        match known {
            Some(known) => key.copy_from_slice(BASE64_STANDARD_NO_PAD.encode(known.stand_in().0).as_bytes()),
            None => key.fill(HIDDEN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sdp::Session, sip::message::Message};

    const KEY_TEXT: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    fn message(head: &str, body: &str) -> Bytes {
        let length = body.len();
        let text = format!(
            "INVITE sip:802@x SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: <sip:801@x>;tag=1\r\nTo: <sip:802@x>\r\n\
             Call-ID: a\r\nCSeq: 1 INVITE\r\n{head}Content-Length: {length}\r\n\r\n{body}"
        );
        text.into()
    }

    fn text(bytes: &Bytes) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    /// BOX-122, BOX-125: the outcome stands in place of the proof, once, and of a proof that nobody asked for nothing.
    #[test]
    fn a_proof_gives_way_to_what_it_was_worth() {
        let head = "Authorization: Digest username=\"801\",\r\n response=\"5ecret\"\r\nauthorization: Digest response=\"other5ecret\"\r\n\
                    Proxy-Authorization: Digest response=\"5ecret\"\r\n";
        let came = Came { proof: Some(Outcome::Proven { user: "801".into() }), ..Came::default() };
        let kept = theirs(&message(head, ""), &came);
        assert_eq!(text(&kept).matches("Authorization: Recorded proven 801\r\n").count(), 1, "{}", text(&kept));
        assert!(!text(&kept).contains("5ecret") && Message::parse(kept).is_ok());
        let unasked = theirs(&message(head, ""), &Came::default());
        assert!(!text(&unasked).to_lowercase().contains("authorization"), "{}", text(&unasked));
    }

    /// A message of ours stays as long as it is.
    #[test]
    fn proofs_and_nonces_of_ours_are_hidden() {
        let head = "Authorization: Digest response=\"5ecret\"\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"5ecret\", qop=\"auth\"\r\n";
        let sent = message(head, "");
        let kept = ours(&sent);
        assert_eq!(kept.len(), sent.len());
        assert!(!text(&kept).contains("5ecret") && text(&kept).contains("realm=\"x\", nonce=\"******\", qop=\"auth\""));
        let lines = vec![(Name::Authorization, "Digest x".to_owned()), (Name::Expires, "60".to_owned())];
        assert_eq!(lines.recorded(), [(Name::Authorization, "********".into()), (Name::Expires, "60".to_owned())]);
    }

    /// BOX-122: also where a description has other line ends, as it may have.
    #[test]
    fn keys_are_hidden_however_lines_end() {
        let line = format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY_TEXT}");
        for (begin, end) in [("\r\n", "\r\n"), ("\n", "\n"), ("\r", "\r"), ("\r\n ", "\r\n")] {
            let sdp = format!("v=0{begin}{line}{end}a=ptime:20{end}");
            let whole = message("Content-Type: application/sdp\r\n", &sdp);
            for kept in [ours(&whole), theirs(&whole, &Came::default())] {
                assert!(!text(&kept).contains(KEY_TEXT) && kept.len() == whole.len(), "{begin:?} {end:?}");
            }
        }
    }

    /// PHN-82: the same key has the same stand-in wherever it stands, and the description is still one.
    #[test]
    fn keys_of_sound_give_way_to_stand_ins() {
        let sdp = format!(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 8\r\n\
             a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY_TEXT}|2^20\r\na=crypto:2 F8 INLINE:abcd;inline:efgh\r\na=ice-pwd:5ecret\r\n"
        );
        let whole = message("Content-Type: application/sdp\r\n", &sdp);
        for kept in [ours(&sdp.clone().into()), ours(&whole), theirs(&whole, &Came::default())] {
            for secret in [KEY_TEXT, "abcd", "efgh", "5ecret"] {
                assert!(!text(&kept).contains(secret), "{secret}");
            }
            assert_eq!(ours(&kept), kept, "a stand-in is its own");
        }
        let (clear, kept) = (Session::parse(sdp.as_bytes()).unwrap(), Session::parse(&ours(&sdp.into())).unwrap());
        assert_eq!(kept.crypto[0].key, clear.crypto[0].key.stand_in());
        assert_ne!(kept.crypto[0].key, clear.crypto[0].key);
        let written: Session = postcard::from_bytes(&postcard::to_stdvec(&clear).unwrap()).unwrap();
        assert_eq!(written.crypto, kept.crypto);
    }

    /// BOX-122: unless they chose something.
    #[test]
    fn keys_that_somebody_pressed_are_one_like_the_other() {
        let relay = "Content-Type: application/dtmf-relay\r\n";
        let pressed = message(relay, "Signal= 5\r\nDuration=160\r\n");
        assert!(text(&theirs(&pressed, &Came::default())).ends_with("\r\n\r\nSignal= D\r\nDuration=160\r\n"));
        assert_eq!(theirs(&pressed, &Came { pressed: Some('5'), ..Came::default() }), pressed);
        let other = theirs(&pressed, &Came { pressed: Some('#'), ..Came::default() });
        assert!(text(&other).ends_with("\r\n\r\nSignal= #\r\nDuration=160\r\n"));
        assert!(text(&ours(&message(relay, "Signal=11\r\n"))).ends_with("Signal=D \r\n"));
        let alone = message("c: application/DTMF\r\n", "7");
        assert!(text(&theirs(&alone, &Came::default())).ends_with("\r\n\r\nD"));
    }
}
