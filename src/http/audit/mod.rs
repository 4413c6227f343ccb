//! The audit log: what requests leave in it, and the page that shows it (AUD rows).

pub mod action;
pub mod age;
pub mod note;
pub mod page;
pub mod secret;
pub mod tee;
pub mod writer;

pub use note::{Done, Note};
pub use writer::Writer;
