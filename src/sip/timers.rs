//! What is due when: a table of deadlines, so that there is nothing to cancel twice.

use super::trunk::ErrandId;
use super::{
    order::{BindingId, LampId, ReferId, TrunkId},
    transaction::{ClientId, ServerId},
};
use crate::{sdp::LegId, time::Uptime};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that SIP waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Due {
    /// Timers A, E.
    ClientAgain(ClientId),
    /// Timers B, F, and then D, K, M.
    ClientEnd(ClientId),
    /// Timer G.
    ServerAgain(ServerId),
    /// Timers H, I, J, L.
    ServerEnd(ServerId),
    /// Our 2xx is sent again until its ACK comes (RFC 3261 section 13.3.1.4).
    AnswerAgain(LegId),
    /// No ACK came.
    AnswerEnd(LegId),
    /// A reliable provisional response is sent again until its PRACK comes (RFC 3262 section 3).
    ReliableAgain(LegId),
    ReliableEnd(LegId),
    /// The re-INVITE is tried again after glare or a refusal that names a time.
    Reoffer(LegId),
    /// Our turn to refresh the session (RFC 4028).
    Refresh(LegId),
    /// The session is over unless it was refreshed.
    SessionEnd(LegId),
    /// The phone of a broken connection did not come back.
    FlowEnd(LegId),
    BindingEnd(BindingId),
    Ping(BindingId),
    LampEnd(LampId),
    /// A NOTIFY without an answer is sent again (PHN-125).
    LampAgain(LampId),
    ReferEnd(ReferId),
    /// The name of our external address is looked up again (BOX-41).
    Outside,
    /// A ban ends.
    BanEnd,
    /// A trunk is to register again (TRK-35, TRK-39, TRK-40).
    TrunkRegister(TrunkId),
    /// OPTIONS to a trunk (TRK-29).
    TrunkPing(TrunkId),
    /// The names of trunks are looked up again.
    TrunkNames,
    /// A trial has lasted long enough, or its line (TRK-19).
    Trial(TrunkId),
    /// No response in `connect_timeout` (TRK-25).
    Errand(ErrandId),
}

/// At most one deadline for each `Due`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Timers {
    by_time: BTreeSet<(Uptime, Due)>,
    by_due: BTreeMap<Due, Uptime>,
}

impl Timers {
    pub fn set(&mut self, due: Due, at: Uptime) {
        if let Some(before) = self.by_due.insert(due, at) {
            self.by_time.remove(&(before, due));
        }
        self.by_time.insert((at, due));
    }

    pub fn clear(&mut self, due: Due) {
        if let Some(before) = self.by_due.remove(&due) {
            self.by_time.remove(&(before, due));
        }
    }

    pub fn at(&self, due: Due) -> Option<Uptime> {
        self.by_due.get(&due).copied()
    }

    pub fn first(&self) -> Option<Uptime> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes the first that is due by `now`.
    pub fn pop(&mut self, now: Uptime) -> Option<Due> {
        let (at, due) = *self.by_time.first()?;
        if at > now {
            return None;
        }
        self.clear(due);
        Some(due)
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.by_time.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_time_takes_the_place_of_the_earlier() {
        let mut timers = Timers::default();
        let due = Due::Ping(BindingId(1));
        timers.set(due, Uptime(5));
        timers.set(Due::Ping(BindingId(2)), Uptime(7));
        timers.set(due, Uptime(9));
        assert_eq!(timers.first(), Some(Uptime(7)));
        assert_eq!(timers.pop(Uptime(6)), None);
        assert_eq!(timers.pop(Uptime(9)), Some(Due::Ping(BindingId(2))));
        assert_eq!(timers.pop(Uptime(9)), Some(due));
        assert_eq!(timers.pop(Uptime(u64::MAX)), None);
        assert_eq!(timers.at(due), None);
    }
}
