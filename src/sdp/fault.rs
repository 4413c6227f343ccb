//! What is wrong with a description, and which SIP response says so.

use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// More than 16 KB (BOX-149).
    TooLarge,
    /// Not SDP; the text names the line.
    Malformed(String),
    /// No m=audio line over RTP that is switched on.
    NoSound,
    /// The sound line has no address.
    NoAddress,
    /// The address is a name; names are not looked up for sound.
    Hostname(String),
    /// The address is a group's.
    Multicast,
    /// None of the codecs is ours.
    NoCommonCodec,
    /// SRTP alone is offered where its keys would go in the clear (DSK-343).
    SrtpWithoutTls,
    /// SRTP is offered with no suite or key that we can use.
    NoCommonSuite,
    /// The answer does not fit the offer.
    BadAnswer(&'static str),
}

impl Fault {
    /// The response to a request that brought this (RFC 3261 section 21.4, BOX-149).
    pub fn code(&self) -> u16 {
        match self {
            Fault::TooLarge => 413,
            Fault::Malformed(_) => 400,
            _ => 488,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Fault::TooLarge => write!(f, "session description larger than 16 KB"),
            Fault::Malformed(why) => write!(f, "not a session description: {why}"),
            Fault::NoSound => write!(f, "no sound line over RTP that is switched on"),
            Fault::NoAddress => write!(f, "no address for the sound"),
            Fault::Hostname(name) => write!(f, "the address of the sound is a name, not a number: {name}"),
            Fault::Multicast => write!(f, "the address of the sound is a multicast group"),
            Fault::NoCommonCodec => write!(f, "no common codec; G.722, PCMA and PCMU are spoken here"),
            Fault::SrtpWithoutTls => write!(f, "SRTP needs signalling over TLS"),
            Fault::NoCommonSuite => {
                write!(f, "no usable a=crypto line; AES_CM_128_HMAC_SHA1_80 and _32 are spoken here")
            }
            Fault::BadAnswer(why) => write!(f, "the answer does not fit the offer: {why}"),
        }
    }
}

impl std::error::Error for Fault {}
