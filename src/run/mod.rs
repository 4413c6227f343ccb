//! Threads, sockets, the clock: the shell round the machines.

pub mod clock;
pub mod datagram;
pub mod options;
pub mod sound;
