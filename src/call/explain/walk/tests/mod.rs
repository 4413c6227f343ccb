//! Calls that would come in, and where they would go.

use super::*;
use crate::{
    call::{
        spent::Spent,
        way_out::{Why, way_out},
    },
    model::{InboundRoute, OutboundProfile, Preferences, Trunk},
    sip::order::{TrunkId, TrunkState},
};
use serde_json::{Value, json};

fn row<M: serde::de::DeserializeOwned>(value: Value) -> M {
    serde_json::from_value(value).unwrap()
}

fn to(word: &str, target: &str) -> Value {
    json!({ "type": word, "target": target })
}

fn at(moment: &str) -> Timestamp {
    moment.parse().unwrap()
}

fn office() -> Tenant {
    let mut tenant = Tenant::default();
    tenant.add(row::<Did>(json!({
        "number": "95001", "caller_number_prefix": "88", "destination": to("condition", "1")
    })));
    tenant.add(row::<Did>(json!({ "number": "95002", "destination": to("playlist", "2") })));
    tenant.add(row::<Did>(json!({ "number": "95003", "destination": to("outside_number", "13812345678") })));
    tenant.add(row::<Did>(json!({ "number": "95004", "status": "disabled" })));
    tenant.add(row::<Condition>(json!({
        "name": "Hours", "type": "weekly", "periods": ["mon 09:00-18:00"],
        "inside_destination": to("agent_group", "1"), "outside_destination": to("playlist", "1")
    })));
    tenant.add(row::<Playlist>(json!({ "name": "Closed", "media": ["1"] })));
    tenant.add(row::<Playlist>(json!({ "name": "Round", "media": ["1"], "destination": to("playlist", "2") })));
    tenant
}

fn asked(tenant: &Tenant, number: &str, moment: &str) -> Goes {
    let call = WouldGo { number: number.into(), caller: "13900000000".into(), ..WouldGo::default() };
    goes(tenant, &Ways::default(), &call, at(moment))
}

/// DST-4, DST-5, DST-9, CND-5, CND-6, and the DST reading on loops
#[test]
fn a_call_is_followed_until_somebody_is_rung_or_it_ends() {
    let tenant = office();
    let places = |goes: &Goes| goes.stops.iter().map(|stop| stop.place.clone()).collect::<Vec<_>>();
    let open = asked(&tenant, "95001", "2026-11-23T02:00:00Z");
    assert_eq!(places(&open), ["condition", "agent_group"], "CND-5");
    assert_eq!((open.shown.as_str(), open.did.unwrap().name.as_str()), ("8813900000000", "95001"), "DID-26");
    let closed = asked(&tenant, "95001", "2026-11-24T02:00:00Z");
    assert_eq!(places(&closed), ["condition", "playlist", "hang_up"], "CND-6");
    let last = closed.steps.iter().rev().take(2).map(|step| (step.rule, step.found)).collect::<Vec<_>>();
    assert_eq!(last, [(Rule::Playlist, Found::Passes), (Rule::Condition, Found::Outside)]);
    let round = asked(&tenant, "95002", "2026-11-23T02:00:00Z");
    assert_eq!((round.stops.len(), places(&round).last().unwrap().as_str()), (31, "hang_up"), "DST reading");
    let off = asked(&tenant, "95004", "2026-11-23T02:00:00Z");
    assert_eq!((off.stops.len(), off.refused.unwrap().record_code.as_str()), (0, "L403"), "DID-29");
    let nobody = asked(&tenant, "95009", "2026-11-23T02:00:00Z");
    assert_eq!(nobody.refused.unwrap().record_code, "404", "INR reading");
}

/// DST-8, OUT-32, OUT-33: an outside number at the end is tried as a real call would.
#[test]
fn a_call_sent_on_outside_is_tried() {
    let mut tenant = office();
    let none = asked(&tenant, "95003", "2026-11-23T02:00:00Z").outside.unwrap();
    assert_eq!(none.refused.unwrap().why, Why::NoProfile);
    tenant.add(row::<Trunk>(json!({
        "name": "Line", "kind": "peer", "host": "192.0.2.1", "number_format": "e164_plus", "default_caller_id": "4001"
    })));
    let rules = json!([{ "add_prefix": "9", "length_max": 3, "trunks": ["1"] }, { "trunks": ["1"] }]);
    tenant.add(row::<OutboundProfile>(json!({ "name": "All", "system_default": true, "rules": rules })));
    tenant.add(row::<InboundRoute>(json!({ "name": "Never", "destination": to("agent", "1") })));
    tenant.add(Preferences::default());
    let tried = asked(&tenant, "95003", "2026-11-23T02:00:00Z").outside.unwrap();
    let up = |_: TrunkId| crate::call::way_out::TrunkNow { state: TrunkState::Up, calls: 0 };
    let asked = Asked { number: "13812345678", how: How::Destination, ..Asked::default() };
    let real = way_out(&tenant, &asked, &Spent::default(), &up, at("2026-11-23T02:00:00Z")).unwrap();
    assert_eq!((tried.sent.as_deref(), tried.class), (Some(&*real.sent), real.class), "OUT-33");
    assert_eq!(tried.steps, real.steps, "OUT-33");
    assert_eq!((tried.rule, tried.profile.unwrap().name.as_str()), (Some(2), "All"), "OUT-32");
    let line = &tried.trunks[0];
    assert_eq!((line.trunk.name.as_str(), &*line.number, &*line.caller_id), ("Line", "+8613812345678", "4001"));
    assert!(tried.limits.iter().all(|used| used.used < used.allowed) && !tried.limits.is_empty(), "OUT-32");
}
