//! A number outside the office, called for whoever waits (OUT-25 to OUT-30, DST-8).

use super::{
    Next,
    line::{Line, Order, Went},
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
pub struct Outside {
    pub until: Uptime,
    pub ringing: Ringing,
    pub line: Line,
    /// Where the call goes if nobody takes it there; none: it ends.
    then: Option<Destination>,
}

impl Outside {
    pub fn enter(
        order: Order,
        length: Duration,
        then: Option<Destination>,
        party: &mut Party,
        office: &mut Office,
    ) -> Result<Outside, Next> {
        let line = Line::new(order, office);
        let mut place = Outside { until: office.up() + length, ringing: Ringing::default(), line, then };
        if place.line.dial_next(party, office) {
            return Ok(place);
        }
        Err(place.unanswered(Cause::of_trunks(None), 503, party, office))
    }

    pub fn told(&mut self, report: Report, party: &mut Party, office: &mut Office) -> Next {
        match self.line.told(&report, party, office) {
            Went::On => {}
            Went::Again => return Next::Stay,
            Went::Refused(code) => return self.unanswered(Cause::of_outside(code), code, party, office),
            Went::NoTrunk => {
                let last = self.line.last;
                return self.unanswered(Cause::of_trunks(last), last.unwrap_or(503), party, office);
            }
        }
        match self.ringing.told(report, party, office) {
            Rung::Goes => Next::Stay,
            Rung::Answered => Next::Talk,
            Rung::Nobody(code) => self.unanswered(Cause::of_outside(code), code, party, office),
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
