//! SIP words and rules without sockets, clock or threads (RFC 3261 and what extends it).

/// From, To, Contact and what is written like them.
pub mod address;
/// A table that strangers can fill, but not overfill.
pub mod bounded;
/// Who a request is from, proven (RFC 7616, 8760).
pub mod digest;
/// Why a message is not taken, and what to answer.
pub mod fault;
/// Whole messages out of a stream.
pub mod frame;
/// Strangers: counts, bans, answers a second.
pub mod guard;
/// What stands in the lines of a message, and what of it is secret.
pub mod lines;
/// One message as it came.
pub mod message;
/// INVITE, BYE and the others.
pub mod method;
/// Header names.
pub mod name;
/// Address ranges.
pub mod network;
pub mod order;
/// `;name=value` lists.
pub mod params;
mod reason;
/// Messages as they may be written down.
pub mod recorded;
mod scan;
/// Lines to carriers.
pub mod trunk;
/// sip, sips and tel URIs.
pub mod uri;
/// Where responses go.
pub mod via;
pub mod wire;
/// Messages to be sent.
pub mod write;

mod alive;
mod class;
mod compose;
mod dialog;
mod hear;
mod intake;
mod lamp_document;
mod machine;
mod outside;
mod prove;
mod register;
mod subscribe;
#[cfg(test)]
mod tests;
mod timers;
mod transaction;

pub use machine::{Counters, External, Out, RemotePhones, Settings, Sip};
