//! Where a call can go, and what a dialed number means (DSK-345, DST rows).

use super::{cause::Cause, leg::HeardBy, office::Office, place::Next, verb::work::Work};
use crate::{
    history::call_record::HangupBy,
    model::{
        Agent, Condition, Ivr, OutboundProfile, Playlist, RingGroup,
        feature_code::{FeatureCodes, SLOTS},
        numbering::Numbering,
    },
    schema::{
        Id, Model,
        kind::destination::{Destination as Wanted, To, Types},
        tenant::Tenant,
    },
};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Destination {
    Agent(String),
    /// An agent if that one is free and answers, else another place (INR-21).
    AgentFirst {
        agent: String,
        then: Box<Destination>,
    },
    Ivr(Id),
    RingGroup(Id),
    Condition(Id),
    Playlist(Id),
    /// A number as it was dialed or set.
    Outside(String),
    /// Of a blacklisted caller.
    Treatment(Treatment),
    HangUp,
    /// FEA-20.
    EchoTest,
    /// FEA-9.
    Dnd,
    /// FEA-27 to FEA-30.
    Work(Work),
    /// FEA-7.
    SayNumber,
    /// FEA-8.
    RecordPrompt,
    /// FEA-3.
    Park,
    /// Says where a call was parked (DSK-350, DSK-351).
    ParkedAt(u32),
    /// FEA-4: a place to park in; somebody who is parked there goes first (FEA-6).
    Slot(u32),
    /// FEA-11; of one agent (FEA-18).
    Pickup(Option<String>),
    /// FEA-21 to FEA-23, of this agent's call.
    Supervise(HeardBy, String),
    /// A number that is nobody's.
    Unknown,
}

/// What a blacklisted caller is given in place of a call (BLK-3 reading).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Treatment {
    RingTone,
    Voice(Id),
    Music(Id),
}

impl Destination {
    /// What an agent's phone dialed; only agents' phones can use feature codes (FEA-2).
    pub fn of(dialed: &str, office: &Office) -> Destination {
        // Whatever else has come to have that number (OUT-41, OUT-49).
        if Numbering::of(&office.tenant).emergency(dialed).is_some() {
            return Destination::Outside(dialed.to_owned());
        }
        let codes = FeatureCodes::of(&office.tenant);
        let is = |code: &str| !code.is_empty() && code == dialed;
        match office.tenant.number_holder(dialed) {
            Some((Agent::NAME, _)) => Destination::Agent(dialed.to_string()),
            Some((Ivr::NAME, id)) => Destination::Ivr(id),
            Some((RingGroup::NAME, id)) => Destination::RingGroup(id),
            _ if is(&codes.echo_test) => Destination::EchoTest,
            _ if is(&codes.dnd) => Destination::Dnd,
            _ if is(&codes.say_number) => Destination::SayNumber,
            _ if is(&codes.record) => Destination::RecordPrompt,
            _ if is(&codes.park) => Destination::Park,
            _ if is(&codes.pickup) => Destination::Pickup(None),
            _ => match slot_of(dialed, &office.tenant) {
                Some(slot) => Destination::Slot(slot),
                None => Destination::at_an_agent(dialed, codes, office),
            },
        }
    }

    /// A number that nobody here has: one outside, if this office calls outside at all.
    fn elsewhere(dialed: &str, tenant: &Tenant) -> Destination {
        let keys = dialed.strip_prefix('+').unwrap_or(dialed);
        let is_number = !keys.is_empty() && keys.bytes().all(|key| key.is_ascii_digit());
        let outside = is_number && !tenant.table::<OutboundProfile>().is_empty();
        if outside { Destination::Outside(dialed.to_owned()) } else { Destination::Unknown }
    }

    /// A code and an agent's number behind it.
    fn at_an_agent(dialed: &str, codes: &FeatureCodes, office: &Office) -> Destination {
        let agent = |code: &str| {
            let number = dialed.strip_prefix(code).filter(|number| !code.is_empty() && office.is_agent(number));
            number.map(str::to_owned)
        };
        let supervise = |code: &str, how| agent(code).map(|agent| Destination::Supervise(how, agent));
        agent(&codes.pickup)
            .map(|agent| Destination::Pickup(Some(agent)))
            .or_else(|| supervise(&codes.listen, HeardBy::Nobody))
            .or_else(|| supervise(&codes.whisper, HeardBy::Agent))
            .or_else(|| supervise(&codes.barge, HeardBy::All))
            .or_else(|| Work::of(dialed, codes).map(Destination::Work))
            .unwrap_or_else(|| Destination::elsewhere(dialed, &office.tenant))
    }

    /// What somebody set; nothing set hangs up.
    pub fn to<W: Types>(wanted: &Option<Wanted<W>>, office: &Office) -> Destination {
        wanted.as_ref().map_or(Destination::HangUp, |wanted| Destination::set(wanted.to(), &office.tenant))
    }

    pub fn set(to: &To, tenant: &Tenant) -> Destination {
        match to {
            To::Ivr(id) => Destination::Ivr(*id),
            To::RingGroup(id) => Destination::RingGroup(*id),
            To::Condition(id) => Destination::Condition(*id),
            To::Playlist(id) => Destination::Playlist(*id),
            To::Agent(id) => {
                let agent = tenant.table::<Agent>().row(*id);
                agent.map_or(Destination::Unknown, |row| Destination::Agent(row.value.agent_number.to_string()))
            }
            To::OutsideNumber(number) => Destination::Outside(number.to_string()),
            To::RingTone => Destination::Treatment(Treatment::RingTone),
            To::Voice(media) => Destination::Treatment(Treatment::Voice(*media)),
            To::HoldMusic(media) => Destination::Treatment(Treatment::Music(*media)),
            To::AgentGroup(_) | To::HangUp => Destination::HangUp,
        }
    }

    /// A feature code, which is dialed on the own phone and nowhere else (FEA-2).
    pub fn is_code(&self) -> bool {
        match self {
            Destination::EchoTest
            | Destination::Dnd
            | Destination::Work(_)
            | Destination::SayNumber
            | Destination::RecordPrompt
            | Destination::Park
            | Destination::ParkedAt(_)
            | Destination::Slot(_)
            | Destination::Pickup(_)
            | Destination::Supervise(..) => true,
            Destination::Agent(_)
            | Destination::AgentFirst { .. }
            | Destination::Ivr(_)
            | Destination::RingGroup(_)
            | Destination::Condition(_)
            | Destination::Playlist(_)
            | Destination::Outside(_)
            | Destination::Treatment(_)
            | Destination::HangUp
            | Destination::Unknown => false,
        }
    }

    /// The word of its kind, and as people call it.
    pub fn named(&self, tenant: &Tenant) -> (&'static str, String) {
        let row = |noun: &'static str, id: Id| (noun, tenant.name_of(noun, id).unwrap_or_default().to_owned());
        match self {
            Destination::Agent(number) | Destination::AgentFirst { agent: number, .. } => (Agent::NAME, number.clone()),
            Destination::Ivr(id) => row(Ivr::NAME, *id),
            Destination::RingGroup(id) => row(RingGroup::NAME, *id),
            Destination::Condition(id) => row(Condition::NAME, *id),
            Destination::Playlist(id) => row(Playlist::NAME, *id),
            Destination::Outside(number) => ("outside_number", number.clone()),
            Destination::Treatment(_) => ("blacklist", String::new()),
            Destination::HangUp => ("hang_up", String::new()),
            Destination::EchoTest => ("echo_test", String::new()),
            Destination::Dnd => ("dnd", String::new()),
            Destination::Work(work) => (work.word(), String::new()),
            Destination::SayNumber => ("say_number", String::new()),
            Destination::RecordPrompt => ("record", String::new()),
            Destination::Park => ("park", String::new()),
            Destination::Slot(slot) | Destination::ParkedAt(slot) => ("park", slot.to_string()),
            Destination::Pickup(_) => ("pickup", String::new()),
            Destination::Supervise(_, agent) => ("supervise", agent.clone()),
            Destination::Unknown => ("unknown", String::new()),
        }
    }

    /// Going there; to hang up is to end.
    pub fn next(self) -> Next {
        match self {
            Destination::HangUp => Next::End(Cause::normal(HangupBy::System)),
            destination => Next::Go(destination),
        }
    }
}

/// The slot of the park number that a number names (FEA-4). Calls for help are never parked (OUT-41).
pub fn slot_of(dialed: &str, tenant: &Tenant) -> Option<u32> {
    let park: u32 = FeatureCodes::of(tenant).park.parse().ok()?;
    let slot = dialed.parse().ok().filter(|slot| slots(park).contains(slot))?;
    Numbering::of(tenant).emergency(dialed).is_none().then_some(slot)
}

/// The slots of a park number.
pub fn slots(park: u32) -> RangeInclusive<u32> {
    park + 1..=park + SLOTS
}
