//! A program that has an agent's phone rung, and then a number.

use super::{Office, Response, START, agent};
use serde_json::{Value, json};

const NUMBER: &str = "13800000001";

/// 801, who has a phone, and a carrier that takes every number.
async fn office() -> Office {
    let office = Office::new().await;
    office.store.provide(START.wall).unwrap();
    office.put("agent", agent("801"));
    let trunk = office.put("trunk", json!({ "name": "line", "kind": "peer", "host": "192.0.2.50" }));
    let rules = json!([{ "trunks": [trunk] }]);
    office.put("outbound_profile", json!({ "name": "all", "system_default": true, "rules": rules }));
    office
}

impl Office {
    async fn click(&self, asked: Value) -> Response {
        let mut body = json!({ "agent_number": "801", "number": NUMBER });
        body.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
        self.send(self.program("POST", "/api/v1/click_to_call").json(&body)).await
    }

    async fn is_refused(&self, asked: Value, status: u16, word: &str, fields: Value) {
        let response = self.click(asked.clone()).await;
        assert_eq!((response.status, &response.json()["error"]), (status, &json!(word)), "{asked} {response:?}");
        assert_eq!(response.json().get("fields").unwrap_or(&json!({})), &fields, "{asked}");
    }
}

/// API-36, API-37, API-52: the phone rings, and the answer names the call.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_begun() {
    let office = office().await;
    let begun = office.click(json!({ "caller_id": null, "campaign": "" })).await;
    assert_eq!(begun.status, 202, "{begun:?}");
    let call_id = begun.json()["call_id"].as_str().unwrap().to_owned();
    assert!(!call_id.is_empty() && call_id.len() <= 40, "{call_id}");
    let cookie = office.owner().await;
    let audit = office.send(office.page("GET", "/panel/audit?limit=5").with("Cookie", &cookie)).await.json();
    let entry = audit["items"].as_array().unwrap().iter().find(|entry| entry["action"] == "click_to_call agent");
    assert_eq!(entry.expect("an entry")["username"], "api");
}

/// API-7, API-8, API-38 to API-41, OUT-48: each refusal says what is wrong, and no call is made.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_called_is_refused() {
    let office = office().await;
    let wrong = |field: &str, why: &str| json!({ field: { "why": why } });
    for (asked, fields) in [
        (json!({ "agent_number": "899" }), wrong("agent_number", "not_there")),
        (json!({ "agent_number": null }), wrong("agent_number", "required")),
        (json!({ "number": " " }), wrong("number", "required")),
        (json!({ "number": "call me" }), wrong("number", "pattern")),
        (json!({ "number": 13800000001_u64 }), wrong("number", "type")),
        (json!({ "caller_id": "02100000009" }), wrong("caller_id", "not_there")),
        (json!({ "campaign": "77" }), wrong("campaign", "not_there")),
        (json!({ "recording": true }), wrong("recording", "unknown")),
    ] {
        office.is_refused(asked, 422, "invalid", fields).await;
    }
    let content = json!({ "custom_content": "order 7" });
    office.is_refused(content.clone(), 422, "custom_content_not_allowed", json!({})).await;
    office.set_access(json!({ "custom_call_record": true }));
    assert_eq!(office.click(content).await.status, 202);
    let long = json!({ "custom_content": "x".repeat(1_001) });
    let fields = json!({ "custom_content": { "why": "too_long", "max": 1_000 } });
    office.is_refused(long, 422, "invalid", fields).await;

    office.put("caller_id", json!({ "number": "02100000009" }));
    assert_eq!(office.click(json!({ "caller_id": "021-0000 0009" })).await.status, 202);

    office.put("agent", {
        let mut off = agent("802");
        off["status"] = json!("disabled");
        off
    });
    office.is_refused(json!({ "agent_number": "802" }), 409, "agent_unavailable", json!({})).await;
    office.is_refused(json!({ "number": "119" }), 422, "emergency_number", json!({})).await;
    office.put("dnc", json!({ "package": "1", "number": "13800000009", "status": "enabled" }));
    office.is_refused(json!({ "number": "13800000009" }), 409, "dnc", json!({})).await;
}

/// API-40: a campaign that is not enabled, or rests, calls nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_rests_calls_nobody() {
    let office = office().await;
    let group = office.put("agent_group", json!({ "name": "desk", "group_number": "900" }));
    let never = json!({ "name": "never", "type": "date" });
    let never = office.put("condition", never);
    let campaign =
        |name: &str, status: &str| json!({ "name": name, "agent_group": group, "package": "1", "status": status });
    let on = office.put("campaign", campaign("on", "enabled"));
    assert_eq!(office.click(json!({ "campaign": on })).await.status, 202);
    let off = office.put("campaign", campaign("off", "closed"));
    office.is_refused(json!({ "campaign": off }), 409, "campaign_refused", json!({})).await;
    office.set("campaign", &on, json!({ "working_hours": never }));
    office.is_refused(json!({ "campaign": on }), 409, "campaign_refused", json!({})).await;
}
