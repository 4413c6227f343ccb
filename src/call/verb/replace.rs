//! A phone takes the place of a leg (INVITE with Replaces, RFC 3891): an agent moves a call from phone to phone.

use crate::{
    call::{
        Calls,
        calls::CallNumber,
        leg::{Leg, Role},
        place::{Next, Place},
    },
    sdp::LegId,
};

impl Calls {
    /// The call and the role that the leg may take over; an error is the code of its refusal.
    pub(in crate::call) fn replaceable(&self, leg: &Leg, replaced: LegId) -> Result<(CallNumber, Role), u16> {
        let number = self.number_of(replaced).ok_or(481_u16)?;
        let legs = self.call(number).party.legs();
        let before = legs.iter().find(|other| other.id == replaced).ok_or(481_u16)?;
        if before.number != leg.number {
            return Err(403);
        }
        match before.role {
            Role::Caller | Role::Called if before.is_up() => Ok((number, before.role)),
            Role::Rung if before.is_live() => Ok((number, Role::Rung)),
            Role::Caller | Role::Called | Role::Rung | Role::Leader { .. } | Role::Leaving { .. } => Err(486),
        }
    }

    pub(in crate::call) fn take_over(&mut self, mut leg: Leg, replaced: LegId, number: CallNumber, role: Role) {
        let deck = self.call(number).party.deck();
        assert!(leg.open(deck, &mut self.office), "a leg is admitted only while there are slots");
        match role {
            Role::Rung => self.answer_instead(number, leg),
            Role::Caller | Role::Called | Role::Leader { .. } | Role::Leaving { .. } => {
                self.exchange(number, leg, replaced, role)
            }
        }
        self.touch(number);
    }

    fn exchange(&mut self, number: CallNumber, mut leg: Leg, replaced: LegId, role: Role) {
        let call = self.calls.get_mut(&number).expect("a call that was just asked");
        let codec = call.party.other_codec(replaced);
        leg.role = role;
        leg.answer(codec, &mut self.office);
        call.party.leave(replaced, None, &mut self.office);
        if let Some(before) = call.party.leg(replaced) {
            before.end(&mut self.office);
        }
        call.party.add(leg);
        call.go_on(if matches!(call.place, Place::Talk(_)) { Next::Talk } else { Next::Stay }, &mut self.office);
    }

    /// The call that rings at one phone of an agent is answered at another.
    pub(in crate::call) fn answer_instead(&mut self, number: CallNumber, mut leg: Leg) {
        let call = self.calls.get_mut(&number).expect("a call that was just asked");
        let codec = call.party.caller().and_then(|caller| caller.codecs().first().copied());
        leg.role = Role::Rung;
        leg.answer(codec, &mut self.office);
        let (id, codec) = (leg.id, leg.codec());
        call.party.add(leg);
        call.party.answered(id, &mut self.office);
        let answered =
            call.party.caller().is_some_and(|caller| caller.is_up() || caller.answer(codec, &mut self.office));
        call.party.tell_transferor(200, &mut self.office);
        let next = if answered { Next::Talk } else { Next::End(crate::call::cause::Cause::failed(488)) };
        call.go_on(next, &mut self.office);
    }
}
