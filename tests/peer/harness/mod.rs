//! What the tests stand on: a network, the program, phones, and ways to look at what they do.

pub mod baresip;
pub mod callbox;
pub mod carrier;
pub mod client;
pub mod clock;
pub mod description;
pub mod lan;
pub mod linphone;
pub mod message;
pub mod process;
pub mod proof;
pub mod sipp;
pub mod talk;
pub mod tap;
pub mod tone;
pub mod voice;
pub mod web;

pub use baresip::{Baresip, Phone};
pub use callbox::{Agent, Callbox};
pub use client::Client;
pub use clock::{elapsed, wait};
pub use lan::{Lan, Namespace};
pub use linphone::Linphone;
pub use voice::Voice;
