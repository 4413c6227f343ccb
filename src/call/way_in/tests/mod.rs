//! Tables of calls that come in, and where they go.

use super::*;
use crate::{model::agent, schema::Model};
use serde_json::{Value, json};

fn row<M: serde::de::DeserializeOwned>(value: Value) -> M {
    serde_json::from_value(value).unwrap()
}

fn with_dids(dids: &[Value]) -> Tenant {
    let mut tenant = Tenant::default();
    for did in dids {
        tenant.add(row::<Did>(did.clone()));
    }
    tenant
}

fn agent_group(id: u64) -> Value {
    json!({ "type": "agent_group", "target": id.to_string() })
}

fn came<'a>(number: &'a str, caller: &'a str) -> CameIn<'a> {
    CameIn { number, caller, ..CameIn::default() }
}

fn to_group(id: u64) -> Arrival {
    Arrival::Go(To::AgentGroup(Id(id)))
}

fn last(way: &WayIn) -> (Rule, Found) {
    way.steps.last().map(|step| (step.rule, step.found)).unwrap()
}

/// DID-20..23, DID-29, INR-3..5, and the reading on a number that is no DID.
#[test]
fn the_did_goes_before_the_routes() {
    let mut tenant = with_dids(&[
        json!({ "number": "95001", "destination": agent_group(1) }),
        json!({ "number": "95002" }),
        json!({ "number": "95003", "destination": agent_group(1), "status": "disabled" }),
        json!({ "number": "95004", "destination": { "type": "hang_up" } }),
        json!({ "number": "95005", "destination": { "type": "outside_number", "target": "01088001234" } }),
    ]);
    let nothing = way_in(&tenant, &came("95002", "13812345678"), None);
    assert_eq!(nothing.arrival, refuse(404, "404", HangupReason::CallFailed), "INR reading: no default route");
    tenant.add(row::<InboundRoute>(json!({ "name": "Rest", "default_route": true, "destination": agent_group(9) })));
    for (number, arrival, decided, why) in [
        ("95001", to_group(1), (Rule::DidDestination, Found::Decides), "DID-20, INR-3"),
        ("+95001", to_group(1), (Rule::DidDestination, Found::Decides), "DID reading: a leading + is ignored"),
        ("95002", to_group(9), (Rule::DefaultRoute, Found::Decides), "DID-23, INR-4, INR-5"),
        ("95003", refuse(403, "L403", HangupReason::CallFailed), (Rule::DidStatus, Found::Disabled), "DID-28, DID-29"),
        ("95004", Arrival::Go(To::HangUp), (Rule::DidDestination, Found::Decides), "DID-22"),
        (
            "95005",
            Arrival::Go(To::OutsideNumber(phone::Phone::literal("01088001234"))),
            (Rule::DidDestination, Found::Decides),
            "DID-21",
        ),
        ("95009", to_group(9), (Rule::DefaultRoute, Found::Decides), "DID reading: a number that is no DID"),
        ("5001", to_group(9), (Rule::DefaultRoute, Found::Decides), "DID reading: digit by digit"),
    ] {
        let way = way_in(&tenant, &came(number, "13812345678"), None);
        assert_eq!(way.arrival, arrival, "{why}");
        assert_eq!(last(&way), decided, "{why}");
        let all = Rule::Blacklist;
        assert_eq!(way.steps[0].rule, all, "{why}");
    }
    tenant.add(row::<InboundRoute>(json!({ "name": "All", "match_value": "", "destination": agent_group(8) })));
    assert_eq!(way_in(&tenant, &came("95001", "1"), None).arrival, to_group(1), "INR-3");
    assert_eq!(way_in(&tenant, &came("95002", "1"), None).arrival, to_group(8), "INR-5: only what matches no route");
}

/// INR-7..17 with their reading: each way of matching, taken alone.
#[test]
fn a_route_takes_what_it_matches() {
    for (why, on, kind, value, takes, leaves) in [
        ("INR-10", "caller", "prefix", "138", ("95002", "13812345678"), ("95002", "01381234567")),
        ("INR-10 a + of the carrier", "caller", "prefix", "86138", ("95002", "+8613812345678"), ("95002", "8601")),
        ("INR-10 a + that is wanted", "caller", "prefix", "+1", ("95002", "+12125550100"), ("95002", "13812345678")),
        ("INR-11", "caller", "region", "beijing", ("95002", "R:Beijing, China"), ("95002", "R:Shanghai")),
        ("INR-12", "caller", "regex", "5678", ("95002", "13812345678"), ("95002", "13812340000")),
        ("INR-12 anchored", "caller", "regex", "^1[3-9]", ("95002", "13812345678"), ("95002", "02112345678")),
        ("INR-13", "did", "prefix", "9500", ("95002", "1"), ("94002", "95002")),
        ("INR-14", "did", "region", "Osaka", ("95003", "1"), ("95002", "R:Osaka")),
        ("INR-15", "did", "regex", "2$", ("95002", "1"), ("95003", "2")),
        ("INR-16", "did", "group", "sales", ("95002", "1"), ("95003", "1")),
        ("INR-16 equals, whole", "did", "group", "sale", ("none", "none"), ("95002", "1")),
        ("INR-17", "did", "group", "", ("95003", "1"), ("none", "none")),
        ("INR-17", "caller", "region", "", ("95003", "1"), ("none", "none")),
    ] {
        let mut tenant = with_dids(&[
            json!({ "number": "95002", "group": "sales" }),
            json!({ "number": "95003", "region": "Osaka" }),
        ]);
        tenant.add(row::<InboundRoute>(json!({
            "name": "It", "match_on": on, "match_type": kind, "match_value": value, "destination": agent_group(1)
        })));
        for ((number, caller), arrival) in
            [(takes, to_group(1)), (leaves, refuse(404, "404", HangupReason::CallFailed))]
        {
            if number == "none" {
                continue;
            }
            let region = caller.strip_prefix("R:").unwrap_or_default();
            let call = CameIn { number, caller, caller_region: region, ..CameIn::default() };
            let way = way_in(&tenant, &call, None);
            assert_eq!(way.arrival, arrival, "{why}: {number} {caller}");
            let asked = way.steps.iter().find(|step| step.rule == Rule::InboundRoute).unwrap();
            assert_eq!(asked.found == Found::Decides, arrival == to_group(1), "{why}");
            assert_eq!(asked.wanted, value, "{why}");
            assert_eq!(asked.row.as_ref().unwrap().name, "It", "{why}");
        }
    }
}

/// The INR reading: the first from the top, and of two with one position the older.
#[test]
fn the_first_match_from_the_top_is_used() {
    let mut tenant = Tenant::default();
    for (name, position, value, group) in
        [("c", 30, "", 3), ("b", 20, "138", 2), ("b2", 20, "13", 4), ("a", 10, "139", 1)]
    {
        tenant.add(row::<InboundRoute>(json!({
            "name": name, "position": position, "match_value": value, "destination": agent_group(group)
        })));
    }
    for (caller, group, asked) in [("13912345678", 1, 1), ("13812345678", 2, 2), ("13712345678", 4, 3), ("021", 3, 4)] {
        let way = way_in(&tenant, &came("95002", caller), None);
        assert_eq!(way.arrival, to_group(group), "{caller}");
        assert_eq!(way.steps.iter().filter(|step| step.rule == Rule::InboundRoute).count(), asked, "{caller}");
    }
}

/// DID-24..27, INR-18..20: a prefix added later stands in front, and a route can take the DID's away.
#[test]
fn prefixes_stand_one_before_the_other() {
    for (why, remove, route, number_prefix, name_prefix) in [
        ("INR-20", false, "77", "7788", "Shop "),
        ("DID-24 alone", false, "", "88", "Shop "),
        ("INR-18", true, "", "", ""),
        ("INR-18, INR-19", true, "77", "77", ""),
    ] {
        let prefixes = json!({ "number": "95002", "caller_number_prefix": "88", "caller_name_prefix": "Shop " });
        let mut tenant = with_dids(&[prefixes]);
        tenant.add(row::<InboundRoute>(json!({
            "name": "It", "remove_caller_prefix": remove, "caller_number_prefix": route, "destination": agent_group(1)
        })));
        let way = way_in(&tenant, &came("95002", "13812345678"), None);
        let shown = (way.number_prefix.as_str(), way.name_prefix.as_str());
        assert_eq!(shown, (number_prefix, name_prefix.trim_end()), "{why}");
    }
    let direct = json!({ "number": "95002", "caller_number_prefix": "88", "destination": agent_group(1) });
    assert_eq!(way_in(&with_dids(&[direct]), &came("95002", "1"), None).number_prefix, "88", "DID-24");
}

/// The DID reading: lists and routes look at the number without any prefix of the box.
#[test]
fn what_is_matched_has_no_prefix() {
    let mut tenant = with_dids(&[json!({ "number": "95002", "caller_number_prefix": "88" })]);
    tenant.add(row::<InboundRoute>(json!({ "name": "It", "match_value": "88", "destination": agent_group(1) })));
    assert_eq!(last(&way_in(&tenant, &came("95002", "13812345678"), None)).0, Rule::DefaultRoute);
}

/// INR-21 and its reading
#[test]
fn the_last_agent_is_rung_first_where_the_route_says_so() {
    let mut tenant = Tenant::default();
    tenant.add(agent::tests::of_number("801"));
    tenant.add(row::<InboundRoute>(json!({
        "name": "Known", "match_value": "138", "last_agent_first": true, "destination": agent_group(1)
    })));
    tenant.add(row::<InboundRoute>(json!({ "name": "Rest", "match_value": "13", "destination": agent_group(2) })));
    for (caller, last_agent, first, group) in [
        ("13812345678", Some("801"), Some("801"), 1),
        ("13812345678", None, None, 1),
        ("13812345678", Some("899"), None, 1),
        ("13912345678", Some("801"), None, 2),
    ] {
        let way = way_in(&tenant, &came("95002", caller), last_agent);
        assert_eq!((way.last_agent_first.as_deref(), way.arrival), (first, to_group(group)), "{caller} {last_agent:?}");
    }
}

/// BLK-2..4, BLK-14, BLK-18, PRF-57 and the reading: whole numbers, approved entries, each treatment.
#[test]
fn a_blacklisted_number_reaches_no_did() {
    let office = |destination: Value| {
        let mut tenant = with_dids(&[json!({ "number": "95001", "destination": agent_group(1) })]);
        let mut preferences = json!(Preferences::default());
        preferences["blacklist_destination"] = destination;
        tenant.add(row::<Preferences>(preferences));
        for (number, status) in [("13812345678", "enabled"), ("13900000000", "pending"), ("13700000000", "disabled")] {
            tenant.add(row::<Blacklist>(json!({ "number": number, "status": status })));
        }
        tenant
    };
    let hang_up = refuse(403, "L403", HangupReason::Blacklist);
    for (destination, arrival) in [
        (Value::Null, hang_up.clone()),
        (json!({ "type": "hang_up" }), hang_up),
        (json!({ "type": "ring_tone" }), Arrival::RingTone),
        (json!({ "type": "voice", "target": "5" }), Arrival::Voice(Id(5))),
        (json!({ "type": "hold_music", "target": "6" }), Arrival::HoldMusic(Id(6))),
        (agent_group(7), to_group(7)),
    ] {
        let tenant = office(destination.clone());
        for caller in ["13812345678", "+13812345678"] {
            let way = way_in(&tenant, &came("95001", caller), None);
            assert_eq!((way.arrival, way.blacklisted), (arrival.clone(), true), "BLK-3: {destination} {caller}");
            assert_eq!(way.steps.len(), 1, "BLK-2: neither DIDs nor routes are asked");
        }
    }
    let tenant = office(Value::Null);
    for (caller, why, found) in [
        ("13900000000", "BLK-18", Found::NotInForce),
        ("13700000000", "BLK-14", Found::NotInForce),
        ("1381234567", "the number is compared whole", Found::NotListed),
        ("", "no number", Found::NotListed),
    ] {
        let way = way_in(&tenant, &came("95001", caller), None);
        assert_eq!((way.arrival, way.blacklisted, way.steps[0].found), (to_group(1), false, found), "{why}");
    }
}

/// TRK-63 and its reading: a withheld number is on no list, and a route can still take it.
#[test]
fn a_withheld_call_can_be_routed() {
    let mut tenant = with_dids(&[]);
    for (name, value, group) in [("With", "1", 1), ("Without", "^$", 2)] {
        tenant.add(row::<InboundRoute>(json!({
            "name": name, "match_type": "regex", "match_value": value, "destination": agent_group(group)
        })));
    }
    let call = CameIn { number: "95002", withheld: true, ..CameIn::default() };
    let way = way_in(&tenant, &call, None);
    assert_eq!(way.arrival, to_group(2));
    let found: Vec<Found> = way.steps.iter().map(|step| step.found).collect();
    assert_eq!(found, [Found::Withheld, Found::NoSuchNumber, Found::Withheld, Found::Decides]);
}

/// DID-16, DID-17, PRF-34
#[test]
fn the_package_is_that_of_the_did_or_the_usual_one() {
    let mut tenant = Tenant::default();
    let usual = tenant.add(Package::first().remove(0));
    let other = tenant.add(row::<Package>(json!({ "display_name": "Other", "code": "other" })));
    tenant.add(row::<Did>(json!({ "number": "95001", "package": other.to_string(), "destination": agent_group(1) })));
    tenant.add(row::<Did>(json!({ "number": "95002", "destination": agent_group(1) })));
    for (number, package) in [("95001", other), ("95002", usual), ("95009", usual)] {
        assert_eq!(way_in(&tenant, &came(number, "1"), None).package, Some(package), "{number}");
    }
}
