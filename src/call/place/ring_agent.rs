//! Rings every device of an agent together; the first answer wins (AGT-19).

use super::{
    Next,
    ringing::{Ringing, Rung},
};
use crate::{
    call::{cause::Cause, office::Office, party::Party},
    sip::order::Report,
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RingAgent {
    pub until: Uptime,
    pub ringing: Ringing,
}

impl RingAgent {
    /// An error says why nothing rings at all.
    pub fn enter(agent: &str, length: Duration, party: &mut Party, office: &mut Office) -> Result<RingAgent, Cause> {
        let mut ringing = Ringing::default();
        ringing.agent(agent, party, office)?;
        Ok(RingAgent { until: office.up() + length, ringing })
    }

    pub fn told(&mut self, report: Report, party: &mut Party, office: &mut Office) -> Next {
        match self.ringing.told(report, party, office) {
            Rung::Goes => Next::Stay,
            Rung::Answered => Next::Talk,
            Rung::Nobody(code) => {
                party.tell_transferor(code, office);
                Next::End(Cause::of_refusal(code))
            }
            Rung::Over(cause) => Next::End(cause),
        }
    }

    pub fn time(&mut self, party: &mut Party, office: &mut Office) -> Next {
        self.ringing.stop(party, office);
        party.tell_transferor(480, office);
        Next::End(Cause::timeout())
    }
}
