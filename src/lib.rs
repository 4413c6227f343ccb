//! Callbox: the whole telephone system of an office in one program.
//!
//! Data goes round once: what is wanted (`model`, `store`) becomes a snapshot that `exchange` reads; what happens
//! comes in as events and goes out as actions; what happened is kept as `history`. The rooms, in reading order:

/// The box itself: certificates, disk, time.
pub mod appliance;
/// Sound without sockets.
pub mod audio;
/// What happens to a call.
pub mod call;
/// Choices and tokens from a seed.
pub mod chance;
/// The one door: an event in, actions out.
pub mod exchange;
/// Who works.
pub mod floor;
/// What happened.
pub mod history;
/// The panel's server.
pub mod http;
/// What is wanted: every noun of the panel, declared once.
pub mod model;
/// Who counts as one sender.
pub mod origin;
/// A desk phone's configuration.
pub mod phone;
/// Threads, sockets, the clock: the shell round the machines.
pub mod run;
/// What a declaration means.
pub mod schema;
/// What a leg offers and takes.
pub mod sdp;
/// SIP words and rules without sockets.
pub mod sip;
/// redb: the one write door, reads, migration.
pub mod store;
/// Both clocks as plain numbers.
pub mod time;
/// What is happening now, as rows.
pub mod view;
