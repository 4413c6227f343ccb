//! Plays back to a phone what it sends (FEA-20).

use super::{Next, talk};
use crate::{
    audio::order::{Sound, Source},
    call::{cause::Cause, leg::Role, office::Office, party::Party},
    history::call_record::HangupBy,
    sip::order::Report,
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// So that a phone left off the hook does not hold a slot for ever.
const LIMIT: Duration = Duration::from_secs(600);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EchoTest {
    pub until: Uptime,
    sounds: Vec<Sound>,
    /// What the test is has been said.
    said: bool,
}

impl EchoTest {
    pub fn enter(sounds: Vec<Sound>, party: &mut Party, office: &mut Office) -> Result<EchoTest, Cause> {
        party.answer_caller(office)?;
        Ok(EchoTest { until: office.up() + LIMIT, sounds, said: false })
    }

    pub fn told(&mut self, report: &Report, party: &Party) -> Next {
        match report {
            Report::Ended { leg, end } if party.role(*leg) == Some(Role::Caller) => {
                Next::End(talk::how(end, HangupBy::Caller))
            }
            _ => Next::Stay,
        }
    }

    pub fn played(&mut self) -> Next {
        self.said = true;
        Next::Stay
    }

    pub fn time(&mut self) -> Next {
        Next::End(Cause::normal(HangupBy::System))
    }

    pub fn sound(&self, party: &mut Party, office: &mut Office) {
        let said = if self.said { Source::Echo } else { Source::Play(self.sounds.clone()) };
        party.caller_hears(said, office);
    }
}
