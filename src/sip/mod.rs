//! SIP words and rules without sockets, clock or threads (RFC 3261 and what extends it).

pub mod order;
pub mod wire;
