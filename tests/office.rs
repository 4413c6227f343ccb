//! Everything that is proved in memory: one binary, because each links the whole program.

mod house;
mod packet_path;
mod panel_server;
mod phone;
mod replay;
mod resources;
mod rfc4475;
mod scenario;
mod simulation;
mod sip_random;
mod sip_words;
mod voices;
