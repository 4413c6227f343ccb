//! Two parties talk.

use super::Next;
use crate::{
    call::{cause::Cause, leg::Role, party::Party},
    history::call_record::HangupBy,
    sdp::LegId,
    sip::order::{End, Report},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Talk {
    /// Those who hear a beep at the moment: something changed about the recording.
    pub beeps: BTreeSet<LegId>,
}

impl Talk {
    pub fn told(&mut self, report: &Report, party: &Party) -> Next {
        let Report::Ended { leg, end } = report else { return Next::Stay };
        match party.role(*leg) {
            Some(Role::Caller) => Next::End(how(end, HangupBy::Caller)),
            Some(Role::Called) => Next::End(how(end, HangupBy::Called)),
            Some(Role::Rung | Role::Leader { .. } | Role::Leaving { .. }) | None => Next::Stay,
        }
    }

    pub fn played(&mut self, leg: LegId) -> Next {
        self.beeps.remove(&leg);
        Next::Stay
    }
}

/// A side that vanished did not hang up: the box did. So it did where an offer of ours was never answered.
pub fn how(end: &End, by: HangupBy) -> Cause {
    match end {
        End::Bye | End::Cancelled | End::Ours => Cause::normal(by),
        End::Refused { code, .. } => Cause::unfit(*code),
        End::TimedOut | End::SessionExpired | End::ConnectionLost => Cause::lost(),
    }
}
