//! A number outside, dialed over one trunk after another (OUT-25 to OUT-30).

use crate::{
    call::{
        caller_id::Chosen,
        cause,
        leg::{Leg, Role},
        office::Office,
        party::Party,
        spent,
    },
    history::call_record::Attempt,
    model::trunk::{Trunk, choice::Srtp},
    schema::{Id, Row},
    sdp::LegId,
    sip::order::{End, Report, Shown, TrunkId},
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What is called, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// As it is sent.
    pub number: String,
    /// The number of whoever is called: as it was asked for, without what a rule takes away.
    pub bare: String,
    /// Whose number it is (AGT-1); none: a stranger's.
    pub agent: Option<String>,
    pub trunks: Vec<TrunkId>,
    pub caller_id: Chosen,
    /// An emergency call goes on to the next trunk whatever the answer was (OUT-43).
    pub emergency: bool,
    /// Of the call that is sent on (TRK-66).
    pub max_forwards: Option<u8>,
    /// As the limits see it, and the name by which they know it.
    pub outside: spent::Outside,
    pub name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    pub order: Order,
    /// Every trunk that was tried, in order (OUT-29).
    pub attempts: Vec<Attempt>,
    /// What the called side is shown on the trunk that is being tried (TRK-74).
    pub shown: String,
    pub leg: Option<LegId>,
    left: VecDeque<TrunkId>,
    sent_at: Uptime,
    rang: bool,
    /// The last response of a trunk; none: there was none at all.
    pub last: Option<u16>,
}

/// What came of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// It is of another leg, or says nothing of how the line goes.
    On,
    /// The next trunk is tried.
    Again,
    /// The called side, or the last trunk, refused.
    Refused(u16),
    /// No trunk is left.
    NoTrunk,
}

impl Line {
    pub fn new(order: Order, office: &Office) -> Line {
        Line {
            left: order.trunks.iter().copied().collect(),
            order,
            attempts: Vec::new(),
            shown: String::new(),
            leg: None,
            sent_at: office.up(),
            rang: false,
            last: None,
        }
    }

    pub fn told(&mut self, report: &Report, party: &mut Party, office: &mut Office) -> Went {
        match report {
            Report::Ringing { leg, .. } if self.leg == Some(*leg) => self.note_ringing(office),
            Report::Answered { leg, .. } if self.leg == Some(*leg) => self.note(false, 200, office),
            // What we ended ourselves says nothing of the line.
            Report::Ended { leg, end }
                if self.leg == Some(*leg) && *end != End::Ours && party.role(*leg) == Some(Role::Rung) =>
            {
                return self.ended(*leg, end, party, office);
            }
            _ => {}
        }
        Went::On
    }

    /// Dials over the next trunk. False: none is left, or the box has no slot.
    pub fn dial_next(&mut self, party: &mut Party, office: &mut Office) -> bool {
        if self.attempts.is_empty() {
            let (tenant, at) = (office.tenant.clone(), office.wall());
            office.ways.spent.began(&self.order.name, self.order.outside.clone(), &tenant, at);
        }
        while let Some(trunk) = self.left.pop_front() {
            let Some(row) = office.tenant.table::<Trunk>().row(Id(trunk.0)).cloned() else { continue };
            self.shown = self.order.caller_id.on(&office.tenant, trunk);
            return self.dial(&row, false, party, office);
        }
        false
    }

    fn ended(&mut self, leg: LegId, end: &End, party: &mut Party, office: &mut Office) -> Went {
        let code = cause::refusal(end).unwrap_or(480);
        self.note(*end == End::TimedOut, code, office);
        if code == 488 && self.again_plain(leg, party, office) {
            return Went::Again;
        }
        if !self.goes_on(end, code) {
            return Went::Refused(code);
        }
        if self.dial_next(party, office) { Went::Again } else { Went::NoTrunk }
    }

    /// OUT-25, OUT-26, OUT-28, TRK-86; of an emergency OUT-43.
    fn goes_on(&self, end: &End, code: u16) -> bool {
        let fails = *end == End::TimedOut || matches!(code, 300..=399 | 401 | 407 | 408 | 430 | 500..=599);
        (self.order.emergency || fails) && !self.rang
    }

    fn dial(&mut self, trunk: &Row<Trunk>, plain: bool, party: &mut Party, office: &mut Office) -> bool {
        let id = TrunkId(trunk.id().0);
        let mut leg = Leg::dialed(office.leg(), &self.order.number, id).on_terms(&trunk.value);
        (leg.plain, leg.bound_to) = (plain, self.order.agent.clone());
        if !leg.open(party.deck(), office) {
            return false;
        }
        let from = Shown { number: self.shown.clone(), name: String::new() };
        let first = party.has(Role::Caller).map(Leg::codecs).unwrap_or_default();
        leg.dial(&self.order.number, from, self.order.max_forwards, &first, office);
        (self.leg, self.sent_at) = (Some(leg.id), office.up());
        if self.order.emergency && office.ways.trunk(id).calls >= trunk.value.max_calls.value() as u32 {
            office.room_on.push(id);
        }
        office.ways.took_line(id);
        if let (true, Some(caller)) = (self.order.emergency, party.has(Role::Caller))
            && let Some(agent) = caller.agent()
        {
            office.ways.call_backs.note(&self.shown, agent, office.now.wall);
            // Tried over the next trunk it is the same call.
            if self.attempts.is_empty() {
                let call_id = self.order.name.split(' ').next().unwrap_or_default();
                office.called_for_help(call_id, agent, caller.binding, &self.order.number);
            }
        }
        let trunk_name = trunk.value.name.to_string();
        self.attempts.push(Attempt { trunk: trunk.id(), trunk_name, ..Attempt::default() });
        party.add(leg);
        true
    }

    /// A carrier that refused SRTP is asked once more without, where the trunk may do so (TRK-81).
    fn again_plain(&mut self, leg: LegId, party: &mut Party, office: &mut Office) -> bool {
        let Some(leg) = party.leg(leg) else { return false };
        let may = leg.terms.as_ref().is_some_and(|terms| terms.secrecy == Srtp::Optional) && !leg.plain;
        let trunk = leg.trunk.and_then(|trunk| office.tenant.table::<Trunk>().row(Id(trunk.0)).cloned());
        may && trunk.is_some_and(|trunk| self.dial(&trunk, true, party, office))
    }

    /// From now on its minutes count.
    pub fn note_answer(&self, office: &mut Office) {
        if let Some(attempt) = self.attempts.last() {
            let (tenant, at) = (office.tenant.clone(), office.wall());
            office.ways.spent.answered(&self.order.name, TrunkId(attempt.trunk.0), &tenant, at);
        }
    }

    /// The first sign of it counts.
    fn note_ringing(&mut self, office: &Office) {
        self.rang = true;
        let after = office.up().since(self.sent_at).as_millis() as u32;
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.ringing_ms.get_or_insert(after);
        }
    }

    fn note(&mut self, silent: bool, code: u16, office: &Office) {
        if !silent {
            self.last = Some(code);
        }
        if let Some(attempt) = self.attempts.last_mut().filter(|attempt| attempt.code == 0) {
            attempt.code = if silent { 0 } else { code };
            attempt.milliseconds = office.up().since(self.sent_at).as_millis() as u32;
        }
    }
}
