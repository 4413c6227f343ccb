//! Where a call can be, a state machine a file.

pub mod announce;
pub mod echo_test;
pub mod ring_agent;
pub mod talk;

use super::{cause::Cause, destination::Destination, office::Office, party::Party};
use crate::{sdp::LegId, sip::order::Report, time::Uptime, view::CallState};
use announce::Announce;
use echo_test::EchoTest;
use ring_agent::RingAgent;
use serde::{Deserialize, Serialize};
use talk::Talk;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Place {
    RingAgent(RingAgent),
    Talk(Talk),
    Announce(Announce),
    EchoTest(EchoTest),
    /// The call has ended; its legs are being let go.
    Over,
}

/// How a call goes on: one word for all places.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    Stay,
    Go(Destination),
    Talk,
    End(Cause),
}

impl Place {
    /// Ringing, answers and ends of legs; what changes inside a leg is dealt with before.
    pub fn told(&mut self, report: Report, party: &mut Party, office: &mut Office) -> Next {
        match self {
            Place::RingAgent(place) => place.told(report, party, office),
            Place::Talk(place) => place.told(&report, party),
            Place::Announce(place) => place.told(&report, party),
            Place::EchoTest(place) => place.told(&report, party),
            Place::Over => Next::Stay,
        }
    }

    /// All phrases have been played to this leg.
    pub fn played(&mut self, leg: LegId, party: &mut Party) -> Next {
        match self {
            Place::Announce(place) => place.played(leg, party),
            Place::EchoTest(place) => place.played(),
            Place::RingAgent(_) | Place::Talk(_) | Place::Over => Next::Stay,
        }
    }

    pub fn due(&self) -> Option<Uptime> {
        match self {
            Place::RingAgent(place) => Some(place.until),
            Place::Announce(place) => Some(place.until),
            Place::EchoTest(place) => Some(place.until),
            Place::Talk(_) | Place::Over => None,
        }
    }

    /// Its deadline has come.
    pub fn time(&mut self, party: &mut Party, office: &mut Office) -> Next {
        match self {
            Place::RingAgent(place) => place.time(party, office),
            Place::Announce(place) => place.time(),
            Place::EchoTest(place) => place.time(),
            Place::Talk(_) | Place::Over => Next::Stay,
        }
    }

    /// Says who hears what, as things are now; only what changed is ordered.
    pub fn sound(&self, party: &mut Party, office: &mut Office) {
        match self {
            Place::RingAgent(place) => place.sound(party, office),
            Place::Talk(_) => party.talk(office),
            Place::Announce(place) => place.sound(party, office),
            Place::EchoTest(place) => place.sound(party, office),
            Place::Over => {}
        }
    }

    pub fn state(&self, party: &Party) -> CallState {
        match self {
            Place::RingAgent(_) => CallState::Ringing,
            Place::Talk(_) if party.is_held() => CallState::Held,
            Place::Talk(_) => CallState::Talking,
            Place::Announce(_) | Place::Over => CallState::Announcing,
            Place::EchoTest(_) => CallState::EchoTest,
        }
    }
}
