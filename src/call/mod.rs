//! What happens to a call; speaks of legs, never of SIP.

pub mod command;
