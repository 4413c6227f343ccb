//! What is told of a call while it goes: what was asked on its way, and what became of each of its legs (BOX-119).

use super::{
    leg::{Leg, Phase, Role},
    office::Office,
    one::Call,
    step::Step,
};
use crate::{
    audio::order::Figures,
    history::story::{Asked, LegEnd, LegTold, Part, SoundFault, SoundTold, Story},
    model::Trunk,
    schema::Id,
    sdp::{Codec, LegId},
    sip::order::{End, Report},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

const STEPS_MAX: usize = 80;
const LEGS_MAX: usize = 100;
/// From here on so much is lost that it is heard, of a hundred packets.
const LOSS_HEARD: u64 = 5;
const JITTER_HEARD_MS: f32 = 60.0;
/// Of a leg that was up shorter nothing can be said.
const UP_MIN_MS: u32 = 2_000;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Told {
    steps: Vec<Asked>,
    legs: BTreeMap<LegId, LegTold>,
}

impl Call {
    pub fn after_ms(&self, office: &Office) -> u32 {
        office.up().since(self.began.up).as_millis() as u32
    }

    /// Rules that were asked just now.
    pub fn tell_steps(&mut self, steps: impl IntoIterator<Item = Step>, office: &Office) {
        let after_ms = self.after_ms(office);
        let room = STEPS_MAX.saturating_sub(self.told.steps.len());
        self.told.steps.extend(steps.into_iter().take(room).map(|step| Asked { after_ms, step }));
    }

    /// What came of a leg.
    pub fn tell_report(&mut self, leg: LegId, report: &Report, office: &Office) {
        let now = self.after_ms(office);
        let Some(told) = self.told.legs.get_mut(&leg) else { return };
        match report {
            Report::Ringing { .. } => told.rang_ms = told.rang_ms.or(Some(now)),
            Report::Answered { .. } => told.answered_ms = told.answered_ms.or(Some(now)),
            Report::Ended { end, .. } => {
                told.ended_ms = Some(now);
                (told.end, told.code) = ended(end);
            }
            _ => {}
        }
    }

    /// Legs that came, and what is known of those that are there. Their last figures are taken when their sound is over,
    /// or when they go on in another call.
    pub fn tell_legs(&mut self, last: bool, office: &Office) {
        let now = self.after_ms(office);
        for leg in self.party.legs() {
            if !self.told.legs.contains_key(&leg.id) {
                if self.told.legs.len() == LEGS_MAX || part(leg.role).is_none() {
                    continue;
                }
                self.told.legs.insert(leg.id, begun(leg, now, office));
            }
            let Some(told) = self.told.legs.get_mut(&leg.id) else { continue };
            if let Some(part) = part(leg.role) {
                told.part = part;
            }
            if leg.phase == Phase::Up {
                told.answered_ms = told.answered_ms.or(Some(now));
            }
            if last || (leg.is_silent() && leg.phase == Phase::Ended) {
                told.sound = sound(leg, &told.sound.signalling_address);
                told.fault = fault(leg, told, now);
            }
        }
    }

    /// CDR-28: since the box answered the carrier, so that waiting counts; 0 where it never did.
    pub fn billed_of_did(&self, office: &Office) -> u32 {
        let caller = self.told.legs.values().find(|leg| leg.part == Part::Caller);
        let answered = caller.and_then(|leg| leg.answered_ms);
        answered.map_or(0, |answered| self.after_ms(office).saturating_sub(answered) / 1_000)
    }

    pub fn story(&mut self) -> Story {
        let Told { steps, legs } = std::mem::take(&mut self.told);
        let legs = legs.into_values().collect();
        let (call_id, started_at) = (self.record.call_id.clone(), self.record.started_at);
        Story { call_id, started_at, began: self.began.up, steps, legs, ..Story::default() }
    }
}

fn begun(leg: &Leg, now: u32, office: &Office) -> LegTold {
    let device = leg.binding.zip(office.floor.agent(&leg.number));
    let device = device.and_then(|(binding, agent)| agent.device(binding.0));
    let shown = leg.shown(office);
    LegTold {
        leg: leg.id.0,
        part: part(leg.role).unwrap_or_default(),
        number: shown.number,
        name: shown.name,
        trunk_name: leg.trunk.map(|trunk| Trunk::name_of(&office.tenant, Id(trunk.0))).unwrap_or_default(),
        begun_ms: now,
        sound: SoundTold {
            signalling_address: device.map(|device| device.row.address.clone()).unwrap_or_default(),
            ..SoundTold::default()
        },
        ..LegTold::default()
    }
}

fn part(role: Role) -> Option<Part> {
    match role {
        Role::Caller => Some(Part::Caller),
        Role::Called => Some(Part::Called),
        Role::Rung => Some(Part::Rung),
        Role::Leader { .. } => Some(Part::Leader),
        Role::Leaving { .. } => None,
    }
}

fn ended(end: &End) -> (Option<LegEnd>, u16) {
    match end {
        End::Bye => (Some(LegEnd::HungUp), 0),
        End::Cancelled => (Some(LegEnd::Cancelled), 0),
        End::Refused { code, .. } => (Some(LegEnd::Refused), *code),
        End::TimedOut | End::SessionExpired => (Some(LegEnd::TimedOut), 0),
        End::ConnectionLost => (Some(LegEnd::Lost), 0),
        End::Ours => (Some(LegEnd::Ours), 0),
    }
}

fn sound(leg: &Leg, signalling_address: &str) -> SoundTold {
    let Figures { remote, packets_received, packets_sent, lost, lost_there, jitter_ms, .. } = leg.figures;
    SoundTold {
        codec: leg.codec().map_or("", Codec::name).to_owned(),
        codecs: leg.codecs().into_iter().map(|codec| codec.name().to_owned()).collect(),
        encrypted: leg.is_encrypted(),
        told_address: leg.agreed.as_ref().map(|agreed| agreed.remote.to_string()).unwrap_or_default(),
        seen_address: remote.map(|remote| remote.to_string()).unwrap_or_default(),
        signalling_address: signalling_address.to_owned(),
        packets_received,
        packets_sent,
        lost,
        lost_there,
        jitter_ms,
        round_trip_ms: leg.figures.round_trip_ms,
        mos: leg.figures.mos,
        strangers: leg.figures.strangers,
        unproven: leg.figures.unproven,
    }
}

/// The likeliest cause first (BOX-123).
fn fault(leg: &Leg, told: &LegTold, now: u32) -> Option<SoundFault> {
    let sound = &told.sound;
    if matches!(told.code, 415 | 488 | 606) {
        return Some(SoundFault::NoCodec);
    }
    let up = told.answered_ms.map(|answered| told.ended_ms.unwrap_or(now).saturating_sub(answered));
    if up.is_none_or(|up| up < UP_MIN_MS) || leg.agreed.is_none() {
        return None;
    }
    if sound.packets_received == 0 {
        return Some(if sound.unproven > 0 {
            SoundFault::SrtpFailed
        } else if sound.strangers > 0 {
            SoundFault::OtherAddress
        } else if cannot_be_reached(&sound.told_address, &sound.signalling_address) {
            SoundFault::PrivateAddress
        } else if leg.trunk.is_some() {
            SoundFault::NoPacketsFromCarrier
        } else {
            SoundFault::NoPacketsFromPhone
        });
    }
    let share = |lost: u32, of: u64| u64::from(lost) * 100 >= LOSS_HEARD * (of + u64::from(lost)).max(1);
    if leg.figures.silent {
        Some(SoundFault::Muted)
    } else if share(sound.lost, sound.packets_received) {
        Some(SoundFault::LossHere)
    } else if share(sound.lost_there, sound.packets_sent) {
        Some(SoundFault::LossThere)
    } else if sound.jitter_ms >= JITTER_HEARD_MS {
        Some(SoundFault::Jitter)
    } else {
        None
    }
}

/// Sound is wanted at an address of a private network, and the signalling came from outside of it.
fn cannot_be_reached(told: &str, signalling: &str) -> bool {
    let ip = |text: &str| text.parse::<SocketAddr>().map(|address| address.ip().to_canonical()).ok();
    match (ip(told), ip(signalling)) {
        (Some(told), Some(signalling)) => is_private(told) && !is_private(signalling),
        (Some(told), None) => told.is_unspecified(),
        _ => false,
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_private() || address.is_link_local() || address.is_loopback() || address.is_unspecified()
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local() || address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdp::{Agreed, Choice, Direction};

    fn up(told: &str) -> Leg {
        let mut leg = Leg::rung(LegId(2), "801", crate::sip::order::BindingId(1), false);
        let choice = Choice { codec: Codec::Pcma, payload: 8 };
        leg.agreed = Some(Agreed {
            remote: told.parse().unwrap(),
            send: choice,
            take: vec![choice],
            event_send: None,
            event_take: None,
            ptime_ms: 20,
            direction: Direction::SendRecv,
            keys: None,
        });
        leg
    }

    fn of(leg: &Leg, code: u16, signalling: &str) -> Option<SoundFault> {
        let told = LegTold { code, answered_ms: Some(100), sound: sound(leg, signalling), ..LegTold::default() };
        fault(leg, &told, 9_000)
    }

    /// BOX-123: each cause by the figures that tell it, the likeliest first.
    #[test]
    fn missing_and_bad_sound_has_a_cause() {
        let (near, far) = ("192.168.1.9:4000", "203.0.113.9:5060");
        let with = |change: &dyn Fn(&mut Figures)| {
            let mut leg = up(near);
            (leg.figures.packets_received, leg.figures.packets_sent) = (1_000, 1_000);
            change(&mut leg.figures);
            leg
        };
        let none = |change: &dyn Fn(&mut Figures)| {
            with(&|figures| {
                figures.packets_received = 0;
                change(figures);
            })
        };
        for (leg, signalling, expected) in [
            (with(&|_| {}), near, None),
            (none(&|_| {}), near, Some(SoundFault::NoPacketsFromPhone)),
            (none(&|_| {}), far, Some(SoundFault::PrivateAddress)),
            (none(&|figures| figures.strangers = 3), far, Some(SoundFault::OtherAddress)),
            (none(&|figures| (figures.strangers, figures.unproven) = (3, 9)), near, Some(SoundFault::SrtpFailed)),
            (with(&|figures| figures.silent = true), near, Some(SoundFault::Muted)),
            (with(&|figures| figures.lost = 60), near, Some(SoundFault::LossHere)),
            (with(&|figures| figures.lost_there = 60), near, Some(SoundFault::LossThere)),
            (with(&|figures| figures.lost = 40), near, None),
            (with(&|figures| figures.jitter_ms = 80.0), near, Some(SoundFault::Jitter)),
        ] {
            assert_eq!(of(&leg, 0, signalling), expected, "{:?} {signalling}", leg.figures);
        }
        let mut carrier = none(&|_| {});
        carrier.trunk = Some(crate::sip::order::TrunkId(1));
        assert_eq!(of(&carrier, 0, ""), Some(SoundFault::NoPacketsFromCarrier));
        assert_eq!(of(&with(&|_| {}), 488, near), Some(SoundFault::NoCodec));
    }
}
