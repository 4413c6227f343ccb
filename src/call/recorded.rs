//! What whoever writes the state of the calls down must know beside it.

use super::calls::Calls;
use crate::schema::Tenant;
use std::{mem, sync::Arc};

impl Calls {
    /// Whether a key chose something since this was asked last.
    pub fn take_heeded(&mut self) -> bool {
        mem::take(&mut self.office.heeded)
    }

    pub fn newest(&self) -> Arc<Tenant> {
        self.office.tenant.clone()
    }

    /// Every snapshot that something reads, the newest last.
    pub fn snapshots(&self) -> impl Iterator<Item = &Arc<Tenant>> {
        self.calls.values().map(|call| &call.wanted).chain([&self.office.tenant])
    }

    /// Puts snapshots in the place of those that were written down by their number alone.
    pub fn put_snapshots(&mut self, find: impl Fn(u64) -> Arc<Tenant>) {
        let calls = self.calls.values_mut().map(|call| &mut call.wanted);
        for tenant in calls.chain([&mut self.office.tenant]) {
            *tenant = find(tenant.revision);
        }
    }
}
