//! Two parties talk.

use super::Next;
use crate::{
    call::{cause::Cause, leg::Role, party::Party},
    history::call_record::HangupBy,
    sip::order::{End, Report},
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Talk {}

impl Talk {
    pub fn told(&mut self, report: &Report, party: &Party) -> Next {
        let Report::Ended { leg, end } = report else { return Next::Stay };
        match party.role(*leg) {
            Some(Role::Caller) => Next::End(how(end, HangupBy::Caller)),
            Some(Role::Called) => Next::End(how(end, HangupBy::Called)),
            Some(Role::Rung | Role::Leader { .. } | Role::Leaving { .. }) | None => Next::Stay,
        }
    }
}

/// A side that vanished did not hang up: the box did.
pub fn how(end: &End, by: HangupBy) -> Cause {
    match end {
        End::Bye | End::Cancelled | End::Refused { .. } | End::Ours => Cause::normal(by),
        End::TimedOut | End::SessionExpired | End::ConnectionLost => Cause::lost(),
    }
}
