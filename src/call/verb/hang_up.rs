//! Ending a call from outside: at the panel, or because the process stops.

use crate::call::{cause::Cause, office::Office, one::Call};

pub fn hang_up(call: &mut Call, office: &mut Office) {
    call.end(&Cause::hung_up(), office);
}
