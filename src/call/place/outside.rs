//! A number outside the office, called over one trunk after another (OUT-25 to OUT-30, DST-8).

use super::{
    Next,
    ringing::{Ringing, Rung},
};
use crate::{
    call::{
        caller_id::Chosen,
        cause::{self, Cause},
        leg::{Leg, Role},
        office::Office,
        party::Party,
    },
    history::call_record::Attempt,
    model::trunk::{Trunk, choice::Srtp},
    schema::{Id, Row},
    sdp::LegId,
    sip::order::{End, Report, Shown, TrunkId},
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, time::Duration};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outside {
    pub until: Uptime,
    pub ringing: Ringing,
    /// Every trunk that was tried, in order (OUT-29).
    pub attempts: Vec<Attempt>,
    /// What the called side is shown on the trunk that is being tried (TRK-74).
    pub shown: String,
    /// As it is sent.
    pub number: String,
    pub trunk: Option<TrunkId>,
    trunks: VecDeque<TrunkId>,
    caller_id: Chosen,
    /// An emergency call goes on to the next trunk whatever the answer was (OUT-43).
    emergency: bool,
    max_forwards: Option<u8>,
    leg: Option<LegId>,
    sent_at: Uptime,
    /// The last response of a trunk; none: there was none at all.
    last: Option<u16>,
}

/// What is called, and how.
pub struct Order {
    pub number: String,
    pub trunks: Vec<TrunkId>,
    pub caller_id: Chosen,
    pub emergency: bool,
    /// Of the call that is sent on (TRK-66).
    pub max_forwards: Option<u8>,
    pub length: Duration,
}

impl Outside {
    pub fn enter(order: Order, party: &mut Party, office: &mut Office) -> Result<Outside, Next> {
        let mut place = Outside {
            until: office.up() + order.length,
            ringing: Ringing::default(),
            attempts: Vec::new(),
            shown: String::new(),
            number: order.number,
            trunk: None,
            trunks: order.trunks.into(),
            caller_id: order.caller_id,
            emergency: order.emergency,
            max_forwards: order.max_forwards,
            leg: None,
            sent_at: office.up(),
            last: None,
        };
        match place.try_next(party, office) {
            Next::Stay => Ok(place),
            next => Err(next),
        }
    }

    pub fn told(&mut self, report: Report, party: &mut Party, office: &mut Office) -> Next {
        if let Report::Ended { leg, end } = &report
            && self.leg == Some(*leg)
            && party.role(*leg) == Some(Role::Rung)
        {
            let code = cause::refusal(end).unwrap_or(480);
            self.note(*end == End::TimedOut, code, office);
            if code == 488 && self.again_plain(*leg, party, office) {
                return Next::Stay;
            }
            if self.goes_on(end, code) {
                return self.try_next(party, office);
            }
            party.tell_transferor(code, office);
            return Next::End(Cause::of_outside(code));
        }
        if let (Report::Answered { .. }, Some(_)) = (&report, self.leg) {
            self.note(false, 200, office);
        }
        match self.ringing.told(report, party, office) {
            Rung::Goes => Next::Stay,
            Rung::Answered => Next::Talk,
            Rung::Nobody(code) => {
                party.tell_transferor(code, office);
                Next::End(Cause::of_outside(code))
            }
            Rung::Over(cause) => Next::End(cause),
        }
    }

    pub fn time(&mut self, party: &mut Party, office: &mut Office) -> Next {
        self.ringing.stop(party, office);
        party.tell_transferor(480, office);
        Next::End(Cause::timeout())
    }

    /// OUT-25, OUT-26, OUT-28, TRK-86; of an emergency OUT-43.
    fn goes_on(&self, end: &End, code: u16) -> bool {
        let fails = *end == End::TimedOut || matches!(code, 300..=399 | 401 | 407 | 408 | 430 | 500..=599);
        (self.emergency || fails) && !self.ringing.rang
    }

    fn try_next(&mut self, party: &mut Party, office: &mut Office) -> Next {
        while let Some(trunk) = self.trunks.pop_front() {
            let Some(row) = office.tenant.table::<Trunk>().row(Id(trunk.0)).cloned() else { continue };
            self.shown = self.caller_id.on(&office.tenant, trunk);
            if !self.dial(&row, false, party, office) {
                break;
            }
            return Next::Stay;
        }
        let code = self.last.unwrap_or(503);
        party.tell_transferor(code, office);
        Next::End(Cause::of_trunks(self.last))
    }

    /// False: the box has no slot left.
    fn dial(&mut self, trunk: &Row<Trunk>, plain: bool, party: &mut Party, office: &mut Office) -> bool {
        let id = TrunkId(trunk.id().0);
        let mut leg = Leg::dialed(office.leg(), &self.number, id).on_terms(&trunk.value);
        leg.plain = plain;
        if !leg.open(party.deck(), office) {
            return false;
        }
        let from = Shown { number: self.shown.clone(), name: String::new() };
        let first = party.has(Role::Caller).map(Leg::codecs).unwrap_or_default();
        leg.dial(&self.number, from, self.max_forwards, &first, office);
        (self.leg, self.trunk, self.sent_at) = (Some(leg.id), Some(id), office.up());
        office.ways.took_line(id);
        if let (true, Some(agent)) = (self.emergency, party.has(Role::Caller).and_then(Leg::agent)) {
            office.ways.call_backs.note(&self.shown, agent, office.now.wall);
        }
        self.attempts.push(Attempt { trunk_name: trunk.value.name.to_string(), code: 0, milliseconds: 0 });
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
