//! Threads, sockets, the clock: the shell round the machines.

pub mod addresses;
pub mod asks;
pub mod beside;
pub mod clock;
pub mod command;
pub mod convert;
pub mod datagram;
pub mod descriptors;
pub mod example;
pub mod fault;
pub mod inspect;
pub mod known;
pub mod log;
pub mod media;
pub mod memory;
pub mod names;
pub mod office;
pub mod options;
pub mod ports;
pub mod recording;
pub mod sound;
pub mod sounds;
pub mod start;
pub mod stream;
pub mod way_in;
pub mod writer;
