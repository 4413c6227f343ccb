//! A leader's phone that hears whatever call an agent has, one after the other, until it hangs up (FEA-25, FEA-26).

use super::{Next, talk};
use crate::{
    audio::order::Source,
    call::{
        leg::{HeardBy, Role},
        office::Office,
        party::Party,
    },
    history::call_record::HangupBy,
    sdp::LegId,
    sip::order::Report,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Watch {
    pub agent: String,
    pub how: HeardBy,
    /// The two who talk; nobody while the agent has no call.
    pub hears: Vec<LegId>,
}

impl Watch {
    pub fn told(&mut self, report: &Report, party: &Party) -> Next {
        match report {
            Report::Ended { leg, end } if party.role(*leg) == Some(Role::Caller) => {
                Next::End(talk::how(end, HangupBy::Caller))
            }
            _ => Next::Stay,
        }
    }

    pub fn sound(&self, party: &mut Party, office: &mut Office) {
        party.caller_hears(Source::of(self.hears.clone()), office);
    }
}
