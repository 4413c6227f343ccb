//! A call as the panel shows it now.

use super::{leg::Leg, leg::Role, one::Call};
use crate::{
    history::call_record::CallType,
    sdp::Codec,
    view::{CallRow, SideRow, Trouble},
};
pub fn row(call: &Call) -> CallRow {
    let record = &call.record;
    let sides: Vec<&Leg> = [Role::Caller, Role::Called].iter().filter_map(|role| call.party.has(*role)).collect();
    CallRow {
        call_id: record.call_id.clone(),
        caller_number: record.actual_caller_number.clone(),
        caller_name: record.actual_caller_name.clone(),
        called_number: record.original_called_number.clone(),
        called_name: call.called_name.clone(),
        state: call.place.state(&call.party),
        started_at: record.started_at,
        answered_at: record.answered_at,
        since: call.since,
        encrypted: !sides.is_empty() && sides.iter().all(|leg| leg.is_encrypted()),
        recording: call.recording_now(),
        sides: sides.into_iter().map(side).collect(),
        from_outside: record.call_type == CallType::Inbound,
    }
}

fn side(leg: &Leg) -> SideRow {
    let seen = leg.figures.seen();
    let told = leg.agreed.as_ref().map(|agreed| agreed.remote).filter(|remote| !remote.ip().is_unspecified());
    SideRow {
        // At a number outside an agent is still the agent (AGT-1).
        number: leg.staff().unwrap_or(&leg.number).to_owned(),
        outside: leg.staff().is_none(),
        codec: seen.codec.map_or("", Codec::name).to_owned(),
        encrypted: leg.is_encrypted(),
        remote: seen.remote.or(told).map(|remote| remote.to_string()).unwrap_or_default(),
        lost: seen.lost,
        jitter_ms: seen.jitter_ms,
        round_trip_ms: seen.round_trip_ms,
        mos: seen.mos,
        level_dbfs: seen.level_dbfs,
        trouble: trouble(leg),
    }
}

/// BOX-123: the likeliest cause first.
fn trouble(leg: &Leg) -> Option<Trouble> {
    let figures = &leg.figures;
    if !leg.is_up() || leg.holds() {
        None
    } else if figures.missing && figures.unproven > 0 {
        Some(Trouble::SrtpFailed)
    } else if figures.missing && figures.strangers > 0 {
        Some(Trouble::OtherAddress)
    } else if figures.missing {
        Some(Trouble::NoPackets)
    } else if figures.silent {
        Some(Trouble::Silence)
    } else {
        None
    }
}
