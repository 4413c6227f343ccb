//! What goes between SIP and the sockets: whole messages and who they come from or go to.

use super::{network::Network, recorded};
use crate::time::Timestamp;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Transport {
    Udp,
    Tcp,
    Tls,
}

impl Transport {
    /// Where nothing else is said (RFC 3261 section 19.1.2).
    pub fn port(self) -> u16 {
        if self == Transport::Tls { 5061 } else { 5060 }
    }

    pub fn word(self) -> &'static str {
        match self {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
            Transport::Tls => "tls",
        }
    }
}

/// A TCP or TLS connection; the number is never used twice by a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConnectionId(pub u64);

/// The other end of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Peer {
    pub transport: Transport,
    /// Our address and port as this peer uses them.
    pub local: SocketAddr,
    pub remote: SocketAddr,
    /// `None` over UDP.
    pub connection: Option<ConnectionId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// One whole message: a datagram, or what `sip::frame` cut from a stream.
    Message {
        peer: Peer,
        bytes: Bytes,
    },
    /// The connection ended, from either side.
    Closed {
        connection: ConnectionId,
    },
    /// A datagram could not be delivered (ICMP), or a way out is full.
    Unreached {
        peer: Peer,
    },
    /// Our own addresses, each with the network that it stands in, at start and whenever they change.
    Addresses(Vec<Network>),
    /// What `Order::Resolve` asked for; none: it was not found.
    Resolved {
        name: String,
        addresses: Vec<IpAddr>,
    },
    /// What `Order::Services` asked for; `None`: no name server answered.
    Services {
        name: String,
        found: Option<Vec<Service>>,
    },
    /// The way that `Order::Connect` asked for is open.
    Connected {
        way: WayId,
        peer: Peer,
    },
    NotConnected {
        way: WayId,
        fault: NoWay,
    },
}

/// A way to be opened; the number is never used twice by a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WayId(pub u64);

/// Why a way was not opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoWay {
    /// Refused, no route, or nobody there in time.
    Unreached,
    /// TLS: whom it met could not prove who it is; with what was wrong, in English.
    Certificate(String),
}

/// One SRV record (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Service {
    pub priority: u16,
    pub weight: u16,
    pub port: u16,
    pub host: String,
}

/// Who must be met at the other end of a TLS connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certified {
    /// The certificate must be valid for one of these.
    pub names: Vec<String>,
    /// False: any certificate will do.
    pub verify: bool,
    /// PEM of authorities beside the public ones.
    pub authorities: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    Send {
        peer: Peer,
        #[serde(serialize_with = "recorded::serialize_message")]
        bytes: Bytes,
    },
    Close {
        connection: ConnectionId,
    },
    /// Packets and connections of this address, or of the network that it stands for (`origin`), are dropped unread
    /// until then (BOX-144).
    Ban {
        address: IpAddr,
        until: Timestamp,
    },
    /// The ban of this address is over before its time (BOX-146).
    Lift {
        address: IpAddr,
    },
    /// Look up this name; answered with `Report::Resolved`.
    Resolve {
        name: String,
    },
    /// Look up the SRV records of this name (RFC 2782); answered with `Report::Services`.
    Services {
        name: String,
    },
    /// Open a way to this address: a connection, or over UDP the socket that reaches it. Answered with
    /// `Report::Connected` or `NotConnected`.
    Connect {
        way: WayId,
        transport: Transport,
        remote: SocketAddr,
        /// With TLS.
        certified: Option<Certified>,
    },
    /// This address has proven itself: its packets go first.
    Trust {
        address: IpAddr,
    },
    /// Nothing that had proven itself is at this address any more.
    Distrust {
        address: IpAddr,
    },
}
