//! Writing a description as a body.

use super::{Codec, Direction, Media, Session};
use sdp_types as sdp;
use std::{fmt::Write, net::IpAddr};

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
        let address = self.address.unwrap_or(origin.address);
        let whole = sdp::Session {
            connection: Some(sdp::Connection::from_ip_addr(address)),
            times: vec![sdp::Time::new(0, 0)],
            medias: self.lines(),
            ..sdp::Session::new(who(origin), "callbox")
        };
        let mut bytes = Vec::new();
        whole.write(&mut bytes).expect("a vector takes every write");
        bytes
    }

    fn lines(&self) -> Vec<sdp::Media> {
        let mut sound_written = false;
        let mut lines = Vec::new();
        for media in &self.media {
            lines.push(match media {
                Media::Sound => {
                    assert!(!sound_written, "a description has one sound line");
                    sound_written = true;
                    self.sound()
                }
                Media::Other { kind, protocol, formats } => line(kind, 0, protocol, formats),
            });
        }
        if !sound_written {
            lines.push(self.sound());
        }
        lines
    }

    fn sound(&self) -> sdp::Media {
        let mut formats = String::new();
        for payload in self.codecs.iter().map(|choice| choice.payload).chain(self.telephone_event) {
            let _ = write!(formats, "{}{payload}", if formats.is_empty() { "" } else { " " });
        }
        let protocol = if self.secure { "RTP/SAVP" } else { "RTP/AVP" };
        let mut line = line("audio", self.port, protocol, &formats);
        for choice in &self.codecs {
            line.add_attribute_with_value("rtpmap", format!("{} {}/8000", choice.payload, choice.codec.name()));
        }
        if let Some(payload) = self.telephone_event {
            line.add_attribute_with_value("rtpmap", format!("{payload} telephone-event/8000"));
            line.add_attribute_with_value("fmtp", format!("{payload} 0-15"));
        }
        for crypto in &self.crypto {
            line.add_attribute_with_value("crypto", crypto.write());
        }
        if let Some(ms) = self.ptime_ms {
            line.add_attribute_with_value("ptime", ms);
        }
        line.add_attribute_from_str(self.direction.name());
        line
    }
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

fn who(origin: &Origin) -> sdp::Origin {
    sdp::Origin {
        username: Some("callbox".into()),
        ..sdp::Origin::with_ip_addr(origin.id, origin.version, origin.address)
    }
}

fn line(kind: &str, port: u16, protocol: &str, formats: &str) -> sdp::Media {
    sdp::Media {
        media: kind.into(),
        port,
        num_ports: None,
        proto: protocol.into(),
        fmt: formats.into(),
        media_title: None,
        connections: Vec::new(),
        bandwidths: Vec::new(),
        key: None,
        attributes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdp::{Choice, Crypto, SrtpKey, Suite};

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
