//! A step that failed: the call it was about is taken out as it stands and nothing of it runs any more; the others go on.
//!
//! Its legs are ended in SIP and in sound, and its record is closed with `L500`. The cause is logged where it fell.

use super::{
    calls::{CallNumber, Calls},
    cause::Cause,
    office::Order,
    one::Call,
    record,
};
use crate::{
    audio::order as sound,
    history::{call_record::HangupBy, fact::Fact, story::LegEnd},
    sdp::LegId,
    sip::order as sip,
    view::Change,
};
use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// `None`: the step failed, and what it changed stays as it is.
pub fn caught<T>(step: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(|| {
        #[cfg(test)]
        tests::stumble(tests::When::Before);
        let done = step();
        #[cfg(test)]
        tests::stumble(tests::When::After);
        done
    }))
    .ok()
}

impl Calls {
    /// A step for this leg failed, outside of its call or before there was one.
    pub(super) fn fell_at(&mut self, leg: Option<LegId>) {
        let holds = |leg| self.calls.iter().find(|(_, call)| call.party.role(leg).is_some()).map(|(number, _)| *number);
        match leg.and_then(|leg| self.number_of(leg).or_else(|| holds(leg))) {
            Some(number) => self.fell(number),
            None => {
                leg.into_iter().for_each(|leg| self.end_fallen(leg));
                self.office.orders.push(Order::Fell { call_id: String::new() });
            }
        }
        self.end_forlorn();
    }

    /// A step of this call failed.
    pub(super) fn fell(&mut self, number: CallNumber) {
        let Some(mut call) = self.take_out(number) else {
            // It was over, and gone.
            return self.office.orders.push(Order::Fell { call_id: String::new() });
        };
        for leg in self.legs_of(number, &call) {
            self.end_fallen(leg);
        }
        call.stop_recording(&mut self.office);
        self.close_fallen(&mut call);
        let call_id = call.record.call_id;
        self.office.show(Change::Call { call_id: call_id.clone(), row: None });
        self.office.orders.push(Order::Fell { call_id });
    }

    /// Those that are in it, that were, and that it has just begun.
    fn legs_of(&self, number: CallNumber, call: &Call) -> BTreeSet<LegId> {
        let known = self.legs.iter().filter(|(_, of)| **of == number).map(|(leg, _)| *leg);
        let begun = self.office.orders.iter().filter_map(|order| match order {
            Order::Sip(sip::Order::Ring { leg, .. } | sip::Order::Dial { leg, .. }) => Some(*leg),
            Order::Sound(sound::Order::Open { leg, .. }) => Some(*leg),
            _ => None,
        });
        let of_another = |leg: &LegId| {
            self.legs.contains_key(leg) || self.calls.values().any(|other| other.party.role(*leg).is_some())
        };
        let begun = begun.filter(|leg| !of_another(leg));
        call.party.legs().iter().map(|leg| leg.id).chain(known).chain(begun).collect()
    }

    /// Whatever it was doing: one that is not answered is refused, and what is over already stays so.
    fn end_fallen(&mut self, leg: LegId) {
        self.office.sip(sip::Order::Refuse { leg, code: Cause::fault().code, retry_after: None });
        self.office.sip(sip::Order::End { leg });
        self.office.sound(sound::Order::Close { leg });
        self.forget_leg(leg);
    }

    fn close_fallen(&mut self, call: &mut Call) {
        let (wall, tenant) = (self.office.wall(), self.office.tenant.clone());
        for counted in &call.counted {
            self.office.ways.spent.ended(counted, &tenant, wall);
        }
        for (_, mut record) in call.supervised.drain(..) {
            record::close(&mut record, &Cause::normal(HangupBy::System), wall);
            self.office.remember(Fact::CallEnded(Box::new(record)));
        }
        if call.recorded {
            return;
        }
        if call.record.ended_at.is_none() {
            record::close(&mut call.record, &Cause::fault(), wall);
        }
        self.office.remember(Fact::CallEnded(Box::new(call.record.clone())));
        let mut story = call.story();
        let after_ms = self.office.up().since(story.began).as_millis() as u32;
        for leg in story.legs.iter_mut().filter(|leg| leg.ended_ms.is_none()) {
            (leg.ended_ms, leg.end) = (Some(after_ms), Some(LegEnd::Ours));
        }
        self.tell_later(story);
    }

    /// A step that moves legs from call to call may leave some in none.
    fn end_forlorn(&mut self) {
        let in_none = |(leg, number): (&LegId, &CallNumber)| {
            let there = self.calls.get(number).is_some_and(|call| call.party.role(*leg).is_some());
            (!there).then_some(*leg)
        };
        let forlorn: Vec<LegId> = self.legs.iter().filter_map(in_none).collect();
        forlorn.into_iter().for_each(|leg| self.end_fallen(leg));
    }
}

#[cfg(test)]
mod tests;
