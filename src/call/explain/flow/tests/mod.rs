//! Pictures of offices.

use super::*;
use crate::model::InboundRoute;
use serde_json::{Value, json};

fn row<M: serde::de::DeserializeOwned>(value: Value) -> M {
    serde_json::from_value(value).unwrap()
}

fn to(word: &str, target: &str) -> Value {
    if target.is_empty() { json!({ "type": word }) } else { json!({ "type": word, "target": target }) }
}

/// As people would tell it: from, by what, where to.
fn told(flow: &Flow) -> Vec<String> {
    let name = |at: usize| {
        let node = &flow.nodes[at];
        let row = node.row.as_ref().map_or(node.number.as_str(), |row| row.name.as_str());
        format!("{} {row}", node.place).trim_end().to_string()
    };
    let by = |edge: &Edge| {
        let word = serde_json::to_value(edge.by).unwrap();
        format!("{} {}", word.as_str().unwrap(), edge.text).trim_end().to_string()
    };
    flow.edges.iter().map(|edge| format!("{} -{}-> {}", name(edge.from), by(edge), name(edge.to))).collect()
}

/// DST-1..9, IVR-27..31, IVR-35, PLY-11, CND-17, CND-18, RNG-24: every way is drawn, and each place once.
#[test]
fn every_way_is_in_the_picture() {
    let mut tenant = Tenant::default();
    let did =
        tenant.add(row::<Did>(json!({ "number": "95001", "name": "Sales", "destination": to("condition", "1") })));
    tenant.add(row::<Condition>(json!({
        "name": "Hours", "type": "weekly", "inside_destination": to("ivr", "1"), "outside_destination": to("playlist", "1")
    })));
    tenant.add(row::<Ivr>(json!({
        "name": "Menu",
        "keys": [
            { "input": "1", "destination": to("ring_group", "1") },
            { "input": "2", "destination": to("agent_group", "1") },
            { "input": "9", "destination": to("outside_number", "13812345678") }
        ],
        "timeout_destination": to("ivr", "1")
    })));
    tenant.add(row::<Playlist>(json!({ "name": "Closed", "media": ["1"] })));
    tenant.add(row::<RingGroup>(json!({
        "name": "Desk", "numbers": ["801", "13900000000"], "timeout_destination": to("playlist", "1")
    })));
    tenant.add(row::<AgentGroup>(json!({
        "name": "Team", "group_number": "600", "overflow_destination": to("ring_group", "1")
    })));
    let flow = flow(&tenant, did).unwrap();
    assert_eq!(
        told(&flow),
        [
            "did 95001 Sales -blacklist-> hang_up",
            "did 95001 Sales -always-> condition Hours",
            "condition Hours -inside-> ivr Menu",
            "condition Hours -outside-> playlist Closed",
            "ivr Menu -key 1-> ring_group Desk",
            "ivr Menu -key 2-> agent_group Team",
            "ivr Menu -key 9-> outside_number 13812345678",
            "ivr Menu -timeout-> ivr Menu",
            "ivr Menu -invalid-> hang_up",
            "playlist Closed -ended-> hang_up",
            "ring_group Desk -unanswered-> playlist Closed",
            "agent_group Team -overflow-> ring_group Desk",
            "outside_number 13812345678 -unanswered-> hang_up",
        ]
    );
    let desk = flow.nodes.iter().find(|node| node.place == "ring_group").unwrap();
    assert_eq!(desk.rings, ["801", "13900000000"]);
    assert!(!flow.cut);
    assert!(super::flow(&tenant, Id(99)).is_none());
}

/// DID-20, DID-23, DID-29, INR-5, INR-16, BLK-3: the routes that can take a call to it, until one takes them all.
#[test]
fn a_did_without_a_destination_shows_its_routes() {
    let mut tenant = Tenant::default();
    let did = tenant.add(row::<Did>(json!({ "number": "95002", "group": "sales" })));
    let off = tenant.add(row::<Did>(json!({ "number": "95003", "status": "disabled", "destination": to("ivr", "1") })));
    for (name, more) in [
        ("Mobiles", json!({ "match_value": "13" })),
        ("Support", json!({ "match_on": "did", "match_type": "group", "match_value": "support" })),
        ("Sales", json!({ "match_on": "did", "match_type": "group", "match_value": "sales" })),
        ("Never asked", json!({ "match_value": "" })),
        ("Rest", json!({ "default_route": true })),
    ] {
        let mut route = json!({ "name": name });
        route.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        tenant.add(row::<InboundRoute>(route));
    }
    let name = "did 95002";
    let ways = |ways: &[&str]| ways.iter().map(|way| format!("{name} -{way}-> hang_up")).collect::<Vec<_>>();
    assert_eq!(told(&flow(&tenant, did).unwrap()), ways(&["blacklist", "route Mobiles", "route Sales"]));
    let other = tenant.add(row::<Did>(json!({ "number": "95004" })));
    let told_of_other = told(&flow(&tenant, other).unwrap());
    assert_eq!(told_of_other[2], "did 95004 -route Never asked-> hang_up");
    assert_eq!(told(&flow(&tenant, off).unwrap())[1], "did 95003 -disabled-> hang_up", "DID-29");
    let mut music = json!(Preferences::default());
    music["blacklist_destination"] = to("hold_music", "7");
    tenant.add(row::<Preferences>(music));
    assert_eq!(told(&flow(&tenant, did).unwrap())[0], "did 95002 -blacklist-> hold_music");
}

/// What is too large is cut, and says so.
#[test]
fn a_picture_is_bounded() {
    let mut tenant = Tenant::default();
    let did = tenant.add(row::<Did>(json!({ "number": "95001", "destination": to("playlist", "1") })));
    for next in 2..=300 {
        let destination = to("playlist", &next.to_string());
        let name = format!("Part {next}");
        tenant.add(row::<Playlist>(json!({ "name": name, "media": ["1"], "destination": destination })));
    }
    let flow = flow(&tenant, did).unwrap();
    assert_eq!((flow.nodes.len(), flow.cut), (PLACES_MAX, true));
    assert!(flow.edges.iter().all(|edge| edge.from < PLACES_MAX && edge.to < PLACES_MAX));
}
