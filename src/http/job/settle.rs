//! Tables follow what the office wants found and kept, step by step, behind everything else: indexes are built, what
//! refers to a record that is no more lets go of it, values of a field that is no more go.

use super::{Jobs, task};
use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

/// After a step the disk is left to others as long as the step had it, and no longer than this.
const REST_MAX: Duration = Duration::from_millis(100);
/// Until a step that the disk did not take is tried again.
const AGAIN: Duration = Duration::from_secs(60);

/// How often the office came to want something else, and how far that is followed.
#[derive(Default)]
pub struct Wanted {
    newest: u64,
    followed: u64,
}

impl Jobs {
    /// From now on whatever is written is followed; what was left at the last stop first.
    pub(super) fn follow(self: &Arc<Jobs>) {
        self.locked().wanted.newest += 1;
        let jobs = Arc::downgrade(self);
        self.door.store.watch(Box::new(move |_| {
            if let Some(jobs) = jobs.upgrade() {
                jobs.locked().wanted.newest += 1;
                jobs.woken.notify_all();
            }
        }));
    }

    /// There is something to follow that nobody wrote.
    pub fn settle_soon(&self) {
        self.locked().wanted.newest += 1;
        self.woken.notify_all();
    }

    /// Until the box stops.
    pub(super) fn settle(&self) {
        task::stand_back();
        let never = AtomicBool::new(false);
        while let Some(wanted) = self.wants_more() {
            self.give_way(&never);
            let began = (self.door.clock)().up;
            match self.door.store.settle_tables() {
                Ok(true) => self.rest(&never, (self.door.clock)().up.since(began).min(REST_MAX)),
                Ok(false) => self.locked().wanted.followed = wanted,
                Err(fault) => {
                    tracing::warn!(%fault, "tables could not follow what the office wants; it is tried again");
                    self.rest(&never, AGAIN);
                }
            }
        }
    }

    /// Waits until there is something to follow. None: the box stops.
    fn wants_more(&self) -> Option<u64> {
        let nothing = |state: &mut super::State| !state.stopping && state.wanted.followed == state.wanted.newest;
        let state = self.woken.wait_while(self.locked(), nothing);
        let state = state.unwrap_or_else(std::sync::PoisonError::into_inner);
        (!state.stopping).then_some(state.wanted.newest)
    }
}
