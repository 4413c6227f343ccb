//! Real phones and tools against the real program, over real sockets in network namespaces of their own.

mod harness;

mod asking;
mod carrying;
mod converting;
mod dating;
mod filling;
mod flying;
mod holding;
mod hostile;
mod hostile_log;
mod hostile_many;
mod hostile_place;
mod outside;
mod panel;
mod plugging;
mod reaching;
mod recording;
mod refusing;
mod registering;
mod saving;
mod securing;
mod setting;
mod signalling;
mod surviving;
mod talking;
mod telling;
mod trunking;
mod whole;
