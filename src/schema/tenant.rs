//! The snapshot of everything wanted: one table a noun, unchanged tables shared between snapshots.

/// What an office has set, as calls read it.
#[derive(Debug, Default)]
pub struct Tenant {}
