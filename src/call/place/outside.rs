//! A number outside the office, called for whoever waits (OUT-25 to OUT-30, DST-8).

use super::{
    Next,
    line::{Line, Order, Went},
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
pub struct Outside {
    pub until: Uptime,
    pub ringing: Ringing,
    pub line: Line,
}

impl Outside {
    pub fn enter(order: Order, length: Duration, party: &mut Party, office: &mut Office) -> Result<Outside, Next> {
        let mut line = Line::new(order, office);
        if !line.dial_next(party, office) {
            party.tell_transferor(503, office);
            return Err(Next::End(Cause::of_trunks(None)));
        }
        Ok(Outside { until: office.up() + length, ringing: Ringing::default(), line })
    }

    pub fn told(&mut self, report: Report, party: &mut Party, office: &mut Office) -> Next {
        match self.line.told(&report, party, office) {
            Went::On => {}
            Went::Again => return Next::Stay,
            Went::Refused(code) => {
                party.tell_transferor(code, office);
                return Next::End(Cause::of_outside(code));
            }
            Went::NoTrunk => {
                party.tell_transferor(self.line.last.unwrap_or(503), office);
                return Next::End(Cause::of_trunks(self.line.last));
            }
        }
        match self.ringing.told(report, party, office) {
            Rung::Goes => Next::Stay,
            Rung::Answered => Next::Talk,
            Rung::Nobody(code) => {
                party.tell_transferor(code, office);
                Next::End(Cause::of_outside(code))
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
