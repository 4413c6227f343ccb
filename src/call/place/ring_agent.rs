//! Rings every device of an agent together; the first answer wins (AGT-19).

use super::{
    Next,
    ringing::{Ringing, Rung},
};
use crate::{
    call::{cause::Cause, destination::Destination, office::Office, party::Party},
    sip::order::Report,
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RingAgent {
    pub until: Uptime,
    pub ringing: Ringing,
    /// Where the call goes if this one does not take it; none: it ends.
    then: Option<Destination>,
}

impl RingAgent {
    /// An error says why nothing rings at all. One who is only tried first is not disturbed while in a call.
    pub fn enter(
        agent: &str,
        length: Duration,
        then: Option<Destination>,
        party: &mut Party,
        office: &mut Office,
    ) -> Result<RingAgent, Next> {
        let mut ringing = Ringing::default();
        let rings = match &then {
            None => ringing.agent(agent, party, office),
            Some(_) => ringing.idle(agent, party, office),
        };
        match (rings, then) {
            (Ok(()), then) => Ok(RingAgent { until: office.up() + length, ringing, then }),
            (Err(_), Some(then)) => Err(then.next()),
            (Err(cause), None) => Err(cause.into()),
        }
    }

    pub fn told(&mut self, report: Report, party: &mut Party, office: &mut Office) -> Next {
        match self.ringing.told(report, party, office) {
            Rung::Goes => Next::Stay,
            Rung::Answered => Next::Talk,
            Rung::Nobody(code) => self.unanswered(Cause::of_refusal(code), code, party, office),
            Rung::Over(cause) => Next::End(cause),
        }
    }

    pub fn time(&mut self, party: &mut Party, office: &mut Office) -> Next {
        self.ringing.stop(party, office);
        self.unanswered(Cause::timeout(), 480, party, office)
    }

    fn unanswered(&mut self, cause: Cause, code: u16, party: &mut Party, office: &mut Office) -> Next {
        if let Some(then) = self.then.take() {
            return then.next();
        }
        party.tell_transferor(code, office);
        Next::End(cause)
    }
}
