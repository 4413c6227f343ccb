//! The panel's server.
