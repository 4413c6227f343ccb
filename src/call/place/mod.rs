//! Where a call can be, a state machine a file.

pub mod announce;
pub mod echo_test;
pub mod first_leg;
pub mod ivr;
pub mod line;
pub mod outside;
pub mod park;
pub mod playlist;
pub mod prompt;
pub mod ring_agent;
pub mod ring_group;
pub mod ringing;
pub mod sign_in;
pub mod talk;
pub mod voice_notice;
pub mod watch;

use super::{cause::Cause, destination::Destination, office::Office, party::Party};
use crate::{sdp::LegId, sip::order::Report, time::Uptime, view::CallState};
use announce::Announce;
use echo_test::EchoTest;
use first_leg::FirstLeg;
use ivr::Ivr;
use line::Line;
use outside::Outside;
use park::Park;
use playlist::Playlist;
use prompt::Prompt;
use ring_agent::RingAgent;
use ring_group::RingGroup;
use serde::{Deserialize, Serialize};
use sign_in::SignIn;
use talk::Talk;
use voice_notice::VoiceNotice;
use watch::Watch;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Place {
    FirstLeg(FirstLeg),
    RingAgent(RingAgent),
    RingGroup(RingGroup),
    Outside(Outside),
    Ivr(Ivr),
    Playlist(Playlist),
    Park(Park),
    Talk(Talk),
    Announce(Announce),
    EchoTest(EchoTest),
    Prompt(Prompt),
    SignIn(SignIn),
    Watch(Watch),
    VoiceNotice(VoiceNotice),
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

impl From<Cause> for Next {
    fn from(cause: Cause) -> Next {
        Next::End(cause)
    }
}

impl Place {
    /// Ringing, answers and ends of legs; what changes inside a leg is dealt with before.
    pub fn told(&mut self, report: Report, party: &mut Party, office: &mut Office) -> Next {
        match self {
            Place::FirstLeg(place) => place.told(report, party, office),
            Place::RingAgent(place) => place.told(report, party, office),
            Place::RingGroup(place) => place.told(report, party, office),
            Place::Outside(place) => place.told(report, party, office),
            Place::Ivr(place) => place.told(&report, party),
            Place::Playlist(place) => place.told(&report, party),
            Place::Park(place) => place.told(report, party, office),
            Place::Talk(place) => place.told(&report, party),
            Place::Announce(place) => place.told(&report, party),
            Place::EchoTest(place) => place.told(&report, party),
            Place::Prompt(place) => place.told(&report, party, office),
            Place::SignIn(place) => place.told(&report, party),
            Place::Watch(place) => place.told(&report, party),
            Place::VoiceNotice(place) => place.told(report, party, office),
            Place::Over => Next::Stay,
        }
    }

    /// All phrases have been played to this leg.
    pub fn played(&mut self, leg: LegId, party: &mut Party, office: &mut Office) -> Next {
        match self {
            Place::Ivr(place) => place.played(leg, party, office),
            Place::Playlist(place) => place.played(leg, party),
            Place::Announce(place) => place.played(leg, party),
            Place::EchoTest(place) => place.played(),
            Place::Prompt(place) => place.played(leg, party, office),
            Place::SignIn(place) => place.played(leg, party, office),
            Place::Talk(place) => place.played(leg),
            Place::VoiceNotice(place) => place.played(leg, party),
            Place::FirstLeg(_)
            | Place::RingAgent(_)
            | Place::RingGroup(_)
            | Place::Outside(_)
            | Place::Park(_)
            | Place::Watch(_)
            | Place::Over => Next::Stay,
        }
    }

    /// The caller pressed a key.
    pub fn key(&mut self, key: char, office: &mut Office) -> Next {
        if matches!(self, Place::Ivr(_) | Place::Prompt(_)) {
            office.pressed = Some(key);
        }
        match self {
            Place::Ivr(place) => place.key(key, office),
            Place::Playlist(place) => place.key(),
            Place::Prompt(place) => place.key(key, office),
            Place::SignIn(place) => place.key(key, office),
            Place::FirstLeg(_)
            | Place::RingAgent(_)
            | Place::RingGroup(_)
            | Place::Outside(_)
            | Place::Announce(_)
            | Place::EchoTest(_)
            | Place::Park(_)
            | Place::Talk(_)
            | Place::VoiceNotice(_)
            | Place::Watch(_)
            | Place::Over => Next::Stay,
        }
    }

    /// The numbers outside that were dialed here.
    pub fn lines(&self) -> &[Line] {
        match self {
            Place::FirstLeg(place) => place.line.as_slice(),
            Place::Outside(place) => std::slice::from_ref(&place.line),
            Place::RingGroup(place) => &place.lines,
            Place::VoiceNotice(place) => std::slice::from_ref(&place.line),
            _ => &[],
        }
    }

    /// The one that was dialed where nobody else can answer.
    pub fn only_line(&self) -> Option<&Line> {
        match self {
            Place::Outside(place) => Some(&place.line),
            Place::VoiceNotice(place) => Some(&place.line),
            _ => None,
        }
    }

    /// Whether a phone has said that it rings.
    pub fn rang(&self) -> bool {
        match self {
            Place::FirstLeg(place) => place.ringing.rang,
            Place::RingAgent(place) => place.ringing.rang,
            Place::RingGroup(place) => place.ringing.rang,
            Place::Outside(place) => place.ringing.rang,
            Place::VoiceNotice(place) => place.ringing.rang,
            Place::Ivr(_)
            | Place::Playlist(_)
            | Place::Announce(_)
            | Place::EchoTest(_)
            | Place::Prompt(_)
            | Place::SignIn(_)
            | Place::Watch(_)
            | Place::Park(_)
            | Place::Talk(_)
            | Place::Over => false,
        }
    }

    pub fn due(&self) -> Option<Uptime> {
        match self {
            Place::FirstLeg(place) => Some(place.until),
            Place::RingAgent(place) => Some(place.until),
            Place::RingGroup(place) => Some(place.until),
            Place::Outside(place) => Some(place.until),
            Place::Ivr(place) => Some(place.until),
            Place::Park(place) => Some(place.until),
            Place::Announce(place) => Some(place.until),
            Place::EchoTest(place) => Some(place.until),
            Place::Prompt(place) => Some(place.until),
            Place::SignIn(place) => Some(place.until),
            Place::VoiceNotice(place) => Some(place.until),
            Place::Playlist(_) | Place::Talk(_) | Place::Watch(_) | Place::Over => None,
        }
    }

    /// Its deadline has come.
    pub fn time(&mut self, party: &mut Party, office: &mut Office) -> Next {
        match self {
            Place::FirstLeg(place) => place.time(party, office),
            Place::RingAgent(place) => place.time(party, office),
            Place::RingGroup(place) => place.time(party, office),
            Place::Outside(place) => place.time(party, office),
            Place::Ivr(place) => place.time(office),
            Place::Park(place) => place.time(party, office),
            Place::Announce(place) => place.time(),
            Place::EchoTest(place) => place.time(),
            Place::Prompt(place) => place.time(office),
            Place::SignIn(place) => place.after(office),
            Place::VoiceNotice(place) => place.time(party, office),
            Place::Playlist(_) | Place::Talk(_) | Place::Watch(_) | Place::Over => Next::Stay,
        }
    }

    /// Says who hears what, as things are now; only what changed is ordered.
    pub fn sound(&self, party: &mut Party, office: &mut Office) {
        match self {
            Place::RingAgent(place) => place.ringing.sound(party, office),
            Place::RingGroup(place) => place.ringing.sound(party, office),
            Place::Outside(place) => place.ringing.sound(party, office),
            Place::Ivr(place) => place.sound(party, office),
            Place::Park(place) => place.sound(party, office),
            Place::Playlist(place) => place.sound(party, office),
            Place::Talk(place) => party.talk(&place.beeps, office),
            Place::Announce(place) => place.sound(party, office),
            Place::EchoTest(place) => place.sound(party, office),
            Place::Prompt(place) => place.sound(party, office),
            Place::SignIn(place) => place.sound(party, office),
            Place::Watch(place) => place.sound(party, office),
            Place::VoiceNotice(place) => place.sound(party, office),
            Place::FirstLeg(_) | Place::Over => {}
        }
    }

    pub fn state(&self, party: &Party) -> CallState {
        match self {
            Place::FirstLeg(_) | Place::RingAgent(_) | Place::RingGroup(_) | Place::Outside(_) => CallState::Ringing,
            Place::VoiceNotice(place) if !place.answered => CallState::Ringing,
            Place::Park(_) => CallState::Parked,
            Place::Talk(_) if party.is_held() => CallState::Held,
            Place::Talk(_) | Place::Watch(_) => CallState::Talking,
            Place::Ivr(_)
            | Place::Playlist(_)
            | Place::Announce(_)
            | Place::Prompt(_)
            | Place::SignIn(_)
            | Place::VoiceNotice(_)
            | Place::Over => CallState::Announcing,
            Place::EchoTest(_) => CallState::EchoTest,
        }
    }
}
