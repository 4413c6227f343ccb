//! What a leg offers and takes: codecs, addresses, keys, direction (RFC 3264, 4566, 4568).

mod agree;
mod crypto;
mod fault;
mod parse;
pub mod place;
mod write;

pub use agree::{Agreed, Keys, Ours, accept, answer, offer};
pub use fault::Fault;
pub use write::Origin;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::{fmt, net::IpAddr};

/// Payload type that we give telephone-event in our own offers.
pub const TELEPHONE_EVENT: u8 = 101;

/// One INVITE taken or sent, and the sound that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LegId(pub u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Codec {
    G722,
    Pcma,
    Pcmu,
}

impl Codec {
    /// In the order in which we like them.
    pub const ALL: [Codec; 3] = [Codec::G722, Codec::Pcma, Codec::Pcmu];

    /// Encoding name of RFC 3551.
    pub fn name(self) -> &'static str {
        match self {
            Codec::G722 => "G722",
            Codec::Pcma => "PCMA",
            Codec::Pcmu => "PCMU",
        }
    }

    /// Static payload type of RFC 3551, which is also what our offers write.
    pub fn payload(self) -> u8 {
        match self {
            Codec::G722 => 9,
            Codec::Pcma => 8,
            Codec::Pcmu => 0,
        }
    }

    /// The codec as our own offers write it.
    pub fn choice(self) -> Choice {
        Choice { codec: self, payload: self.payload() }
    }
}

/// A codec and the payload type that stands for it in one description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Choice {
    pub codec: Codec,
    pub payload: u8,
}

/// As seen by whoever wrote the description (RFC 3264 section 5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    #[default]
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    pub fn new(sends: bool, receives: bool) -> Direction {
        match (sends, receives) {
            (true, true) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (false, true) => Direction::RecvOnly,
            (false, false) => Direction::Inactive,
        }
    }

    pub fn sends(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::SendOnly)
    }

    pub fn receives(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::RecvOnly)
    }

    /// The same, seen from the other side.
    pub fn reversed(self) -> Direction {
        Direction::new(self.receives(), self.sends())
    }

    /// Only what both allow.
    pub fn and(self, other: Direction) -> Direction {
        Direction::new(self.sends() && other.sends(), self.receives() && other.receives())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Suite {
    AesCm128HmacSha1_80,
    AesCm128HmacSha1_32,
}

/// Master key and salt of SRTP, 16 and 14 bytes; never printed, and written down as its stand-in alone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SrtpKey(pub [u8; 30]);

impl fmt::Debug for SrtpKey {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("***")
    }
}

/// With this begins what stands for a key.
const STAND_IN: &[u8] = b"stand-in";

impl SrtpKey {
    /// What is written down in its place: the same for the same key, so that a change of keys is still one, and no way
    /// back. A stand-in is its own.
    pub fn stand_in(&self) -> SrtpKey {
        if self.0.starts_with(STAND_IN) {
            return *self;
        }
        let (mut bytes, sum) = ([0; 30], Sha256::digest(self.0));
        let (begin, rest) = bytes.split_at_mut(STAND_IN.len());
        begin.copy_from_slice(STAND_IN);
        rest.copy_from_slice(&sum[..rest.len()]);
        SrtpKey(bytes)
    }
}

impl Serialize for SrtpKey {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.stand_in().0.serialize(to)
    }
}

impl<'de> Deserialize<'de> for SrtpKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        <[u8; 30]>::deserialize(from).map(SrtpKey)
    }
}

/// One `a=crypto` line (RFC 4568).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Crypto {
    pub tag: u32,
    pub suite: Suite,
    pub key: SrtpKey,
}

/// One side's description of its sound, read from a body or to be written as one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Session {
    /// Where this side takes sound. `None` in what `call` orders: `sip` fills in its own address as the
    /// peer sees it (BOX-43).
    pub address: Option<IpAddr>,
    pub port: u16,
    /// In order of preference.
    pub codecs: Vec<Choice>,
    /// Payload type of telephone-event (RFC 4733).
    pub telephone_event: Option<u8>,
    pub direction: Direction,
    pub ptime_ms: Option<u16>,
    /// RTP/SAVP rather than RTP/AVP.
    pub secure: bool,
    pub crypto: Vec<Crypto>,
    /// The m= lines as they came, the sound among them, so that an answer refuses the others in place (DSK-354).
    pub media: Vec<Media>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Media {
    Sound,
    /// Kind, protocol and formats of a line that is answered with port 0.
    Other {
        kind: String,
        protocol: String,
        formats: String,
    },
}
