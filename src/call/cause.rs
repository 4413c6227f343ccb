//! Why a call ends, and what its record and its phones are told of it (CDR-48 to CDR-50).

use crate::{
    history::call_record::{EndedBy, HangupBy, HangupReason},
    sip::order::End,
};
use serde::{Deserialize, Serialize};

/// Of the box's own codes: it failed, or its power did.
pub const FAULT: &str = "L500";

/// `code` goes to the phones, `record_code` into the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    pub reason: HangupReason,
    pub by: HangupBy,
    /// Who wanted it, where somebody outside of the call did.
    pub ended_by: Option<EndedBy>,
    pub code: u16,
    pub record_code: String,
    /// Seconds, with a 503 (BOX-131).
    pub retry_after: Option<u32>,
}

impl Cause {
    pub fn new(reason: HangupReason, by: HangupBy, code: u16) -> Cause {
        Cause { reason, by, ended_by: None, code, record_code: code.to_string(), retry_after: None }
    }

    pub fn recorded(self, record_code: &str) -> Cause {
        Cause { record_code: record_code.to_string(), ..self }
    }

    /// One of the two hung up.
    pub fn normal(by: HangupBy) -> Cause {
        Cause::new(HangupReason::Normal, by, 200)
    }

    /// CDR-83.
    pub fn cancelled() -> Cause {
        Cause::new(HangupReason::CallerCancelled, HangupBy::Caller, 487)
    }

    /// CDR-81; FEA-10: do-not-disturb counts as busy.
    pub fn busy(by: HangupBy) -> Cause {
        Cause::new(HangupReason::CalledBusy, by, 486)
    }

    /// CDR-77: no registered device, or disabled.
    pub fn unavailable() -> Cause {
        Cause::new(HangupReason::NoAnswer, HangupBy::System, 480)
    }

    /// CDR-84. Phones say "not available" at 480 and try again at 408.
    pub fn timeout() -> Cause {
        Cause::new(HangupReason::CallTimeout, HangupBy::System, 480).recorded("408")
    }

    /// CDR-78, and whatever has no name of its own.
    pub fn failed(code: u16) -> Cause {
        Cause::new(HangupReason::CallFailed, HangupBy::System, code)
    }

    /// A disabled agent may not call (AGT-25).
    pub fn forbidden() -> Cause {
        Cause::failed(403).recorded("L403")
    }

    /// BOX-131, BOX-132.
    pub fn refused(retry_after: u32) -> Cause {
        Cause { retry_after: Some(retry_after), ..Cause::failed(503).recorded("L503") }
    }

    /// An answered leg that ended without a BYE.
    pub fn lost() -> Cause {
        Cause::new(HangupReason::Normal, HangupBy::System, 200).recorded("408")
    }

    /// A leg is up, and its phone and the box agree on no sound that could go over it (CDR-50).
    pub fn unfit(code: u16) -> Cause {
        Cause::new(HangupReason::CallFailed, HangupBy::System, 200).recorded(&code.to_string())
    }

    /// TRK-84.
    pub fn silent() -> Cause {
        Cause::normal(HangupBy::System).recorded("L408")
    }

    /// A fraud limit ended it while it was up (OUT-65).
    pub fn used_up() -> Cause {
        Cause::new(HangupReason::CallLimit, HangupBy::System, 200).recorded("L429")
    }

    /// The box failed at it; `normal` where somebody had answered.
    pub fn fault() -> Cause {
        Cause::failed(500).recorded(FAULT)
    }

    /// Ended from outside; `normal` where somebody had answered (CDR-76).
    pub fn hung_up() -> Cause {
        Cause::failed(480)
    }

    /// The same, as somebody wanted.
    pub fn hung_up_by(ended_by: Option<EndedBy>) -> Cause {
        Cause { ended_by, ..Cause::hung_up() }
    }

    /// What a phone that was rung and did not answer means for the call.
    pub fn of_refusal(code: u16) -> Cause {
        use HangupReason::{CallFailed, CallTimeout, CalledBusy, CalledRejected, NoAnswer};
        let (reason, to_caller) = match code {
            486 | 600 => (CalledBusy, 486),
            403 | 603 => (CalledRejected, 603),
            408 => (CallTimeout, 480),
            480 => (NoAnswer, 480),
            404 | 484 | 604 => (CallFailed, 480),
            488 | 606 => (CallFailed, 488),
            _ => (CallFailed, 480),
        };
        Cause::new(reason, HangupBy::Called, to_caller).recorded(&code.to_string())
    }

    /// The final response of a carrier (CDR-78 to CDR-84).
    pub fn of_outside(code: u16) -> Cause {
        use HangupReason::{CallFailed, CallTimeout, CalledBusy, CalledRejected};
        let (reason, by) = match code {
            486 | 600 => (CalledBusy, HangupBy::Called),
            603 => (CalledRejected, HangupBy::Called),
            408 | 480 => (CallTimeout, HangupBy::Called),
            _ => (CallFailed, HangupBy::Called),
        };
        Cause::new(reason, by, code)
    }

    /// Every trunk failed, with the last response; none gave any (OUT-30).
    pub fn of_trunks(last: Option<u16>) -> Cause {
        last.map_or_else(|| Cause::failed(503).recorded("L503"), Cause::failed)
    }
}

/// The code of a rung phone that is over; `None` where that says nothing, as we ended it ourselves.
pub fn refusal(end: &End) -> Option<u16> {
    match end {
        End::Refused { code, .. } => Some(*code),
        End::TimedOut | End::SessionExpired => Some(408),
        End::ConnectionLost | End::Bye | End::Cancelled => Some(480),
        End::Ours => None,
    }
}
