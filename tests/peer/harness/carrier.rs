//! A trunk of the office, with a phone at its other end that stands for everybody outside.

use super::{Baresip, Callbox, Lan, Phone, web::Web};
use serde_json::{Value, json};

/// Whoever is outside.
pub const OUTSIDE: &str = "13800000001";

pub fn owner<'a>(office: &Callbox<'a>) -> Web<'a> {
    let mut web = office.web();
    let owner = office.said.owner.as_ref().expect("the example office has an owner");
    let form = json!({ "username": owner.username, "password": owner.password });
    assert_eq!(web.sign_in("/panel/session", &form), 200);
    web
}

/// Adds a row and gives its id.
#[track_caller]
pub fn add(web: &Web, list: &str, row: Value) -> String {
    let (status, body) = web.send("POST", &format!("/panel/{list}"), Some(&row));
    assert_eq!(status, 201, "{list}: {body}");
    body["id"].as_str().expect("a row has an id").to_owned()
}

/// A trunk to this phone, by which every number goes out, and a DID on it that rings an agent.
pub fn with_a_trunk(office: &Callbox, carrier: &str) {
    let web = owner(office);
    let trunk = json!({ "name": "Carrier", "kind": "peer", "host": carrier, "port": 5060, "keep_alive_seconds": 0 });
    let trunk = add(&web, "given_trunks", trunk);
    let profile = json!({ "name": "All", "system_default": true, "rules": [{ "trunks": [trunk] }] });
    add(&web, "given_outbound_profiles", profile);
    let agents = office.rows("agents");
    let agent = agents.iter().find(|row| row["agent_number"] == "801").expect("the example office has 801");
    with_a_did(&web, json!({ "type": "agent", "target": agent["id"] }));
}

/// The number 95001, which leads there.
#[track_caller]
pub fn with_a_did(web: &Web, destination: Value) {
    let did = add(web, "given_dids", json!({ "number": "95001" }));
    let (status, body) = web.send("PATCH", &format!("/panel/dids/{did}"), Some(&json!({ "destination": destination })));
    assert_eq!(status, 200, "{body}");
}

/// Somebody outside, on a trunk of the office.
pub fn outside(lan: &Lan, office: &Callbox) -> Baresip {
    let place = lan.place();
    with_a_trunk(office, &place.address.clone());
    Baresip::outside(place, OUTSIDE, &office.said.sip, Phone { codec: "PCMA", ..Phone::speaking(1000.0) })
}
