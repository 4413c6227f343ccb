//! Transfer by the phone: blind (REFER) and attended (REFER with Replaces); DSK-246 to DSK-254, DSK-348.

use crate::{
    call::{
        Calls,
        calls::CallNumber,
        cause::Cause,
        destination::Destination,
        leg::{Leg, Role},
        one::Call,
        place::{Next, Place},
    },
    history::call_record::{HangupBy, TransferType},
    sdp::LegId,
    sip::order::{Order, ReferId},
};

impl Calls {
    pub(in crate::call) fn referred(&mut self, leg: LegId, refer: ReferId, target: &str, replaces: Option<LegId>) {
        let done = match replaces {
            None => self.transfer_blind(leg, refer, target),
            Some(consult) => self.transfer_attended(leg, refer, consult),
        };
        if let Err(code) = done {
            self.office.sip(Order::ReferResult { refer, code });
        }
    }

    /// The transferor leaves at once and the target rings. An error leaves the call as it was.
    fn transfer_blind(&mut self, leg: LegId, refer: ReferId, target: &str) -> Result<(), u16> {
        let destination = match Destination::of(target, &self.office) {
            Destination::Park => return self.park_by_transfer(leg, refer, None, target),
            Destination::Slot(slot) => return self.park_by_transfer(leg, refer, Some(slot), target),
            Destination::Unknown => return Err(404),
            // FEA-2: a feature code is dialed, on the own phone.
            code if code.is_code() => return Err(403),
            destination => destination,
        };
        let number = self.talking(leg)?;
        let (stays, leaves, counted) = self.part(number, leg);
        let parent = self.call(number).record.clone();
        let mut call = Call::after(&parent, TransferType::Blind, &leaves.number, stays, target, &mut self.office);
        call.counted = counted;
        let returns = self.office.preferences().blind_transfer_return.0;
        call.returns_to = leaves.agent().filter(|_| returns).map(str::to_owned);
        self.let_go(&mut call, leaves, Some(refer));
        call.go_on(Next::Go(destination), &mut self.office);
        self.add(call);
        Ok(())
    }

    /// The transferor's two other parties are joined. A consult call that still rings goes on ringing for the one
    /// who was held (DSK-254).
    fn transfer_attended(&mut self, leg: LegId, refer: ReferId, consult: LegId) -> Result<(), u16> {
        let first = self.talking(leg)?;
        let second = self.number_of(consult).ok_or(481_u16)?;
        let same_agent = self.agent_of(leg) == self.agent_of(consult);
        if first == second || !same_agent {
            return Err(403);
        }
        match &self.call(second).place {
            Place::Talk(_) => {
                self.talking(consult)?;
                self.join(first, leg, second, consult, refer);
                Ok(())
            }
            Place::RingAgent(_) | Place::RingGroup(_)
                if self.call(second).party.role(consult) == Some(Role::Caller) =>
            {
                self.hand_over_ringing(first, leg, second, consult, refer);
                Ok(())
            }
            _ => Err(403),
        }
    }

    fn join(&mut self, first: CallNumber, leg: LegId, second: CallNumber, consult: LegId, refer: ReferId) {
        let (stays, leaves, counted) = self.part(first, leg);
        let (mut target, mut leaves_too, counted_too) = self.part(second, consult);
        let parent = self.call(first).record.clone();
        let by = leaves.number.clone();
        let mut call = Call::after(&parent, TransferType::Attended, &by, stays, &target.number, &mut self.office);
        call.counted = counted.into_iter().chain(counted_too).collect();
        target.role = Role::Called;
        call.party.add(target);
        self.let_go(&mut call, leaves, Some(refer));
        leaves_too.end(&mut self.office);
        self.let_go(&mut call, leaves_too, None);
        call.party.tell_transferor(200, &mut self.office);
        call.go_on(Next::Talk, &mut self.office);
        self.add(call);
    }

    fn hand_over_ringing(&mut self, first: CallNumber, leg: LegId, second: CallNumber, consult: LegId, refer: ReferId) {
        let (stays, leaves, counted) = self.part(first, leg);
        let parent = self.call(first).record.clone();
        let ringing = self.call(second);
        let (dialed, place) = (ringing.record.original_called_number.clone(), ringing.place.clone());
        let mut call = Call::after(&parent, TransferType::Blind, &leaves.number, stays, &dialed, &mut self.office);
        call.counted = counted;
        let rung: Vec<LegId> = ringing_legs(self.call(second));
        self.touch(second);
        let second = self.calls.get_mut(&second).expect("a call that was just asked");
        for id in rung {
            call.party.add(second.party.take(id).expect("a leg that was just listed"));
        }
        let mut caller = second.party.take(consult).expect("the consult leg is in its call");
        second.close_after_transfer(&Cause::cancelled(), &mut self.office);
        caller.refuse(487, None, &mut self.office);
        self.let_go(&mut call, leaves, Some(refer));
        self.let_go(&mut call, caller, None);
        call.place = place;
        call.go_on(Next::Stay, &mut self.office);
        self.add(call);
    }

    /// The call in which this leg talks to another.
    pub(in crate::call) fn talking(&self, leg: LegId) -> Result<CallNumber, u16> {
        let number = self.number_of(leg).ok_or(481_u16)?;
        let call = self.call(number);
        let both = [Role::Caller, Role::Called].iter().all(|role| call.party.has(*role).is_some_and(Leg::is_up));
        let inside = matches!(call.party.role(leg), Some(Role::Caller | Role::Called));
        if matches!(call.place, Place::Talk(_)) && both && inside { Ok(number) } else { Err(403) }
    }

    /// Takes the leg, which talks, and its other party out of a call, whose record ends with that; and under which
    /// names the limits go on to count it.
    fn part(&mut self, number: CallNumber, leg: LegId) -> (Leg, Leg, Vec<String>) {
        let call = self.calls.get_mut(&number).expect("a call that was just asked");
        let by = match call.party.role(leg) {
            Some(Role::Caller) => HangupBy::Caller,
            _ => HangupBy::Called,
        };
        let other = call.party.other(leg).map(|other| other.id).expect("who talks has another party");
        let counted = std::mem::take(&mut call.counted);
        call.close_after_transfer(&Cause::normal(by), &mut self.office);
        let mut stays = call.party.take(other).expect("it was just found");
        let leaves = call.party.take(leg).expect("it was just found");
        stays.role = Role::Caller;
        self.touch(number);
        (stays, leaves, counted)
    }

    fn let_go(&mut self, call: &mut Call, leg: Leg, refer: Option<ReferId>) {
        let id = leg.id;
        call.party.add(leg);
        call.party.leave(id, refer, &mut self.office);
    }

    pub(in crate::call) fn agent_of(&self, leg: LegId) -> Option<String> {
        let call = self.call(self.number_of(leg)?);
        call.party.legs().iter().find(|other| other.id == leg).map(|leg| leg.number.clone())
    }
}

fn ringing_legs(call: &Call) -> Vec<LegId> {
    call.party.legs().iter().filter(|leg| leg.role == Role::Rung).map(|leg| leg.id).collect()
}
