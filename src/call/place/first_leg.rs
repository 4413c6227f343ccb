//! The agent's phone, or number outside, rings first; once it is answered the call goes on to what it is for (GRP-28,
//! GRP-29, DSK-351, AGT-1).

use super::{
    Next,
    line::{Line, Order, Went},
    ringing::{Ringing, Rung},
};
use crate::{
    call::{cause::Cause, destination::Destination, leg::Role, office::Office, party::Party},
    sip::order::{Alert, Report},
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FirstLeg {
    pub until: Uptime,
    pub ringing: Ringing,
    /// Over which the agent is called; none: at the phones.
    pub line: Option<Line>,
    then: Destination,
}

impl FirstLeg {
    /// An error says why nothing rings at all.
    pub fn enter(
        agent: &str,
        alert: Alert,
        length: Duration,
        then: Destination,
        party: &mut Party,
        office: &mut Office,
    ) -> Result<FirstLeg, Cause> {
        let mut ringing = Ringing::default();
        ringing.own(agent, alert, party, office)?;
        Ok(FirstLeg { until: office.up() + length, ringing, line: None, then })
    }

    /// At the number outside of an agent without a phone.
    pub fn dial(
        order: Order,
        length: Duration,
        then: Destination,
        party: &mut Party,
        office: &mut Office,
    ) -> Result<FirstLeg, Cause> {
        let mut line = Line::new(order, office);
        if !line.dial_next(party, office) {
            return Err(Cause::of_trunks(None));
        }
        Ok(FirstLeg { until: office.up() + length, ringing: Ringing::default(), line: Some(line), then })
    }

    pub fn told(&mut self, report: Report, party: &mut Party, office: &mut Office) -> Next {
        match self.line.as_mut().map_or(Went::On, |line| line.told(&report, party, office)) {
            Went::On => {}
            Went::Again => return Next::Stay,
            Went::Refused(code) => return Next::End(Cause::of_refusal(code)),
            Went::NoTrunk => return Next::End(Cause::of_trunks(self.line.as_ref().and_then(|line| line.last))),
        }
        match self.ringing.told(report, party, office) {
            Rung::Goes => Next::Stay,
            Rung::Answered => {
                self.line.iter().for_each(|line| line.note_answer(office));
                party.called().expect("whoever answered").role = Role::Caller;
                Next::Go(self.then.clone())
            }
            Rung::Nobody(code) => Next::End(Cause::of_refusal(code)),
            Rung::Over(cause) => Next::End(cause),
        }
    }

    pub fn time(&mut self, party: &mut Party, office: &mut Office) -> Next {
        self.ringing.stop(party, office);
        Next::End(Cause::timeout())
    }
}
