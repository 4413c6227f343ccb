//! The box's own configuration: one record, shown and set by the owner.

use super::{Office, START, refused};
use callbox::{
    schema::{Actor, Id},
    store::Write,
};
use serde_json::{Value, json};

/// BOX-9, BOX-41, BOX-43, BOX-131, BOX-141: there from the beginning, changed in part, journalled with old and new
/// value, and not overwritten by whoever read it before.
#[tokio::test(flavor = "multi_thread")]
async fn the_owner_sees_and_changes_the_boxs_configuration() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let page = |method: &str| office.page(method, "/panel/settings").with("Cookie", &cookie);
    let shown = office.send(page("GET")).await;
    assert_eq!(shown.header("etag"), Some("\"0\""));
    let row = shown.json();
    assert_eq!((&row["rev"], &row["name"], &row["max_calls"]), (&json!(0), &json!("Callbox"), &json!(500)));
    assert_eq!((&row["external_address"], &row["digest"]), (&json!("auto"), &json!("sha256_and_md5")));

    let first = page("PATCH").with("If-Match", "\"0\"").json(&json!({ "name": " Front desk ", "max_calls": 40 }));
    let changed = office.send(first.clone()).await;
    assert_eq!((changed.status, changed.header("etag")), (200, Some("\"1\"")), "{changed:?}");
    assert_eq!(office.send(first).await.refusal(), refused(409, "changed_meanwhile"));
    let second = page("PATCH").with("If-Match", "\"1\"").json(&json!({ "digest": "md5" }));
    assert_eq!(office.send(second).await.header("etag"), Some("\"2\""));
    let row = office.send(page("GET")).await.json();
    assert_eq!((&row["name"], &row["max_calls"], &row["digest"]), (&json!("Front desk"), &json!(40), &json!("md5")));
    assert_eq!(office.send(page("GET").with("If-None-Match", "\"2\"")).await.status, 304);

    let journal = office.store.journal(None, 1).unwrap();
    assert_eq!((&*journal[0].noun, &journal[0].by), ("settings", &Actor::Account(1)));
    let digest = |value: &Option<Value>| value.as_ref().unwrap()["digest"].clone();
    assert_eq!((digest(&journal[0].before), digest(&journal[0].after)), (json!("sha256_and_md5"), json!("md5")));
    let named = office.send(office.page("GET", "/panel/session").with("Cookie", &cookie)).await.json();
    assert_eq!(named["box"]["name"], "Front desk");
}

/// BOX-9, LST-21: all faults at once, and nothing is written.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_are_refused_field_by_field() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let page = |method: &str| office.page(method, "/panel/settings").with("Cookie", &cookie);
    let wrong = json!({
        "name": "Shop", "max_calls": 0, "external_address": "203.0.113.300", "local_networks": ["10.0.0.0/8", "lan"],
        "colour": "red",
    });
    let response = office.send(page("PATCH").json(&wrong)).await;
    assert_eq!(response.refusal(), refused(422, "invalid"));
    let fields = response.json()["fields"].clone();
    let named: Vec<_> = fields.as_object().unwrap().keys().cloned().collect();
    assert_eq!(named, ["max_calls", "external_address", "local_networks", "colour"]);
    assert_eq!(fields["max_calls"], json!({ "why": "out_of_range", "min": 1, "max": 10000 }));
    assert_eq!(office.send(page("GET")).await.json()["name"], "Callbox");
}

/// BOX-9: nobody else sees or sets it, and programs have no such record; one is never two.
#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_is_the_owners_alone() {
    let office = Office::new().await;
    let Value::Object(clerk) =
        json!({ "username": "clerk", "first_name": "C", "last_name": "K", "password": "long enough" })
    else {
        unreachable!()
    };
    office.store.write(&Actor::System, START.wall, "account", Write::Add { value: clerk }).unwrap();
    let (owner, clerk) = (office.owner().await, office.sign_in("clerk", "long enough").await.cookie());
    let name = json!({ "name": "Mine" });
    for method in ["GET", "PATCH"] {
        let request = office.page(method, "/panel/settings").with("Cookie", &clerk).json(&name);
        assert_eq!(office.send(request).await.refusal(), refused(403, "forbidden"), "{method}");
    }
    assert_eq!(office.send(office.program("GET", "/api/v1/settings")).await.status, 404);
    assert_eq!(office.send(office.program("PATCH", "/api/v1/settings").json(&name)).await.status, 405);
    let asked = |method: &str, path: &str| office.page(method, path).with("Cookie", &owner);
    assert_eq!(office.send(asked("POST", "/panel/settings").json(&name)).await.status, 405);
    assert_eq!(office.send(asked("DELETE", "/panel/settings")).await.status, 405);
    assert_eq!(office.send(asked("GET", "/panel/settings/1")).await.status, 404);
    let several = asked("POST", "/panel/settings/delete").json(&json!({ "ids": ["1"] }));
    assert_eq!(office.send(several).await.status, 404);
    assert!(office.store.tenant().rows_of("settings").is_none());
    let Value::Object(name) = name else { unreachable!() };
    let by = Actor::Account(Id(1).0);
    let nothing_single = office.store.write(&by, START.wall, "agent", Write::Set { rev: None, value: name });
    assert_eq!(nothing_single.unwrap_err().word(), ("not_found", 404));
}

/// BOX-9: the page Box draws the form from the declaration.
#[tokio::test(flavor = "multi_thread")]
async fn the_declaration_is_given_to_the_page() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let schema = office.send(office.page("GET", "/panel/schema").with("Cookie", &cookie)).await.json();
    let resources = schema["resources"].as_array().unwrap();
    let held = |name: &str| resources.iter().find(|one| one["name"] == name).map(|one| one["held"].clone());
    assert_eq!((held("settings"), held("agent")), (Some(json!("single")), Some(json!("snapshot"))));
}
