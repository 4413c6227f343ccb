//! What may be asked of SIP and what it reports: the only words between `sip` and `call`.

use super::wire::Peer;
use crate::{
    sdp::{LegId, Session},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One device's registration (RFC 3261 section 10, 5626: over TCP and TLS the connection is the flow).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    pub id: BindingId,
    /// The proven agent number.
    pub user: String,
    /// The Contact URI as the device wrote it.
    pub contact: String,
    /// `+sip.instance` and `reg-id`, if the device gave them.
    pub instance: Option<String>,
    pub path: Vec<String>,
    pub peer: Peer,
    pub user_agent: String,
    pub call_id: String,
    pub cseq: u32,
    pub registered_at: Timestamp,
    pub expires_at: Timestamp,
    /// Whether the device answers (DSK-337).
    pub reachable: bool,
}

/// A registration that outlived a stop holds this much longer than was written down of it, so a mere refresh that
/// adds no more need not be: half of the longest time that is granted (DSK-336).
pub const REFRESH_SLACK: Duration = Duration::from_secs(150);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BindingId(pub u64);

/// A REFER that wants to hear how it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReferId(pub u64);

/// The row id of a trunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrunkId(pub u64);

/// TRK-47
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TrunkState {
    #[default]
    Disabled,
    Connecting,
    Up,
    Refused,
    Unreachable,
    Certificate,
}

impl TrunkState {
    /// As people and programs read it.
    pub fn word(self) -> &'static str {
        match self {
            TrunkState::Disabled => "disabled",
            TrunkState::Connecting => "connecting",
            TrunkState::Up => "up",
            TrunkState::Refused => "refused",
            TrunkState::Unreachable => "unreachable",
            TrunkState::Certificate => "certificate",
        }
    }
}

/// A lamp: one subscription to one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LampId(pub u64);

/// Number and name that a phone displays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shown {
    pub number: String,
    pub name: String,
}

/// Why a leg is over.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum End {
    /// The other side sent BYE.
    Bye,
    /// The other side cancelled before our answer.
    Cancelled,
    /// The other side refused with this final response (300 to 699).
    Refused { code: u16, retry_after: Option<u32> },
    /// No response in time (timer B or F), no ACK (timer H), an answer of 408 or 481 inside the dialog.
    TimedOut,
    /// The session timer ran out (RFC 4028).
    SessionExpired,
    /// The connection of the leg ended and the phone did not come back.
    ConnectionLost,
    /// We ended it, by `Order::End`.
    Ours,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// A device registered or renewed; `fresh` if it was not there before.
    Registered { binding: Binding, fresh: bool },
    /// It is gone: un-registered, expired, pushed out by a fourth device, connection closed, agent disabled.
    Unregistered { binding: Binding },
    /// It stopped answering OPTIONS, or answers again (DSK-337).
    Reachable { id: BindingId, reachable: bool },

    /// A proven agent's phone calls `dialed`. `leg` is an odd number that `sip` makes. `offer` is `None` when the INVITE has no SDP: then the answer's
    /// session is our offer and `Confirmed` brings theirs.
    Invited {
        leg: LegId,
        /// The proven number; what the phone says of itself decides nothing (BOX-150).
        user: String,
        binding: Option<BindingId>,
        dialed: String,
        offer: Option<Session>,
        /// The leg that this INVITE is to take the place of (RFC 3891); already checked against our dialogs.
        replaces: Option<LegId>,
        peer: Peer,
    },
    /// An INVITE from a trunk (TRK-52 to 65). `leg` is odd and `offer` may be `None`, as for `Invited`.
    CameIn {
        leg: LegId,
        trunk: TrunkId,
        /// What the trunk asked for, as it came (CDR-27) …
        asked: String,
        /// … and with TRK-60 applied.
        number: String,
        /// After TRK-61, 62 and 64; empty where withheld (TRK-63).
        caller: Shown,
        withheld: bool,
        /// A call sent on to an outside number carries one less (TRK-66).
        max_forwards: u8,
        /// The trunk carries as many calls as it may (TRK-67).
        full: bool,
        offer: Option<Session>,
        peer: Peer,
    },
    /// Each change of a trunk's state (TRK-47).
    Trunk { trunk: TrunkId, state: TrunkState },
    /// A leg that we sent: 180 to 183. `early` is the SDP of a 183 or of a reliable 18x.
    Ringing { leg: LegId, code: u16, early: Option<Session> },
    /// A leg that we sent was answered with 2xx; the ACK is on its way. `session` is the answer to our offer.
    Answered { leg: LegId, session: Session },
    /// The ACK of our 200 came; `session` if it holds the answer to our offer.
    Confirmed { leg: LegId, session: Option<Session> },
    /// re-INVITE or UPDATE with an offer. `call` answers with `AcceptChange` or `RefuseChange`. An offerless
    /// re-INVITE has `None`: then `AcceptChange` holds our offer and `ChangeAnswered` theirs.
    Changed { leg: LegId, offer: Option<Session> },
    /// The answer to our `Reoffer`.
    ChangeAnswered { leg: LegId, session: Session },
    /// Our `Reoffer` failed for good (glare is retried inside); the session is as it was.
    ChangeRefused { leg: LegId, code: u16 },
    /// INFO with a digit (application/dtmf-relay or application/dtmf).
    Digit { leg: LegId, digit: char, ms: u16 },
    /// REFER inside the dialog of `leg`. `replaces` is our own leg named in Refer-To (attended transfer).
    /// Already answered 202. A REFER from elsewhere never comes here (DSK-349: 403).
    Referred { leg: LegId, refer: ReferId, target: String, replaces: Option<LegId> },
    /// The leg is over; nothing more comes of it. Comes exactly once for every leg.
    Ended { leg: LegId, end: End },

    /// A phone wants to watch `watched`: answered with the first `Order::Lamp`, or by `Order::RefuseLamp` where the
    /// number is none of the box's.
    Watching { lamp: LampId, user: String, watched: String },
    /// It does no longer.
    Unwatched { lamp: LampId },
}

impl Report {
    /// The one that it is about, if it is about one.
    pub fn leg(&self) -> Option<LegId> {
        match self {
            Report::Invited { leg, .. }
            | Report::CameIn { leg, .. }
            | Report::Ringing { leg, .. }
            | Report::Answered { leg, .. }
            | Report::Confirmed { leg, .. }
            | Report::Changed { leg, .. }
            | Report::ChangeAnswered { leg, .. }
            | Report::ChangeRefused { leg, .. }
            | Report::Digit { leg, .. }
            | Report::Referred { leg, .. }
            | Report::Ended { leg, .. } => Some(*leg),
            Report::Registered { .. }
            | Report::Unregistered { .. }
            | Report::Reachable { .. }
            | Report::Trunk { .. }
            | Report::Watching { .. }
            | Report::Unwatched { .. } => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Send an INVITE to this device. `leg` is an even number that the orderer makes; a device that is gone is
    /// reported as `Ended`.
    Ring {
        leg: LegId,
        binding: BindingId,
        from: Shown,
        alert: Alert,
        offer: Session,
    },
    /// Send an INVITE to this trunk. `leg` is even as for `Ring`, and what comes of it is reported by the same
    /// words. That the trunk has several addresses stays inside: `Ended` says `Refused` with the last response, or
    /// `TimedOut` where there was none at all.
    Dial {
        leg: LegId,
        trunk: TrunkId,
        /// As it stands in the Request-URI.
        number: String,
        /// Number and name of the caller ID; the number may be empty.
        from: Shown,
        withheld: bool,
        /// `None`: the call begins here (TRK-66).
        max_forwards: Option<u8>,
        offer: Session,
    },
    /// A provisional response to a leg that came in; 183 with `early` sound.
    Progress {
        leg: LegId,
        code: u16,
        early: Option<Session>,
    },
    /// 200 to a leg that came in.
    Answer {
        leg: LegId,
        session: Session,
    },
    /// A final refusal of a leg that came in.
    Refuse {
        leg: LegId,
        code: u16,
        retry_after: Option<u32>,
    },
    /// Whatever ends it: CANCEL, BYE, or 480 for one that came in and is not answered. Reported as `Ended` `Ours`.
    End {
        leg: LegId,
    },
    /// re-INVITE with a new offer; glare (491) is retried inside.
    Reoffer {
        leg: LegId,
        session: Session,
    },
    AcceptChange {
        leg: LegId,
        session: Session,
    },
    RefuseChange {
        leg: LegId,
        code: u16,
    },
    /// INFO with a key (`application/dtmf-relay`), on a leg that is up.
    Digit {
        leg: LegId,
        digit: char,
        ms: u16,
    },
    /// NOTIFY with `message/sipfrag`; a final code ends the subscription.
    ReferResult {
        refer: ReferId,
        code: u16,
    },
    /// NOTIFY with the full state of the watched number (RFC 4235).
    Lamp {
        lamp: LampId,
        state: Lamp,
    },
    /// The watched number does not exist: the subscription is ended (`noresource`).
    RefuseLamp {
        lamp: LampId,
    },
}

impl Order {
    /// The one that it is about, if it is about one.
    pub fn leg(&self) -> Option<LegId> {
        match self {
            Order::Ring { leg, .. }
            | Order::Dial { leg, .. }
            | Order::Progress { leg, .. }
            | Order::Answer { leg, .. }
            | Order::Refuse { leg, .. }
            | Order::End { leg }
            | Order::Reoffer { leg, .. }
            | Order::AcceptChange { leg, .. }
            | Order::RefuseChange { leg, .. }
            | Order::Digit { leg, .. } => Some(*leg),
            Order::ReferResult { .. } | Order::Lamp { .. } | Order::RefuseLamp { .. } => None,
        }
    }

    pub fn ends(&self) -> bool {
        matches!(self, Order::Refuse { .. } | Order::End { .. })
    }
}

/// How a phone is to announce a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Alert {
    /// By the ring tone for calls of colleagues (PHN-111).
    Internal,
    /// By that for calls from outside.
    External,
    /// Not at all: it answers by itself (GRP-24).
    Answered,
}

/// What a lamp shows (PHN-119, PHN-120).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Lamp {
    Idle,
    /// Ringing; with the other party if this watcher may know it (PHN-121).
    Early {
        other: Option<Shown>,
    },
    Confirmed {
        other: Option<Shown>,
    },
    /// Shown as `confirmed` with a local display name: paused, do not disturb, phone offline.
    Away {
        why: String,
    },
}
