//! Text messages of programs.

use super::{Office, nouns::refusal, refused};
use serde_json::json;

/// API-44, API-23: what is wrong is told first; then that no gateway is configured. Each counts as an SMS (API-30).
#[tokio::test(flavor = "multi_thread")]
async fn a_box_without_a_gateway_says_so() {
    let office = Office::new().await;
    let send = async |body: serde_json::Value| office.send(office.program("POST", "/api/v1/sms").json(&body)).await;
    for (body, why) in [
        (json!({}), "number required; content required"),
        (json!({ "number": "1", "content": "Hello" }), "number too_short 2"),
        (json!({ "number": "+86 138a", "content": "Hello" }), "number pattern"),
        (json!({ "number": "13800001111", "content": "" }), "content required"),
        (json!({ "number": "13800001111", "content": "王".repeat(501) }), "content too_long 500"),
        (json!({ "number": "13800001111", "content": 7 }), "content type"),
        (json!({ "number": "13800001111", "content": "Hello", "from": "me" }), "from unknown"),
    ] {
        assert_eq!(refusal(&send(body.clone()).await), why, "{body}");
    }
    let longest = json!({ "number": "+86 138-0000-1111", "content": "王".repeat(500) });
    assert_eq!(send(longest.clone()).await.refusal(), refused(501, "sms_not_configured"));
    let nobody = office.program("POST", "/api/v1/sms").without("Authorization").json(&longest);
    assert_eq!(office.send(nobody).await.refusal(), refused(401, "unauthorized"));
    let cookie = office.owner().await;
    let limit = office.ask(&cookie, "PATCH", "/panel/api_access", json!({ "limit_sms": 3 })).await;
    assert_eq!(limit.status, 200, "{limit:?}");
    assert_eq!(send(longest).await.refusal(), refused(429, "rate_limited"), "API-30, API-34");
    let log = office.get(&cookie, "/panel/audit?search=sms").await.json();
    assert_eq!(log["items"][0]["action"], "send sms", "API-52: {log}");
}
