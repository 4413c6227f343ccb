//! Room for a call for help, where every line is taken or the box is at its limit (OUT-44).

use super::{
    Calls,
    calls::CallNumber,
    cause::Cause,
    destination::Destination,
    one::Call,
    way_out::{Asked, calls_for_help},
};
use crate::{history::call_record::CallType, sip::order::TrunkId};

impl Calls {
    /// Whether this phone dials for help.
    pub(super) fn is_for_help(&self, agent: &str, dialed: &str) -> bool {
        matches!(Destination::of(dialed, &self.office), Destination::Outside(_))
            && calls_for_help(&self.office.tenant, &Asked { number: dialed, agent: Some(agent), ..Asked::default() })
    }

    /// The newest call that is none between people is ended, if the box is at its limit.
    pub(super) fn make_room(&mut self) {
        if self.up() >= self.max_calls() as usize {
            self.end_newest(None);
        }
    }

    /// The same on each trunk that has no line for a call for help; it is let go before that call is sent.
    pub(super) fn make_room_on_trunks(&mut self) {
        for trunk in std::mem::take(&mut self.office.room_on) {
            let later = std::mem::take(&mut self.office.orders);
            self.end_newest(Some(trunk));
            self.office.orders.extend(later);
        }
    }

    fn end_newest(&mut self, on: Option<TrunkId>) {
        let newest = |kinds: &[CallType]| -> Option<CallNumber> {
            let may_go = |call: &Call| kinds.contains(&call.record.call_type) && may_go(call) && is_on(call, on);
            self.calls.iter().rev().find(|(_, call)| may_go(call)).map(|(number, _)| *number)
        };
        let found = newest(&[CallType::Dialer]);
        let found = found.or_else(|| newest(&[CallType::VoiceNotice, CallType::PlayAndCollect]));
        if let Some(number) = found {
            self.with(number, |call, office| call.end(&Cause::hung_up(), office));
        }
    }
}

/// No agent talks in it.
fn may_go(call: &Call) -> bool {
    !call.is_over() && call.record.agent_number.is_empty()
}

fn is_on(call: &Call, on: Option<TrunkId>) -> bool {
    on.is_none() || call.party.legs().iter().any(|leg| leg.is_live() && leg.trunk == on)
}
