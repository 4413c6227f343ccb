//! What whoever writes the state of the calls down must know beside it.

use super::{calls::Calls, spent::Spent};
use crate::{schema::Tenant, sip::order::TrunkId, time::Timestamp};
use std::sync::Arc;

impl Calls {
    /// The key that was pressed since this was asked last, as it may be written down.
    pub fn take_pressed(&mut self) -> Option<char> {
        self.office.pressed.take()
    }

    /// Minutes of calls to this trunk today, and when that day ends.
    pub fn minutes_over(&self, trunk: TrunkId, at: Timestamp) -> (u64, Timestamp) {
        let (tenant, spent) = (&self.office.tenant, &self.office.ways.spent);
        (spent.over(trunk, tenant, at), Spent::day_ends(tenant, at))
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
