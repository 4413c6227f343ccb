//! Voice files one after another, then on to somewhere (PLY rows).

use super::{Next, talk};
use crate::{
    audio::order::{Sound, Source},
    call::{cause::Cause, destination::Destination, leg::Role, office::Office, party::Party},
    history::call_record::HangupBy,
    model::playlist::Playlist as List,
    sdp::LegId,
    sip::order::Report,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Playlist {
    sounds: Vec<Sound>,
    skips: bool,
    then: Destination,
}

impl Playlist {
    pub fn enter(list: &List, then: Destination, party: &mut Party, office: &mut Office) -> Result<Playlist, Next> {
        party.answer_caller(office)?;
        let sounds = list.media.iter().map(|media| Sound::Media(media.id.0)).collect();
        Ok(Playlist { sounds, skips: list.skip_on_key.0, then })
    }

    pub fn told(&mut self, report: &Report, party: &Party) -> Next {
        match report {
            Report::Ended { leg, end } if party.role(*leg) == Some(Role::Caller) => Next::End(left(end)),
            _ => Next::Stay,
        }
    }

    pub fn played(&mut self, leg: LegId, party: &Party) -> Next {
        if party.role(leg) == Some(Role::Caller) { self.then.clone().next() } else { Next::Stay }
    }

    /// The key is not passed on (PLY-11 reading).
    pub fn key(&mut self) -> Next {
        if self.skips { self.then.clone().next() } else { Next::Stay }
    }

    pub fn sound(&self, party: &mut Party, office: &mut Office) {
        party.caller_hears(Source::Play(self.sounds.clone()), office);
    }
}

/// A caller who leaves where nobody was spoken to (CDR-76 and CDR-83 reading).
pub fn left(end: &crate::sip::order::End) -> Cause {
    let gone = talk::how(end, HangupBy::Caller);
    Cause { by: gone.by, ..Cause::cancelled() }
}
