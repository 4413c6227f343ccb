//! Sound without sockets.

pub mod codec;
pub mod convert;
pub mod deck;
pub mod dtmf;
pub mod keypad;
pub mod latch;
pub mod leg;
pub mod meter;
pub mod mixer;
pub mod order;
pub mod outgoing;
pub mod player;
pub mod recorder;
pub mod rtcp;
pub mod rtp;
pub mod sounds;
pub mod srtp;
pub mod tone;
pub mod voice;
pub mod wav;
