//! Tells a caller something in words and then ends the call.

use super::{Next, talk};
use crate::{
    audio::order::{Sound, Source},
    call::{cause::Cause, destination::Treatment, leg::Role, office::Office, party::Party},
    history::call_record::HangupBy,
    sdp::LegId,
    sip::order::Report,
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Longer than any phrase, should nothing be reported of it.
const LIMIT: Duration = Duration::from_secs(15);
/// How long a blacklisted caller hears a ring tone or music.
const A_MINUTE: Duration = Duration::from_secs(60);
/// Longer than any file, should nothing be reported of it.
const A_FILE: Duration = Duration::from_secs(4 * 3_600);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Announce {
    pub until: Uptime,
    hears: Source,
    then: Cause,
}

impl Announce {
    /// Before the answer, so that the call costs nothing and ends with its code. A phone that has not said yet what
    /// it takes hears nothing and gets the code at once.
    pub fn refuse(sounds: Vec<Sound>, then: Cause, party: &mut Party, office: &mut Office) -> Result<Announce, Cause> {
        let caller = party.caller().expect("a call that is routed has a caller");
        if !caller.is_up() && !caller.early(None, office) {
            return Err(then);
        }
        Ok(Announce { until: office.up() + LIMIT, hears: Source::Play(sounds), then })
    }

    /// In an answered call: what was asked for is done.
    pub fn confirm(sounds: Vec<Sound>, party: &mut Party, office: &mut Office) -> Result<Announce, Cause> {
        party.answer_caller(office)?;
        let then = Cause::normal(HangupBy::System);
        Ok(Announce { until: office.up() + LIMIT, hears: Source::Play(sounds), then })
    }

    /// A blacklisted caller (BLK-3 reading): what it hears, for how long, and whether it is answered for that.
    pub fn treat(
        treatment: &Treatment,
        then: Cause,
        party: &mut Party,
        office: &mut Office,
    ) -> Result<Announce, Cause> {
        let (hears, length) = match treatment {
            Treatment::RingTone => (Source::Silence, A_MINUTE),
            Treatment::Voice(media) => (Source::Play(vec![Sound::Media(media.0)]), A_FILE),
            Treatment::Music(media) => (Source::MusicOf(media.0), A_MINUTE),
        };
        match treatment {
            Treatment::RingTone => party.caller().into_iter().for_each(|caller| caller.progress(office)),
            Treatment::Voice(_) | Treatment::Music(_) => party.answer_caller(office)?,
        }
        Ok(Announce { until: office.up() + length, hears, then })
    }

    /// What was asked for is done, and this says so.
    pub fn confirms(&self) -> bool {
        self.then.code == 200
    }

    pub fn told(&mut self, report: &Report, party: &Party) -> Next {
        match report {
            Report::Ended { leg, end } if party.role(*leg) == Some(Role::Caller) => {
                let left = talk::how(end, HangupBy::Caller);
                Next::End(if self.then.code == 200 { left } else { Cause { by: left.by, ..self.then.clone() } })
            }
            _ => Next::Stay,
        }
    }

    pub fn played(&mut self, leg: LegId, party: &Party) -> Next {
        if party.role(leg) == Some(Role::Caller) { Next::End(self.then.clone()) } else { Next::Stay }
    }

    pub fn time(&mut self) -> Next {
        Next::End(self.then.clone())
    }

    pub fn sound(&self, party: &mut Party, office: &mut Office) {
        party.caller_hears(self.hears.clone(), office);
    }
}
