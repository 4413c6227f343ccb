//! A call left in a slot, to be fetched from any phone (FEA-3 to FEA-6).

use super::{
    Next,
    playlist::left,
    ringing::{Ringing, Rung},
    talk,
};
use crate::{
    call::{leg::Role, office::Office, party::Party},
    history::call_record::HangupBy,
    sip::order::Report,
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// So long a call stays in its slot before whoever parked it is rung (FEA reading).
const PARKED: Duration = Duration::from_secs(120);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Park {
    pub slot: u32,
    pub until: Uptime,
    /// Whoever parked it.
    by: String,
    /// Set while that one is rung.
    ringing: Option<Ringing>,
    length: Duration,
}

impl Park {
    /// `length` is how long whoever parked it is rung.
    pub fn enter(slot: u32, by: &str, length: Duration, office: &Office) -> Park {
        Park { slot, until: office.up() + PARKED, by: by.to_owned(), ringing: None, length }
    }

    pub fn told(&mut self, report: Report, party: &mut Party, office: &mut Office) -> Next {
        if let Report::Ended { leg, end } = &report
            && party.role(*leg) == Some(Role::Caller)
        {
            let answered = party.has(Role::Caller).is_some_and(|caller| caller.phase >= crate::call::leg::Phase::Up);
            return Next::End(if answered { talk::how(end, HangupBy::Caller) } else { left(end) });
        }
        let Some(ringing) = &mut self.ringing else { return Next::Stay };
        match ringing.told(report, party, office) {
            Rung::Goes => {}
            Rung::Answered => return Next::Talk,
            Rung::Nobody(_) => self.wait(office),
            Rung::Over(cause) => return Next::End(cause),
        }
        Next::Stay
    }

    /// By turns it waits and rings whoever parked it.
    pub fn time(&mut self, party: &mut Party, office: &mut Office) -> Next {
        if let Some(mut ringing) = self.ringing.take() {
            ringing.stop(party, office);
            self.wait(office);
            return Next::Stay;
        }
        let mut ringing = Ringing::default();
        match ringing.agent(&self.by, party, office) {
            Ok(()) => {
                self.until = office.up() + self.length;
                self.ringing = Some(ringing);
            }
            Err(_) => self.wait(office),
        }
        Next::Stay
    }

    pub fn sound(&self, party: &mut Party, office: &mut Office) {
        let music = office.music();
        party.caller_hears(music, office);
    }

    fn wait(&mut self, office: &Office) {
        self.ringing = None;
        self.until = office.up() + PARKED;
    }
}
