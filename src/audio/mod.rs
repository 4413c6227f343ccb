//! Sound without sockets.

pub mod order;
