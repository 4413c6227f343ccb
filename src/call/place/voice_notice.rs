//! Somebody outside is called and hears a message; then the call ends.

use super::{
    Next,
    line::{Line, Order, Went},
    ringing::{Ringing, Rung},
    talk,
};
use crate::{
    audio::order::{Sound, Source},
    call::{cause::Cause, leg::Role, office::Office, party::Party},
    history::call_record::HangupBy,
    sdp::LegId,
    sip::order::Report,
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Longer than any phrase, should nothing be reported of it.
const LIMIT: Duration = Duration::from_secs(30);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VoiceNotice {
    pub until: Uptime,
    pub ringing: Ringing,
    pub line: Line,
    says: Vec<Sound>,
    pub answered: bool,
}

impl VoiceNotice {
    /// None: the box has no slot for it.
    pub fn enter(
        order: Order,
        says: Vec<Sound>,
        length: Duration,
        party: &mut Party,
        office: &mut Office,
    ) -> Option<VoiceNotice> {
        let mut line = Line::new(order, office);
        let until = office.up() + length;
        let dialed = line.dial_next(party, office);
        dialed.then(|| VoiceNotice { until, ringing: Ringing::default(), line, says, answered: false })
    }

    pub fn told(&mut self, report: Report, party: &mut Party, office: &mut Office) -> Next {
        if let Report::Ended { leg, end } = &report
            && party.role(*leg) == Some(Role::Called)
        {
            return Next::End(talk::how(end, HangupBy::Called));
        }
        match self.line.told(&report, party, office) {
            Went::On => {}
            Went::Again => return Next::Stay,
            Went::Refused(code) => return Next::End(Cause::of_outside(code)),
            Went::NoTrunk => return Next::End(Cause::of_trunks(self.line.last)),
        }
        match self.ringing.told(report, party, office) {
            Rung::Goes => Next::Stay,
            Rung::Answered => {
                (self.answered, self.until) = (true, office.up() + LIMIT);
                Next::Stay
            }
            Rung::Nobody(code) => Next::End(Cause::of_outside(code)),
            Rung::Over(cause) => Next::End(cause),
        }
    }

    pub fn played(&mut self, leg: LegId, party: &Party) -> Next {
        if party.role(leg) == Some(Role::Called) { Next::End(Cause::normal(HangupBy::System)) } else { Next::Stay }
    }

    pub fn time(&mut self, party: &mut Party, office: &mut Office) -> Next {
        if self.answered {
            return Next::End(Cause::normal(HangupBy::System));
        }
        self.ringing.stop(party, office);
        Next::End(Cause::timeout())
    }

    pub fn sound(&self, party: &mut Party, office: &mut Office) {
        if let Some(called) = party.called() {
            called.hear(Source::Play(self.says.clone()), office);
        }
    }
}
