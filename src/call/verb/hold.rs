//! Hold, resume and any other change that a phone makes to its sound: answered by the box, passed on to nobody.

use crate::{
    call::{office::Office, party::Party},
    sdp::{LegId, Session},
};

/// Who hears music then, and what counts as a hold, follows from what was agreed (DSK-347).
pub fn changed(party: &mut Party, leg: LegId, offer: Option<Session>, office: &mut Office) {
    let other = party.other_codec(leg);
    if let Some(leg) = party.leg(leg) {
        leg.change(offer, other, office);
    }
}
