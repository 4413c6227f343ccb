//! Rings phones together until one answers or none is left; whoever rings somebody stands on this.

use crate::{
    audio::order::{Source, Tone},
    call::{
        cause::{self, Cause},
        leg::{Leg, Phase, Role},
        office::Office,
        party::Party,
    },
    history::call_record::HangupBy,
    sdp::{LegId, Session},
    sip::order::{Alert, BindingId, Report},
    view::AgentState,
};
use serde::{Deserialize, Serialize};

/// Devices of one agent that ring together (AGT-19).
pub const DEVICES_MAX: usize = 3;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ringing {
    /// A device has said that it rings.
    pub rang: bool,
    /// The device whose early sound the caller hears.
    early: Option<LegId>,
    /// The refusal that counts so far.
    refused: Option<u16>,
}

/// What came of something that was told.
#[derive(Clone, Debug, PartialEq)]
pub enum Rung {
    Goes,
    /// Somebody answered and the caller is up.
    Answered,
    /// Nobody rings any more; the code of the refusal that says most.
    Nobody(u16),
    /// The caller is gone, or cannot be answered.
    Over(Cause),
}

impl Ringing {
    /// Rings every device of an agent together (AGT-19). An error says why none rings.
    pub fn agent(&mut self, agent: &str, party: &mut Party, office: &mut Office) -> Result<(), Cause> {
        let caller = party.has(Role::Caller).expect("a call that is routed has a caller");
        let calling = (caller.number == agent).then_some(caller.binding).flatten();
        let alert = if caller.trunk.is_some() { Alert::External } else { Alert::Internal };
        if office.floor.agent(agent).is_some_and(|known| known.dnd) && office.is_enabled(agent) {
            return Err(Cause::busy(HangupBy::System));
        }
        self.devices(agent, calling, alert, party, office)
    }

    /// Rings those of an agent who wants the call and waits for it: do-not-disturb is for calls of others.
    pub fn own(&mut self, agent: &str, alert: Alert, party: &mut Party, office: &mut Office) -> Result<(), Cause> {
        self.devices(agent, None, alert, party, office)
    }

    fn devices(
        &mut self,
        agent: &str,
        calling: Option<BindingId>,
        alert: Alert,
        party: &mut Party,
        office: &mut Office,
    ) -> Result<(), Cause> {
        let mut rung = false;
        for (binding, private) in devices(agent, calling, office)? {
            let mut phone = Leg::rung(office.leg(), agent, binding, private);
            phone.alert = alert;
            rung |= ring(phone, party, office);
        }
        if rung { Ok(()) } else { Err(Cause::failed(503)) }
    }

    /// The same, but only of one who does nothing else (INR reading).
    pub fn idle(&mut self, agent: &str, party: &mut Party, office: &mut Office) -> Result<(), Cause> {
        if office.floor.agent(agent).is_none_or(|known| known.standing() != AgentState::Idle) {
            return Err(Cause::busy(HangupBy::System));
        }
        self.agent(agent, party, office)
    }

    /// The same, but not of one who talks (RNG-13 reading).
    pub fn free(&mut self, number: &str, party: &mut Party, office: &mut Office) -> Result<(), Cause> {
        if office.talks(number) {
            return Err(Cause::busy(HangupBy::System));
        }
        self.agent(number, party, office)
    }

    pub fn told(&mut self, report: Report, party: &mut Party, office: &mut Office) -> Rung {
        match report {
            Report::Ringing { leg, early, .. } if party.role(leg) == Some(Role::Rung) => {
                self.ringing(leg, early, party, office);
                Rung::Goes
            }
            Report::Answered { leg, session } if party.role(leg) == Some(Role::Rung) => {
                self.answered(leg, session, party, office)
            }
            Report::Ended { leg, end } => match party.role(leg) {
                Some(Role::Caller) => Rung::Over(Cause::cancelled()),
                Some(Role::Rung) => match cause::refusal(&end) {
                    Some(code) => self.refused(leg, code, party, office),
                    None => Rung::Goes,
                },
                Some(Role::Called | Role::Leader { .. } | Role::Leaving { .. }) | None => Rung::Goes,
            },
            _ => Rung::Goes,
        }
    }

    /// Those that ring stop, and others may ring after them.
    pub fn stop(&mut self, party: &mut Party, office: &mut Office) {
        party.stop_ringing(office);
        (self.early, self.refused) = (None, None);
    }

    /// A caller who was answered before hears our ringing, as no 180 can reach the phone any more.
    pub fn sound(&self, party: &mut Party, office: &mut Office) {
        let answered = party.has(Role::Caller).is_some_and(Leg::is_up);
        if let Some(early) = self.early {
            party.caller_hears(Source::Leg(early), office);
        } else if answered {
            party.caller_hears(Source::Tone(Tone::Ringback), office);
        }
    }

    fn ringing(&mut self, leg: LegId, early: Option<Session>, party: &mut Party, office: &mut Office) {
        let phone = party.leg(leg).expect("its role was asked");
        phone.phase = Phase::Ringing;
        let sounds = early.is_some_and(|session| phone.take_early(session, office));
        let codec = phone.codec();
        // Nobody waits yet where the agent's phone is the first of two.
        let Some(caller) = party.caller() else {
            self.rang = true;
            return;
        };
        if !caller.is_up() {
            let passed = sounds && self.early.is_none() && caller.early(codec, office);
            if passed {
                self.early = Some(leg);
            } else if !self.rang {
                caller.progress(office);
            }
        } else if sounds && self.early.is_none() {
            self.early = Some(leg);
        }
        if !self.rang {
            self.rang = true;
            party.tell_transferor(180, office);
        }
    }

    fn answered(&mut self, leg: LegId, session: Session, party: &mut Party, office: &mut Office) -> Rung {
        let phone = party.leg(leg).expect("its role was asked");
        phone.phase = Phase::Up;
        if !phone.take_answer(session, office) {
            phone.end(office);
            return self.refused(leg, 488, party, office);
        }
        let codec = phone.codec();
        party.answered(leg, office);
        if let Some(caller) = party.caller()
            && !caller.is_up()
            && !caller.answer(codec, office)
        {
            return Rung::Over(Cause::failed(488));
        }
        party.tell_transferor(200, office);
        Rung::Answered
    }

    fn refused(&mut self, leg: LegId, code: u16, party: &mut Party, office: &mut Office) -> Rung {
        if self.early == Some(leg) {
            self.early = None;
        }
        if matches!(code, 488 | 415 | 606) && again_plain(leg, party, office) {
            return Rung::Goes;
        }
        self.refused = Some(self.refused.map_or(code, |before| weightier(before, code)));
        // A 6xx speaks for every device of the agent (RFC 3261 section 21.6).
        if code >= 600 {
            party.stop_ringing_of(leg, office);
        }
        if party.legs().iter().any(|other| other.role == Role::Rung && other.id != leg && other.is_live()) {
            return Rung::Goes;
        }
        Rung::Nobody(self.refused.unwrap_or(code))
    }
}

fn devices(agent: &str, calling: Option<BindingId>, office: &Office) -> Result<Vec<(BindingId, bool)>, Cause> {
    if !office.is_enabled(agent) {
        return Err(Cause::unavailable());
    }
    let Some(known) = office.floor.agent(agent) else { return Err(Cause::unavailable()) };
    let all: Vec<_> =
        known.reachable_devices().take(DEVICES_MAX).map(|device| (BindingId(device.id), device.encrypted)).collect();
    if all.is_empty() {
        return Err(Cause::unavailable());
    }
    let others: Vec<_> = all.into_iter().filter(|(binding, _)| Some(*binding) != calling).collect();
    // Whoever calls the own number from the only phone is busy: with this call.
    if others.is_empty() { Err(Cause::busy(HangupBy::System)) } else { Ok(others) }
}

fn ring(mut phone: Leg, party: &mut Party, office: &mut Office) -> bool {
    if !phone.open(party.deck(), office) {
        return false;
    }
    let first = party.has(Role::Caller).map(Leg::codecs).unwrap_or_default();
    phone.ring(party.shown.clone(), &first, office);
    party.add(phone);
    true
}

/// A phone that cannot do SRTP is asked once more without.
fn again_plain(leg: LegId, party: &mut Party, office: &mut Office) -> bool {
    let Some(refused) = party.leg(leg) else { return false };
    let (Some(binding), true) = (refused.binding, refused.private && !refused.plain) else { return false };
    let mut phone = Leg::rung(office.leg(), &refused.number, binding, true);
    (phone.plain, phone.alert) = (true, refused.alert);
    ring(phone, party, office)
}

/// Which of two refusals says more about the agent: no, then busy, then the rest.
fn weightier(one: u16, other: u16) -> u16 {
    let weight = |code: u16| match code {
        600..=699 | 403 => 3,
        486 => 2,
        480 => 1,
        _ => 0,
    };
    if weight(other) > weight(one) { other } else { one }
}
