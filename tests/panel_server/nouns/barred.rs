//! Who must not be called: a customer as a whole, or one number on the list; each stands for itself.

use super::Panel;
use crate::panel_server::{Office, START};
use serde_json::{Value, json};
use std::time::Duration;

/// An office with one profile for all calls, an agent and a customer of two numbers.
async fn office() -> (Panel, String) {
    let panel = Panel::new().await;
    panel.office.store.provide(START.wall).unwrap();
    let trunk = panel.add("given_trunks", json!({ "name": "Carrier", "kind": "peer", "host": "192.0.2.1" })).await;
    let profile = json!({ "name": "All", "system_default": true, "rules": [{ "trunks": [trunk] }] });
    panel.add("given_outbound_profiles", profile).await;
    panel.add("agents", json!({ "agent_number": "801", "first_name": "A", "web_password": "long enough" })).await;
    panel.add("custom_fields", json!({ "package": "1", "name": "second", "label": "Second", "type": "phone" })).await;
    let form = json!({ "package": "1", "phone": "13800000001", "custom": { "second": "13900000002" } });
    let customer = panel.office.put("customer", form);
    (panel, customer)
}

/// Why a number cannot be called now; none: it can.
async fn why(panel: &Panel, number: &str) -> Value {
    panel.get(&format!("outbound_profiles/try?number={number}&agent=801")).await["refused"]["why"].clone()
}

async fn bar(panel: &Panel, customer: &str, barred: bool, highlight: bool) {
    let body = json!({ "ids": [customer], "barred": barred, "highlight": highlight });
    assert_eq!(panel.ask("POST", "customers/bar", body).await.json()["changed"], 1);
}

/// DNC-24, DNC-25, DNC-26, CUS-21, CUS-28, CUS-30, CUS-31, CUS-32: barred in both ways, a customer can be called only
/// after both have been removed, in either order.
#[tokio::test(flavor = "multi_thread")]
async fn one_way_of_barring_outlasts_the_other() {
    let (panel, mei) = office().await;
    let (first, second) = ("13800000001", "13900000002");
    let both = async || (why(&panel, first).await, why(&panel, second).await);
    assert_eq!(both().await, (Value::Null, Value::Null));
    for highlight_first in [true, false] {
        bar(&panel, &mei, true, true).await;
        assert_eq!(both().await, (json!("highlight"), json!("highlight")), "DNC-24, CUS-21, CUS-28");
        bar(&panel, &mei, true, false).await;
        bar(&panel, &mei, false, highlight_first).await;
        let left = if highlight_first { (json!("dnc"), Value::Null) } else { (json!("highlight"), json!("highlight")) };
        assert_eq!(both().await, left, "DNC-25, DNC-26, CUS-30, CUS-31, CUS-32");
        bar(&panel, &mei, false, !highlight_first).await;
        assert_eq!(both().await, (Value::Null, Value::Null), "DNC-26, CUS-32");
    }
}

/// CUS-28, BOX-97: what calls know follows every write to the customer, and outlasts a restart.
#[tokio::test(flavor = "multi_thread")]
async fn calls_know_at_once_who_must_not_be_called() {
    let (panel, mei) = office().await;
    bar(&panel, &mei, true, true).await;
    let other = panel.office.put("customer", json!({ "package": "1", "phone": "13700000003" }));
    let changed = json!({ "phone": "13600000004" });
    assert_eq!(panel.ask("PATCH", &format!("customers/{mei}"), changed).await.status, 200);
    assert_eq!(why(&panel, "13800000001").await, Value::Null, "the number that the customer had");
    assert_eq!(why(&panel, "13600000004").await, "highlight", "the number that the customer has");
    let packages = panel.add("packages", json!({ "display_name": "B", "code": "b" })).await;
    panel.office.put("customer", json!({ "package": packages, "phone": "13600000004" }));
    let office: Office = panel.office.again(Duration::from_secs(60)).await;
    let panel = Panel { cookie: office.owner().await, office, next: std::cell::Cell::new(500) };
    assert_eq!(why(&panel, "13600000004").await, "highlight", "after a restart");
    assert_eq!(why(&panel, "13700000003").await, Value::Null);
    assert_eq!(panel.ask("DELETE", &format!("customers/{mei}"), Value::Null).await.status, 204);
    assert_eq!(why(&panel, "13600000004").await, Value::Null, "who is gone");
    assert_eq!(panel.ask("DELETE", &format!("customers/{other}"), Value::Null).await.status, 204);
}
