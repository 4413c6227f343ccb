//! Sound without sockets.

pub mod codec;
pub mod deck;
pub mod latch;
pub mod leg;
pub mod meter;
pub mod order;
pub mod outgoing;
pub mod rtp;
pub mod sounds;
