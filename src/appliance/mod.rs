//! The box itself.

pub mod certificate;
