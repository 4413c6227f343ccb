//! Nothing but benches: see `relay.rs`.
