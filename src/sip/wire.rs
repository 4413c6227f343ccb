//! What goes between SIP and the sockets: whole messages and who they come from or go to.

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
    Message { peer: Peer, bytes: Bytes },
    /// The connection ended, from either side.
    Closed { connection: ConnectionId },
    /// A datagram could not be delivered (ICMP), or a way out is full.
    Unreached { peer: Peer },
    /// Our own addresses, at start and whenever they change.
    Addresses(Vec<IpAddr>),
    /// What `Order::Resolve` asked for; none: it was not found.
    Resolved { name: String, addresses: Vec<IpAddr> },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    Send {
        peer: Peer,
        bytes: Bytes,
    },
    Close {
        connection: ConnectionId,
    },
    /// Packets and connections of this address are dropped unread until then (BOX-144).
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
    /// This address has proven itself: its packets go first.
    Trust {
        address: IpAddr,
    },
}
