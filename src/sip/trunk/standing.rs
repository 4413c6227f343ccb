//! How a trunk stands: its state, since when and why (TRK-47, TRK-48).

use super::super::order::{TrunkId, TrunkState};
use super::trial::Tested;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// Why a trunk is in its state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// It was switched off.
    SwitchedOff,
    /// It is new, was saved, or the box has just started.
    #[default]
    Begun,
    Registered,
    /// OPTIONS were answered.
    Answered,
    /// A peer without signs of life.
    NotWatched,
    /// Its name leads to no address.
    NotFound,
    NotConnected,
    NoAnswer,
    /// The response code says it.
    Refused,
    /// The password was used and asked for again, or there is none.
    Password,
    /// The box is not among the contacts of the 200 (TRK-37).
    ContactMissing,
    /// Somebody else asks for the password (TRK-46).
    RealmChanged,
    Certificate,
}

impl Reason {
    /// As people and programs read it.
    pub fn word(self) -> &'static str {
        match self {
            Reason::SwitchedOff => "switched_off",
            Reason::Begun => "begun",
            Reason::Registered => "registered",
            Reason::Answered => "answered",
            Reason::NotWatched => "not_watched",
            Reason::NotFound => "not_found",
            Reason::NotConnected => "not_connected",
            Reason::NoAnswer => "no_answer",
            Reason::Refused => "refused",
            Reason::Password => "password",
            Reason::ContactMissing => "contact_missing",
            Reason::RealmChanged => "realm_changed",
            Reason::Certificate => "certificate",
        }
    }
}

/// What led to a state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    pub reason: Reason,
    /// Of the response.
    pub code: Option<u16>,
    pub address: Option<SocketAddr>,
    /// From the request to the response.
    pub ms: Option<u32>,
    /// What else there is to know, such as both realms or what is wrong with a certificate.
    pub text: String,
}

impl From<Reason> for Cause {
    fn from(reason: Reason) -> Cause {
        Cause { reason, ..Cause::default() }
    }
}

/// As it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub trunk: TrunkId,
    pub state: TrunkState,
    pub since: Timestamp,
    pub cause: Cause,
    /// The last failure, kept while the trunk is up again.
    pub last_fault: Option<Cause>,
    /// Calls of both directions.
    pub calls: u32,
    /// The realm that another asked in, while nobody has accepted it (TRK-46).
    pub other_realm: Option<String>,
    /// Somebody on the way changes what we send (BOX-49).
    pub changed: Option<Changed>,
}

/// Host and port of our Via, as it was sent and as it came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub sent: String,
    pub came: String,
    /// Where the request came from, as the carrier saw it.
    pub router: Option<IpAddr>,
}

/// One change of state (TRK-48).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub trunk: TrunkId,
    pub at: Timestamp,
    pub from: TrunkState,
    pub to: TrunkState,
    pub cause: Cause,
}

/// What there is to show and to write down of trunks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum News {
    Stands(Standing),
    Turned(Turn),
    /// The realm in which the password was accepted; it outlives a restart (TRK-46).
    Realm {
        trunk: TrunkId,
        realm: Option<String>,
    },
    Gone(TrunkId),
    /// What is typed was tried.
    Tested(Tested),
}
