//! Banned addresses as the page Box lists and lifts them.

use super::{Office, START, refused};
use callbox::{
    call::command::{Actor, Command},
    view::{BanReason, BanRow},
};
use serde_json::{Value, json};
use std::time::Duration;

/// What the exchange answers: three bans, the newest in the middle.
pub fn rows() -> Vec<BanRow> {
    let row = |address: &str, minutes: u64, reason, times| BanRow {
        address: address.parse().unwrap(),
        reason,
        times,
        since: START.wall + Duration::from_secs(60 * minutes),
        until: START.wall + Duration::from_secs(60 * minutes + 3600),
    };
    vec![
        row("198.51.100.7", 1, BanReason::WrongPassword, 1),
        row("2001:db8:0:7::", 3, BanReason::UnknownNumber, 4),
        row("198.51.100.70", 2, BanReason::WrongPassword, 2),
    ]
}

fn addresses(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|ban| ban["address"].as_str().unwrap()).collect()
}

/// BOX-146, LST-4, LST-9: with reason and count, the newest first, a page at a time.
#[tokio::test(flavor = "multi_thread")]
async fn bans_are_listed_with_reason_and_count() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let list = async |query: &str| {
        let page = office.send(office.page("GET", &format!("/panel/bans{query}")).with("Cookie", &cookie)).await;
        assert_eq!(page.status, 200, "{page:?}");
        page.json()
    };
    let all = list("").await;
    assert_eq!(addresses(&all), ["2001:db8:0:7::/64", "198.51.100.70", "198.51.100.7"]);
    let newest = json!({
        "address": "2001:db8:0:7::/64", "reason": "unknown_number", "times": 4,
        "since": "2026-11-18T11:09:40.000Z", "until": "2026-11-18T12:09:40.000Z",
    });
    assert_eq!((&all["items"][0], &all["total"], &all["next"]), (&newest, &json!(3), &Value::Null));
    let first = list("?limit=2").await;
    assert_eq!(addresses(&first), ["2001:db8:0:7::/64", "198.51.100.70"]);
    let rest = list(&format!("?limit=2&cursor={}", first["next"].as_str().unwrap())).await;
    assert_eq!((addresses(&rest), &rest["next"]), (vec!["198.51.100.7"], &Value::Null));
    assert_eq!(addresses(&list("?search=%20DB8:").await), ["2001:db8:0:7::/64"]);
}

/// BOX-146, LST-16: one or several are lifted, and what is no ban is said to be none.
#[tokio::test(flavor = "multi_thread")]
async fn bans_are_lifted_one_or_several_at_a_time() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let page = |method: &str, path: &str| office.page(method, path).with("Cookie", &cookie);
    assert_eq!(office.send(page("DELETE", "/panel/bans/2001:db8:0:7::%2F64")).await.status, 204);
    for none in ["203.0.113.1", "nowhere"] {
        let response = office.send(page("DELETE", &format!("/panel/bans/{none}"))).await;
        assert_eq!(response.refusal(), refused(404, "not_found"), "{none}");
    }
    let several = json!({ "ids": ["198.51.100.7", "203.0.113.1", "198.51.100.70"] });
    let lifted = office.send(page("POST", "/panel/bans/delete").json(&several)).await.json();
    let none = json!([{ "id": "203.0.113.1", "error": "not_found" }]);
    assert_eq!((&lifted["deleted"], &lifted["refused"]), (&json!(2), &none));
    let asked = office.asked.lock().unwrap();
    let lift = |address: &str| (Actor::Account(1), Command::LiftBan { address: address.parse().unwrap() });
    let order = ["2001:db8:0:7::", "203.0.113.1", "198.51.100.7", "203.0.113.1", "198.51.100.70"];
    assert_eq!(*asked, order.map(lift));
}

/// BOX-146: it is the page of the owner; programs and strangers have none.
#[tokio::test(flavor = "multi_thread")]
async fn bans_are_the_owners_to_see_and_lift() {
    let office = Office::new().await;
    assert_eq!(office.send(office.page("GET", "/panel/bans")).await.status, 401);
    assert_eq!(office.send(office.page("DELETE", "/panel/bans/198.51.100.7")).await.status, 401);
    assert_eq!(office.send(office.program("GET", "/api/v1/bans")).await.status, 404);
    assert!(office.asked.lock().unwrap().is_empty());
}
