//! Writing a description as a body.

use super::{
    Codec, Direction, Media, Session,
    place::{push_address, push_number},
};
use std::net::IpAddr;

/// Most descriptions fit: one allocation each.
const USUAL: usize = 512;

/// Who says it, and which saying of it this is (RFC 4566 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The same for all descriptions of one dialog.
    pub id: u64,
    /// One more with each change.
    pub version: u64,
    /// Our address as the peer sees it; also where we take sound, unless the session names another.
    pub address: IpAddr,
}

impl Session {
    /// The lines of `media` in their order, all but the sound refused with port 0 (RFC 3264 section 6).
    pub fn write(&self, origin: &Origin) -> Vec<u8> {
        let mut text = String::with_capacity(USUAL);
        text.push_str("v=0\r\no=callbox ");
        push_number(&mut text, origin.id);
        text.push(' ');
        push_number(&mut text, origin.version);
        push_network(&mut text, " ", origin.address);
        text.push_str("s=callbox\r\n");
        push_network(&mut text, "c=", self.address.unwrap_or(origin.address));
        text.push_str("t=0 0\r\n");
        let sounds = self.media.iter().filter(|media| **media == Media::Sound).count();
        assert!(sounds <= 1, "a description has one sound line");
        for media in &self.media {
            match media {
                Media::Sound => self.push_sound(&mut text),
                Media::Other { kind, protocol, formats } => push_media(&mut text, kind, 0, protocol, formats),
            }
        }
        if sounds == 0 {
            self.push_sound(&mut text);
        }
        text.into_bytes()
    }

    fn push_sound(&self, text: &mut String) {
        let mut formats = String::new();
        for payload in self.codecs.iter().map(|choice| choice.payload).chain(self.telephone_event) {
            if !formats.is_empty() {
                formats.push(' ');
            }
            push_number(&mut formats, payload.into());
        }
        push_media(text, "audio", self.port, if self.secure { "RTP/SAVP" } else { "RTP/AVP" }, &formats);
        for choice in &self.codecs {
            push_attribute(text, "rtpmap:", choice.payload.into(), [" ", choice.codec.name(), "/8000"]);
        }
        if let Some(payload) = self.telephone_event {
            push_attribute(text, "rtpmap:", payload.into(), [" telephone-event/8000"]);
            push_attribute(text, "fmtp:", payload.into(), [" 0-15"]);
        }
        for crypto in &self.crypto {
            text.extend(["a=crypto:", &crypto.write(), "\r\n"]);
        }
        if let Some(ms) = self.ptime_ms {
            push_attribute(text, "ptime:", ms.into(), []);
        }
        text.extend(["a=", self.direction.name(), "\r\n"]);
    }
}

/// Ends the line with where something is.
fn push_network(text: &mut String, before: &str, address: IpAddr) {
    text.extend([before, if address.is_ipv4() { "IN IP4 " } else { "IN IP6 " }]);
    push_address(text, address);
    text.push_str("\r\n");
}

/// What another side said of a line that we refuse cannot begin one of its own, nor leave a word of it empty.
fn push_media(text: &mut String, kind: &str, port: u16, protocol: &str, formats: &str) {
    let plain = |letter: char| if letter.is_control() { '-' } else { letter };
    text.push_str("m=");
    text.extend(kind.chars().map(plain));
    text.push(' ');
    push_number(text, port.into());
    text.push(' ');
    text.extend(protocol.chars().map(plain).chain([' ']).chain(formats.chars().map(plain)));
    text.push_str("\r\n");
}

fn push_attribute<const N: usize>(text: &mut String, name: &str, number: u64, rest: [&str; N]) {
    text.extend(["a=", name]);
    push_number(text, number);
    text.extend(rest);
    text.push_str("\r\n");
}

impl Direction {
    /// Attribute of RFC 4566 section 6.
    pub(super) fn name(self) -> &'static str {
        match self {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }
}

impl Codec {
    /// By encoding name and clock rate of an rtpmap; G.722 is written 8000 for history's sake (RFC 3551 section
    /// 4.5.2) and 16000 by some phones.
    pub(super) fn mapped(name: &str, rate: &str) -> Option<Codec> {
        let codec = Codec::ALL.into_iter().find(|codec| codec.name().eq_ignore_ascii_case(name))?;
        (rate == "8000" || codec == Codec::G722 && rate == "16000").then_some(codec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdp::{Choice, Crypto, SrtpKey, Suite};

    /// RFC 3264 section 6: what is refused is written so that it can be read, whatever the other side called it.
    #[test]
    fn a_refused_line_keeps_all_its_words() {
        let offer = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
            m=audio 20000 RTP/AVP 8\r\nm=audio 5004 RTP/AVP \x04\r\n";
        let session = Session::parse(offer).unwrap();
        let origin = Origin { id: 1, version: 1, address: "192.0.2.1".parse().unwrap() };
        let written = session.write(&origin);
        assert_eq!(Session::parse(&written).unwrap().codecs, session.codecs);
        assert!(String::from_utf8(written).unwrap().ends_with("m=audio 0 RTP/AVP -\r\n"));
    }

    /// RFC 4566 section 5, RFC 3264 section 6, RFC 4733 section 2.5.1, DSK-354
    #[test]
    fn a_description_is_written_line_by_line() {
        let session = Session {
            address: None,
            port: 20000,
            codecs: vec![Codec::Pcma.choice(), Choice { codec: Codec::G722, payload: 96 }],
            telephone_event: Some(101),
            direction: Direction::SendOnly,
            ptime_ms: Some(20),
            secure: true,
            crypto: vec![Crypto { tag: 2, suite: Suite::AesCm128HmacSha1_80, key: SrtpKey([0; 30]) }],
            media: vec![
                Media::Other { kind: "video".into(), protocol: "RTP/AVP".into(), formats: "96 97".into() },
                Media::Sound,
            ],
        };
        let origin = Origin { id: 7, version: 3, address: "2001:db8::1".parse().unwrap() };
        let expected = "v=0\r\no=callbox 7 3 IN IP6 2001:db8::1\r\ns=callbox\r\nc=IN IP6 2001:db8::1\r\nt=0 0\r\n\
            m=video 0 RTP/AVP 96 97\r\nm=audio 20000 RTP/SAVP 8 96 101\r\na=rtpmap:8 PCMA/8000\r\n\
            a=rtpmap:96 G722/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n\
            a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n\
            a=ptime:20\r\na=sendonly\r\n";
        assert_eq!(String::from_utf8(session.write(&origin)).unwrap(), expected);
    }
}
