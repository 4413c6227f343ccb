//! The agent's phone rings first; once it is answered the call goes on to what it is for (GRP-28, GRP-29, DSK-351).

use super::{
    Next,
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
        Ok(FirstLeg { until: office.up() + length, ringing, then })
    }

    pub fn told(&mut self, report: Report, party: &mut Party, office: &mut Office) -> Next {
        match self.ringing.told(report, party, office) {
            Rung::Goes => Next::Stay,
            Rung::Answered => {
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
