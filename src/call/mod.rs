//! What happens to a call; speaks of legs, never of SIP.
//!
//! `Calls` is the room's door: reports of legs and of sound, commands and the time go in, orders come out. A
//! `Call` is a `Place` (where it is) and a `Party` (who is in it and who hears whom); a place or a verb says how it
//! goes on with `Next`.

pub mod alarm;
mod arrive;
mod call_back;
pub mod caller_id;
mod calls;
mod cause;
pub mod command;
pub mod condition;
mod destination;
mod engaged;
pub mod explain;
pub mod fallen;
mod lamp;
mod last_agent;
mod leg;
mod length;
mod limit;
pub mod match_plugin;
mod office;
mod one;
mod outgoing;
mod party;
pub mod place;
mod record;
mod recorded;
pub mod recording;
mod registered;
mod room;
mod row;
pub mod speech;
pub mod spent;
mod stock;
mod terms;
mod told;
pub mod verb;
pub mod way_in;
pub mod way_out;
pub mod ways;

pub use crate::history::step;
pub use calls::Calls;
pub use office::{Order, Orders};
