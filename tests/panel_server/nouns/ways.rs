//! What would happen to a call, asked at the panel (OUT-32, OUT-33), and the picture of a DID.

use super::{Panel, refusal};
use serde_json::{Value, json};

/// A trunk, a profile with two rules, an agent 801 and a DID on a condition.
async fn office() -> (Panel, String) {
    let panel = Panel::new().await;
    let trunk =
        json!({ "name": "Carrier", "kind": "peer", "host": "sip.example.com", "default_caller_id": "01012345678" });
    let trunk = panel.add("given_trunks", trunk).await;
    let rules = json!([
        { "prefix": "0", "action": "deny" },
        { "prefix": "9", "remove_prefix": "9", "trunks": [trunk] },
        { "trunks": [trunk] }
    ]);
    panel.add("given_outbound_profiles", json!({ "name": "All", "system_default": true, "rules": rules })).await;
    panel.add("agents", json!({ "agent_number": "801", "first_name": "A", "web_password": "long enough" })).await;
    let group = panel.add("agent_groups", json!({ "name": "Sales", "group_number": "600" })).await;
    let hours = json!({
        "name": "Hours", "type": "weekly", "periods": ["mon 09:00-18:00"],
        "inside_destination": { "type": "agent_group", "target": group }
    });
    let hours = panel.add("conditions", hours).await;
    let did = panel.add("given_dids", json!({ "number": "95001" })).await;
    let destination = json!({ "destination": { "type": "condition", "target": hours } });
    let set = panel.ask("PATCH", &format!("dids/{did}"), destination).await;
    assert_eq!(set.status, 200, "{set:?}");
    (panel, did)
}

/// OUT-32: profile, rule, class, number sent, trunks in order, what is left, or the refusal with its code.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_tried() {
    let (panel, _) = office().await;
    let tried = panel.get("outbound_profiles/try?number=9138%201234%205678&agent=801&at=2026-11-23T04:00:00Z").await;
    assert_eq!(tried["refused"], Value::Null, "{tried}");
    for (field, value) in [
        ("number", json!("913812345678")),
        ("sent", json!("13812345678")),
        ("class", json!("mobile")),
        ("country", json!("CN")),
        ("rule", json!(2)),
    ] {
        assert_eq!(tried[field], value, "{field}");
    }
    assert_eq!(tried["profile"]["name"], "All");
    assert_eq!(tried["trunks"][0]["trunk"]["name"], "Carrier");
    assert_eq!(tried["trunks"][0]["caller_id"], "01012345678");
    let left = |name: &str| tried["limits"].as_array().unwrap().iter().find(|used| used["limit"] == name).cloned();
    assert_eq!(
        left("agent_attempts_minute"),
        Some(json!({ "limit": "agent_attempts_minute", "used": 0, "allowed": 12 }))
    );
    let denied = panel.get("outbound_profiles/try?number=02188001234&agent=801").await;
    assert_eq!((&denied["refused"]["code"], &denied["refused"]["why"]), (&json!("L403"), &json!("denied")));
    assert_eq!((&denied["rule"], &denied["sent"]), (&json!(1), &Value::Null));
    let abroad = panel.get("outbound_profiles/try?number=%2B12125550100&how=click_to_call").await;
    assert_eq!(abroad["refused"]["why"], "denied", "0012125550100 begins with 0");
    let premium = panel.get("outbound_profiles/try?number=16888888").await;
    assert_eq!(
        premium["refused"],
        json!({ "code": "L403", "reason": "call_failed", "why": "class", "class": "premium" })
    );
    let help = panel.get("outbound_profiles/try?number=110&agent=801").await;
    assert_eq!((&help["emergency"], &help["sent"]), (&json!(true), &json!("110")));
    for (query, why) in [
        ("", "number required"),
        ("?number=abc", "number pattern"),
        ("?number=138&agent=899", "agent not_there"),
        ("?number=138&campaign=77", "campaign not_there"),
        ("?number=138&how=pigeon", "how choice"),
        ("?number=138&at=noon", "at pattern"),
        ("?number=138&colour=red", "colour unknown"),
    ] {
        let response = panel.ask("GET", &format!("outbound_profiles/try{query}"), Value::Null).await;
        assert_eq!(refusal(&response), why, "{query}");
    }
    let long = panel.ask("GET", &format!("outbound_profiles/try?number={}", "1".repeat(65)), Value::Null).await;
    assert_eq!(refusal(&long), "number too_long 64");
}

/// CND-5, CND-6, DID-20, DID-23: a call is followed as a real one would go, at any time.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_followed() {
    let (panel, did) = office().await;
    let places = |goes: &Value| {
        goes["stops"]
            .as_array()
            .unwrap()
            .iter()
            .map(|stop| stop["place"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let open = panel.get("dids/would_go?number=95001&caller=13812345678&at=2026-11-23T02:00:00Z").await;
    assert_eq!(places(&open), ["condition", "agent_group"], "CND-5");
    assert_eq!(open["did"]["id"], json!(did));
    let shut = panel.get("dids/would_go?number=95001&at=2026-11-24T02:00:00Z").await;
    assert_eq!(places(&shut), ["condition", "hang_up"], "CND-6");
    let nobody = panel.get("dids/would_go?number=95009&caller=1").await;
    assert_eq!(nobody["refused"]["record_code"], "404", "DID-23, INR reading");
    let response = panel.ask("GET", "dids/would_go?caller=1", Value::Null).await;
    assert_eq!(refusal(&response), "number required");
    let flow = panel.get(&format!("dids/{did}/flow")).await;
    let ways: Vec<&str> = flow["edges"].as_array().unwrap().iter().map(|edge| edge["by"].as_str().unwrap()).collect();
    assert_eq!(ways, ["blacklist", "always", "inside", "outside", "overflow"]);
    assert_eq!(flow["nodes"][0]["place"], "did");
    assert_eq!(panel.ask("GET", "dids/999/flow", Value::Null).await.status, 404);
    assert_eq!(panel.ask("GET", "dids/x/flow", Value::Null).await.status, 404);
}

/// LST-1: who may not see what decides does not hear what it decides.
#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_see_may_ask() {
    let (panel, did) = office().await;
    let role = panel.add("roles", json!({ "name": "Nothing", "permissions": [] })).await;
    let account = json!({
        "username": "guest", "password": "correct horse", "first_name": "G", "last_name": "T", "role": role
    });
    panel.add("accounts", account).await;
    let cookie = panel.office.sign_in("guest", "correct horse").await.cookie();
    for path in ["outbound_profiles/try?number=1", "dids/would_go?number=1", &format!("dids/{did}/flow")] {
        let response = panel.office.ask(&cookie, "GET", &format!("/panel/{path}"), Value::Null).await;
        assert_eq!(response.status, 403, "{path}");
    }
}
