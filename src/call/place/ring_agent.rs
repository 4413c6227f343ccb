//! Rings every device of an agent together; the first answer wins (AGT-19).

use super::Next;
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
    sip::order::{BindingId, Report},
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Devices of one agent that ring together (AGT-19).
pub const DEVICES_MAX: usize = 3;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RingAgent {
    pub agent: String,
    pub until: Uptime,
    /// A device has said that it rings.
    pub rang: bool,
    /// The device whose early sound the caller hears.
    early: Option<LegId>,
    /// The refusal that counts so far.
    refused: Option<u16>,
}

impl RingAgent {
    /// An error says why nothing rings at all.
    pub fn enter(agent: &str, length: Duration, party: &mut Party, office: &mut Office) -> Result<RingAgent, Cause> {
        let caller = party.has(Role::Caller).expect("a call that is routed has a caller");
        let calling = (caller.agent == agent).then_some(caller.binding).flatten();
        let devices = devices(agent, calling, office)?;
        let mut rung = false;
        for (binding, private) in devices {
            rung |= ring(agent, binding, private, false, party, office);
        }
        if !rung {
            return Err(Cause::failed(503));
        }
        let until = office.up() + length;
        Ok(RingAgent { agent: agent.to_string(), until, rang: false, early: None, refused: None })
    }

    pub fn told(&mut self, report: Report, party: &mut Party, office: &mut Office) -> Next {
        match report {
            Report::Ringing { leg, early, .. } if party.role(leg) == Some(Role::Rung) => {
                self.ringing(leg, early, party, office)
            }
            Report::Answered { leg, session } if party.role(leg) == Some(Role::Rung) => {
                self.answered(leg, session, party, office)
            }
            Report::Ended { leg, end } => match party.role(leg) {
                Some(Role::Caller) => Next::End(Cause::cancelled()),
                Some(Role::Rung) => match cause::refusal(&end) {
                    Some(code) => self.refused(leg, code, party, office),
                    None => Next::Stay,
                },
                Some(Role::Called | Role::Leaving { .. }) | None => Next::Stay,
            },
            _ => Next::Stay,
        }
    }

    pub fn time(&mut self, party: &mut Party, office: &mut Office) -> Next {
        party.stop_ringing(office);
        party.tell_transferor(480, office);
        Next::End(Cause::timeout())
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

    fn ringing(&mut self, leg: LegId, early: Option<Session>, party: &mut Party, office: &mut Office) -> Next {
        let phone = party.leg(leg).expect("its role was asked");
        phone.phase = Phase::Ringing;
        let sounds = early.is_some_and(|session| phone.take_early(session, office));
        let codec = phone.codec();
        let caller = party.caller().expect("a call that rings has a caller");
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
        Next::Stay
    }

    fn answered(&mut self, leg: LegId, session: Session, party: &mut Party, office: &mut Office) -> Next {
        let phone = party.leg(leg).expect("its role was asked");
        phone.phase = Phase::Up;
        if !phone.take_answer(session, office) {
            phone.end(office);
            return self.refused(leg, 488, party, office);
        }
        let codec = phone.codec();
        party.answered(leg, office);
        let caller = party.caller().expect("a call that rings has a caller");
        if !caller.is_up() && !caller.answer(codec, office) {
            return Next::End(Cause::failed(488));
        }
        party.tell_transferor(200, office);
        Next::Talk
    }

    fn refused(&mut self, leg: LegId, code: u16, party: &mut Party, office: &mut Office) -> Next {
        if self.early == Some(leg) {
            self.early = None;
        }
        if matches!(code, 488 | 415 | 606) && again_plain(leg, &self.agent, party, office) {
            return Next::Stay;
        }
        self.refused = Some(self.refused.map_or(code, |before| weightier(before, code)));
        // A 6xx speaks for every device of the agent (RFC 3261 section 21.6).
        if code >= 600 {
            party.stop_ringing(office);
        }
        if party.legs().iter().any(|other| other.role == Role::Rung && other.id != leg && other.is_live()) {
            return Next::Stay;
        }
        let code = self.refused.unwrap_or(code);
        party.tell_transferor(code, office);
        Next::End(Cause::of_refusal(code))
    }
}

fn devices(agent: &str, calling: Option<BindingId>, office: &Office) -> Result<Vec<(BindingId, bool)>, Cause> {
    if !office.is_enabled(agent) {
        return Err(Cause::unavailable());
    }
    let Some(known) = office.floor.agent(agent) else { return Err(Cause::unavailable()) };
    if known.dnd {
        return Err(Cause::busy(HangupBy::System));
    }
    let all: Vec<_> =
        known.reachable_devices().take(DEVICES_MAX).map(|device| (BindingId(device.id), device.encrypted)).collect();
    if all.is_empty() {
        return Err(Cause::unavailable());
    }
    let others: Vec<_> = all.into_iter().filter(|(binding, _)| Some(*binding) != calling).collect();
    // Whoever calls the own number from the only phone is busy: with this call.
    if others.is_empty() { Err(Cause::busy(HangupBy::System)) } else { Ok(others) }
}

fn ring(agent: &str, binding: BindingId, private: bool, plain: bool, party: &mut Party, office: &mut Office) -> bool {
    let mut phone = Leg::rung(office.leg(), agent, binding, private);
    phone.plain = plain;
    if !phone.open(party.deck(), office) {
        return false;
    }
    let from = party.caller_shown(office);
    let first = party.has(Role::Caller).map(Leg::codecs).unwrap_or_default();
    phone.ring(from, &first, office);
    party.add(phone);
    true
}

/// A phone that cannot do SRTP is asked once more without.
fn again_plain(leg: LegId, agent: &str, party: &mut Party, office: &mut Office) -> bool {
    let Some(phone) = party.leg(leg) else { return false };
    let (Some(binding), true) = (phone.binding, phone.private && !phone.plain) else { return false };
    ring(agent, binding, true, true, party, office)
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
