//! Pickup: an agent takes over a call that rings at a colleague of the same department (FEA-11 to FEA-19).

use crate::{
    call::{
        Calls,
        calls::CallNumber,
        cause::Cause,
        leg::{Leg, Phase, Role},
        one::Call,
        place::Place,
        record,
    },
    history::{
        call_record::{CallType, HangupBy},
        fact::Fact,
    },
};

impl Calls {
    /// Takes the call that has rung longest at a colleague, or the one that rings at this colleague.
    pub(in crate::call) fn pick_up(&mut self, leg: Leg, whom: Option<&str>, dialed: &str) {
        let Some(number) = self.pickable(&leg.number, whom) else {
            return self.turn_away(leg, dialed, Cause::busy(HangupBy::System));
        };
        let (by, mut leg) = (leg.number.clone(), leg);
        let deck = self.call(number).party.deck();
        assert!(leg.open(deck, &mut self.office), "a leg is admitted only while there are slots");
        let parent = self.call(number).record.clone();
        self.answer_instead(number, leg);
        self.touch(number);
        let record = record::beside(&parent, CallType::Pickup, &by, dialed, &mut self.office);
        self.office.remember(Fact::CallEnded(Box::new(record)));
    }

    /// Of those that came in the same second one is drawn (FEA-17 reading).
    fn pickable(&mut self, by: &str, whom: Option<&str>) -> Option<CallNumber> {
        let department = self.office.department(by)?;
        let rings = |call: &Call| {
            matches!(call.place, Place::RingAgent(_) | Place::RingGroup(_) | Place::Outside(_))
                && call.party.legs().iter().any(|leg| {
                    leg.role == Role::Rung
                        && leg.is_live()
                        && leg.phase == Phase::Ringing
                        && leg.staff().is_some_and(|agent| {
                            whom.map_or(agent != by, |whom| agent == whom)
                                && self.office.department(agent) == Some(department)
                        })
                })
        };
        let ringing: Vec<(CallNumber, i64)> = self
            .calls
            .iter()
            .filter(|(_, call)| rings(call))
            .map(|(number, call)| (*number, call.record.started_at.0 / 1_000))
            .collect();
        let first = ringing.iter().map(|(_, second)| *second).min()?;
        let first: Vec<_> = ringing.iter().filter(|(_, second)| *second == first).collect();
        let drawn = if first.len() == 1 { 0 } else { self.office.chance.below(first.len() as u32) as usize };
        Some(first[drawn].0)
    }
}
