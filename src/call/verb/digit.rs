//! A key pressed during a call that a message of signalling carries, on one side or on the other.

use crate::{
    call::{office::Office, party::Party},
    sdp::LegId,
};

/// A key heard in the sound of a leg, which a carrier on the other side takes as a message alone (TRK-78).
pub fn pass_on(party: &mut Party, leg: LegId, digit: char, ms: u16, office: &mut Office) {
    if let Some(hearer) = party.other(leg).filter(|hearer| hearer.takes_messages()) {
        hearer.digit(digit, ms, office);
    }
}

pub fn press(echo: bool, party: &mut Party, leg: LegId, digit: char, ms: u16, office: &mut Office) {
    let hearer = if echo { party.leg(leg) } else { party.other(leg) };
    if let Some(hearer) = hearer {
        hearer.digit(digit, ms, office);
    }
}
