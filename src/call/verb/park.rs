//! Park: an agent leaves a held call in a slot; any phone of the box fetches it there (FEA-3 to FEA-6).

use crate::{
    call::{
        Calls,
        calls::CallNumber,
        cause::Cause,
        destination::{Destination, slots},
        leg::{Leg, Role},
        one::Call,
        place::{Next, Place, first_leg::FirstLeg, park::Park},
        record,
    },
    history::{
        call_record::{CallRecord, CallType, HangupBy},
        fact::Fact,
    },
    model::feature_code::FeatureCodes,
    sdp::LegId,
    sip::order::{Alert, Order, ReferId, Shown},
};

impl Calls {
    /// The agent's phone dialed the park number, or a free slot: the call that it holds is parked, and it is told
    /// where.
    pub(in crate::call) fn park_held(&mut self, caller: Leg, into: Option<u32>, dialed: &str) {
        let agent = caller.number.clone();
        let held = self.calls.iter().rev().find_map(|(number, call)| Some((*number, held_by(call, &agent)?)));
        let parked = held.and_then(|(number, leg)| Some((number, self.park(number, leg, into)?)));
        let Some((number, slot)) = parked else {
            return self.turn_away(caller, dialed, Cause::busy(HangupBy::System));
        };
        let parent = self.call(number).record.clone();
        let mut caller = caller;
        let opened = caller.open(None, &mut self.office);
        let mut call = Call::beside(&parent, CallType::Park, caller, dialed, &mut self.office);
        let next = if opened { Next::Go(Destination::ParkedAt(slot)) } else { Next::End(Cause::failed(503)) };
        call.go_on(next, &mut self.office);
        self.add(call);
    }

    /// A transfer to the park number, or to a slot (FEA reading). Whoever did not choose the slot is rung and told
    /// which (DSK-351). An error leaves the call as it was.
    pub(in crate::call) fn park_by_transfer(
        &mut self,
        leg: LegId,
        refer: ReferId,
        into: Option<u32>,
        dialed: &str,
    ) -> Result<(), u16> {
        let number = self.talking(leg)?;
        let by = self.agent_of(leg).ok_or(403_u16)?;
        let slot = self.park(number, leg, into).ok_or(486_u16)?;
        self.office.sip(Order::ReferResult { refer, code: 200 });
        let parent = self.call(number).record.clone();
        if into.is_some() || !self.ring_to_tell(&parent, &by, dialed, slot) {
            let record = record::beside(&parent, CallType::Park, &by, dialed, &mut self.office);
            self.office.remember(Fact::CallEnded(Box::new(record)));
        }
        Ok(())
    }

    /// Whether the phone of the agent who parked could be rung.
    fn ring_to_tell(&mut self, parent: &CallRecord, by: &str, dialed: &str, slot: u32) -> bool {
        let shown = Shown { number: slot.to_string(), name: String::new() };
        let mut call = Call::without_caller(
            record::open_beside(parent, CallType::Park, by, dialed, &mut self.office),
            dialed,
            shown,
            &self.office,
        );
        let length = self.office.preferences().extension_ring_timeout.length();
        let then = Destination::ParkedAt(slot);
        let place = FirstLeg::enter(by, Alert::Internal, length, then, &mut call.party, &mut self.office);
        let Ok(place) = place else { return false };
        call.place = Place::FirstLeg(place);
        self.add(call);
        true
    }

    /// Takes the leg out of the call and puts what is left into this slot, or the lowest free one; `None`: it is
    /// taken, or all are.
    fn park(&mut self, number: CallNumber, leg: LegId, into: Option<u32>) -> Option<u32> {
        let park: u32 = FeatureCodes::of(&self.office.tenant).park.parse().ok()?;
        let mut free = slots(park).filter(|slot| !self.office.parked.contains_key(slot));
        let slot = free.find(|slot| into.is_none_or(|into| into == *slot))?;
        let length = self.office.preferences().extension_ring_timeout.length();
        let call = self.calls.get_mut(&number)?;
        let by = call.party.leg(leg)?.number.clone();
        call.party.other(leg)?.role = Role::Caller;
        call.party.leave(leg, None, &mut self.office);
        call.party.leg(leg)?.end(&mut self.office);
        call.place = Place::Park(Park::enter(slot, &by, length, &self.office));
        call.go_on(Next::Stay, &mut self.office);
        self.touch(number);
        Some(slot)
    }

    /// A phone dialed an occupied slot and is joined to the call there (FEA-5).
    pub(in crate::call) fn fetch(&mut self, mut leg: Leg, number: CallNumber) {
        let call = self.calls.get_mut(&number).expect("a call that was just found");
        leg.role = Role::Called;
        assert!(leg.open(call.party.deck(), &mut self.office), "a leg is admitted only while there are slots");
        let codec = call.party.caller().and_then(|caller| caller.codec());
        call.party.stop_ringing(&mut self.office);
        leg.answer(codec, &mut self.office);
        record::of_agent(&mut call.record, &leg.number, &self.office);
        call.party.add(leg);
        call.go_on(Next::Talk, &mut self.office);
        self.touch(number);
    }
}

/// The agent's leg, if the agent holds this call.
fn held_by(call: &Call, agent: &str) -> Option<LegId> {
    if !matches!(call.place, Place::Talk(_)) {
        return None;
    }
    let sides = call.party.legs().iter().filter(|leg| matches!(leg.role, Role::Caller | Role::Called));
    sides.clone().find(|leg| leg.agent() == Some(agent) && leg.holds()).map(|leg| leg.id).filter(|_| sides.count() == 2)
}
