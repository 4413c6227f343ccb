//! A key pressed during a call and sent by INFO, which no packet of sound carries.

use crate::{
    call::{office::Office, party::Party},
    sdp::LegId,
};

pub fn press(echo: bool, party: &mut Party, leg: LegId, digit: char, ms: u16, office: &mut Office) {
    let hearer = if echo { party.leg(leg) } else { party.other(leg) };
    if let Some(hearer) = hearer {
        hearer.digit(digit, ms, office);
    }
}
