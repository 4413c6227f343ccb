//! Pop-up alerts, the blacklist and the DNC list: numbers typed several at once, and what waits to be approved.

use super::{Panel, id};
use serde_json::{Value, json};

/// Somebody who signs in with a role of these permissions.
pub async fn agent(panel: &Panel, number: &str, permissions: &[&str]) -> String {
    let role = panel.office.put("role", json!({ "name": number, "permissions": permissions }));
    let form = json!({ "agent_number": number, "first_name": "Anna", "web_password": "long enough", "role": role });
    panel.office.put("agent", form);
    panel.office.cookie(number).await
}

/// POP-5..13, POP-15, POP-18, POP-20
#[tokio::test(flavor = "multi_thread")]
async fn popup_alerts() {
    let panel = Panel::new().await;
    panel.office.store.provide(super::super::START.wall).unwrap();
    let (package, other) = ("1", panel.add("packages", json!({ "display_name": "B", "code": "b" })).await);
    let closed = panel.add("packages", json!({ "display_name": "C", "code": "c", "status": "closed" })).await;
    let alerts =
        panel.noun("popup_alerts", json!({ "package": package, "number": "13800000#", "content": "Complains" }));
    alerts
        .is(&[
            ("POP-5", "filters", "package status"),
            ("POP-6", "search", "number"),
            ("POP-7", "tabs", "general"),
            ("POP-11, POP-12, POP-13", "general", "package number content status"),
            ("POP-9, POP-10", "may", "add edit delete approve"),
        ])
        .await;
    alerts.hides_columns("POP-8", "package number content status created_by").await;
    alerts.goes_by_condition("POP-9").await;
    alerts.is_found_by("POP-6", json!({ "number": "4930123456", "content": "Shouts a lot" }), &["number"]).await;
    alerts.add(json!({ "number": "13811110000" })).await;
    alerts
        .refuses(&[
            ("POP-11", json!({ "package": null }), "package required"),
            ("POP-11", json!({ "package": closed }), "package not_this"),
            ("POP-12", json!({ "number": "" }), "number required"),
            ("POP-12", json!({ "number": "1" }), "number too_short 2"),
            ("POP-12", json!({ "number": "1234567890123456" }), "number too_long 15"),
            ("POP-12", json!({ "number": "13822220000, 12a4\n5" }), "number pattern [\"12a4\",\"5\"]"),
            ("POP-12", json!({ "number": "138-1111-0000" }), "name_taken number"),
            ("POP-12", json!({ "number": "13822220000,13811110000" }), "name_taken number"),
            ("POP-13", json!({ "content": "" }), "content required"),
            ("POP-13", json!({ "content": "x".repeat(501) }), "content too_long 500"),
            ("status", json!({ "status": "closed" }), "status choice"),
        ])
        .await;
    let two = alerts.add(json!({ "number": " 13822220000,\n+86 138-3333-0000 ", "package": other })).await;
    let rows = two["rows"].as_array().unwrap();
    let numbers: Vec<_> = rows.iter().map(|row| (&row["number"], &row["content"])).collect();
    let content = json!("Complains");
    assert_eq!(numbers, [(&json!("13822220000"), &content), (&json!("8613833330000"), &content)], "POP-12");
    alerts
        .takes(&[
            ("POP-13", json!({ "content": "a\nb" }), json!({ "content": "a\nb", "status": "enabled" })),
            ("status", json!({ "status": "disabled" }), json!({ "status": "disabled", "created_by": "boss" })),
            ("POP-12", json!({ "number": "13811110000", "package": other }), json!({ "package": other })),
        ])
        .await;
    assert_eq!(alerts.found(&format!("package={other}")).await.len(), 2, "POP-5");
    assert!(alerts.found("search=3333").await.contains(&id(&rows[1])), "POP-15");

    let ask = async |cookie: &str, method: &str, path: &str, body: Value| {
        panel.office.ask(cookie, method, &format!("/panel/{path}"), body).await
    };
    let form = |number: &str, status: &str| json!({ "package": package, "number": number, "content": "Rude", "status": status });
    let plain = agent(&panel, "801", &["popup_alert.view", "popup_alert.add", "popup_alert.edit"]).await;
    let trusted =
        agent(&panel, "802", &["popup_alert.view", "popup_alert.add", "popup_alert.edit", "popup_alert.approve"]).await;
    let waits = ask(&plain, "POST", "popup_alerts", form("13900000001", "enabled")).await.json();
    assert_eq!((&waits["status"], &waits["created_by"]), (&json!("pending"), &json!("801")), "POP-17");
    assert_eq!(alerts.found("status=pending").await, [id(&waits)], "POP-10");
    let at_once = ask(&trusted, "POST", "popup_alerts", form("13900000002", "enabled")).await.json();
    assert_eq!(at_once["status"], "enabled", "POP-18");
    let path = format!("popup_alerts/{}", id(&waits));
    ask(&plain, "PATCH", &path, json!({ "status": "enabled" })).await;
    assert_eq!(panel.get(&path).await["status"], "pending", "POP-20");
    let approved = ask(&trusted, "PATCH", &path, json!({ "status": "enabled" })).await.json();
    assert_eq!(approved["status"], "enabled", "POP-20");
}

/// POP-1, POP-2, POP-14 and their readings: whoever opens a customer is warned by each enabled alert on one of the numbers
/// in the customer's package, and by no other.
#[tokio::test(flavor = "multi_thread")]
async fn who_opens_a_customer_is_warned() {
    let panel = Panel::new().await;
    panel.office.store.provide(super::super::START.wall).unwrap();
    let other = panel.add("packages", json!({ "display_name": "B", "code": "b" })).await;
    panel.add("custom_fields", json!({ "package": "1", "name": "second", "label": "Second", "type": "phone" })).await;
    let alert = async |package: &str, number: &str, content: &str, status: &str| {
        let form = json!({ "package": package, "number": number, "content": content, "status": status });
        id(&panel.ask("POST", "popup_alerts", form).await.json())
    };
    let shouts = alert("1", "+86 138-0000-1111", "Shouts", "enabled").await;
    alert("1", "13900002222", "Complains often", "enabled").await;
    alert("1", "13900003333", "Off", "disabled").await;
    alert(&other, "8613800001111", "Elsewhere", "enabled").await;
    let customer = |phone: &str, second: Option<&str>| {
        let form = json!({ "package": "1", "phone": phone, "custom": { "second": second } });
        panel.office.put("customer", form)
    };
    let warned = async |id: &str| panel.get(&format!("customers/{id}/warnings")).await["items"].clone();
    let both = customer("8613800001111", Some("13900002222"));
    assert_eq!(warned(&both).await, json!(["Shouts", "Complains often"]), "POP-1, POP-2");
    assert_eq!(warned(&customer("13900003333", None)).await, json!([]), "POP-14");
    assert_eq!(warned(&customer("13800001111", None)).await, json!([]), "compared by all digits");
    panel.ask("PATCH", &format!("popup_alerts/{shouts}"), json!({ "status": "disabled" })).await;
    assert_eq!(warned(&both).await, json!(["Complains often"]), "POP-14: switched off it has no effect");
    let waiting = agent(&panel, "801", &["popup_alert.add", "popup_alert.view"]).await;
    let form = json!({ "package": "1", "number": "13700000000", "content": "Waits" });
    let waits = panel.office.ask(&waiting, "POST", "/panel/popup_alerts", form).await.json();
    let theirs = customer("13700000000", None);
    assert_eq!((&waits["status"], warned(&theirs).await), (&json!("pending"), json!([])), "POP-17");
    panel.ask("PATCH", &format!("popup_alerts/{}", id(&waits)), json!({ "status": "enabled" })).await;
    assert_eq!(warned(&theirs).await, json!(["Waits"]), "POP-20");
    let none = panel.ask("GET", "agents/1/warnings", Value::Null).await;
    assert_eq!(none.refusal(), (404, "not_found".into()));
    panel.office.helper("otto", &["agent.view"]);
    let otto = panel.office.cookie("otto").await;
    let path = format!("/panel/customers/{both}/warnings");
    assert_eq!(panel.office.ask(&otto, "GET", &path, Value::Null).await.refusal(), (403, "forbidden".into()));
    panel.office.helper("hana", &["customer.view"]);
    let hana = panel.office.cookie("hana").await;
    assert_eq!(panel.office.ask(&hana, "GET", &path, Value::Null).await.status, 404, "out of reach");
}

/// BLK-7, BLK-9..13, BLK-15, BLK-17, BLK-19..22
#[tokio::test(flavor = "multi_thread")]
async fn the_blacklist() {
    let panel = Panel::new().await;
    let blacklist = panel.noun("blacklist", json!({ "number": "13800000#" }));
    blacklist
        .is(&[
            ("BLK-10", "search", "number"),
            ("BLK-13", "general", "number status reason"),
            ("actions", "may", "add edit delete approve"),
        ])
        .await;
    blacklist.hides_columns("BLK-11", "number status reason created_by").await;
    blacklist.goes_by_condition("LST-14").await;
    blacklist.is_found_by("BLK-10", json!({ "number": "4930123456", "reason": "Spam calls" }), &["number"]).await;
    blacklist
        .refuses(&[
            ("BLK-13", json!({ "number": null }), "number required"),
            ("BLK-12", json!({ "number": "138a" }), "number pattern"),
            ("BLK-12", json!({ "number": "13800001111,138a" }), "number pattern [\"138a\"]"),
            ("status", json!({ "status": "closed" }), "status choice"),
            ("BLK-17", json!({ "reason": "x".repeat(201) }), "reason too_long 200"),
        ])
        .await;
    blacklist
        .takes(&[
            ("BLK-15", json!({}), json!({ "status": "enabled", "reason": "", "created_by": "boss" })),
            ("status", json!({ "status": "disabled" }), json!({ "status": "disabled" })),
        ])
        .await;
    numbers_are_added_again(&panel, "blacklist", json!({}), "BLK-12").await;
    requests_of_agents_wait(&panel, "blacklist", json!({}), "BLK-17, BLK-19..22").await;
}

/// DNC-4..6, DNC-8, DNC-9, DNC-11, DNC-13, DNC-15, DNC-16, DNC-19..23
#[tokio::test(flavor = "multi_thread")]
async fn the_dnc_list() {
    let panel = Panel::new().await;
    panel.office.store.provide(super::super::START.wall).unwrap();
    let (package, other) = ("1", panel.add("packages", json!({ "display_name": "B", "code": "b" })).await);
    let closed = panel.add("packages", json!({ "display_name": "C", "code": "c", "status": "closed" })).await;
    let dnc = panel.noun("dnc", json!({ "package": package, "number": "13800000#" }));
    dnc.is(&[
        ("DNC-4", "filters", "package status"),
        ("DNC-5", "search", "number"),
        ("DNC-13, DNC-15", "general", "package number status reason"),
        ("actions", "may", "add edit delete import approve"),
    ])
    .await;
    dnc.hides_columns("DNC-6", "package number status reason created_by").await;
    dnc.goes_by_condition("DNC-11").await;
    dnc.is_found_by("DNC-5", json!({ "number": "4930123456", "reason": "Asked for it" }), &["number"]).await;
    dnc.refuses(&[
        ("package", json!({ "package": null }), "package required"),
        ("package", json!({ "package": closed }), "package not_this"),
        ("DNC-13", json!({ "number": "" }), "number required"),
        ("DNC-13", json!({ "number": "13800001111\n138a" }), "number pattern [\"138a\"]"),
        ("status", json!({ "status": "closed" }), "status choice"),
        ("DNC-15", json!({ "reason": "x".repeat(201) }), "reason too_long 200"),
    ])
    .await;
    let one = json!({ "number": "13811110000" });
    dnc.add(one.clone()).await;
    dnc.takes(&[
        ("package", json!({ "number": "13811110000", "package": other }), json!({ "package": other })),
        ("DNC-16", json!({}), json!({ "status": "enabled", "created_by": "boss" })),
        ("status", json!({ "status": "disabled" }), json!({ "status": "disabled" })),
    ])
    .await;
    let row = id(&dnc.add(json!({ "number": "13811112222", "reason": "once" })).await);
    dnc.becomes(&row, &[("DNC-22", json!({ "reason": "twice" }), json!({ "reason": "twice" }))]).await;
    let fixed = [
        ("DNC-21", json!({ "number": "138" }), "number fixed"),
        ("DNC-21", json!({ "package": other }), "package fixed"),
    ];
    dnc.keeps(&row, &fixed).await;
    assert_eq!(dnc.found(&format!("package={other}")).await.len(), 0, "DNC-4");
    numbers_are_added_again(&panel, "dnc", json!({ "package": package }), "DNC-13").await;
    requests_of_agents_wait(&panel, "dnc", json!({ "package": package }), "DNC-19..23").await;
}

fn with(form: &Value, more: Value) -> Value {
    let fields = form.as_object().unwrap().iter().chain(more.as_object().unwrap());
    fields.map(|(field, value)| (field.clone(), value.clone())).collect()
}

/// Several at once; one that is there already is passed over and told of, one that waits is approved.
async fn numbers_are_added_again(panel: &Panel, path: &str, form: Value, row: &str) {
    let add = async |number: &str| panel.ask("POST", path, with(&form, json!({ "number": number }))).await;
    let first = add("13700000001, 13700000002\n137-0000-0003").await.json();
    assert_eq!((&first["added"], &first["skipped"]), (&json!(3), &json!([])), "{row}");
    let again = add("13700000003,13700000004").await.json();
    assert_eq!((&again["added"], &again["skipped"]), (&json!(1), &json!(["13700000003"])), "{row}");
    let one = add("137 0000 0003").await;
    assert_eq!((one.status, &one.json()["skipped"]), (200, &json!(["137 0000 0003"])), "{row}");
    assert_eq!(panel.get(&format!("{path}?search=1370000000")).await["total"], 4, "{row}");
}

/// What agents ask for waits until somebody who may has approved it, whatever they may themselves.
async fn requests_of_agents_wait(panel: &Panel, path: &str, form: Value, row: &str) {
    let right = |action: &str| format!("{path}.{action}");
    let all: Vec<_> = ["view", "add", "edit", "approve"].map(right).into();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let (asks, approves) = (agent(panel, "801", &all).await, agent(panel, "802", &all).await);
    let plain = agent(panel, "803", &all[..3]).await;
    panel.office.helper("hana", &all[..3]);
    panel.office.helper("kim", &all);
    let (hana, kim) = (panel.office.cookie("hana").await, panel.office.cookie("kim").await);
    let ask = async |cookie: &str, method: &str, path: &str, body: Value| {
        panel.office.ask(cookie, method, &format!("/panel/{path}"), body).await
    };
    let number = |number: &str, reason: &str| with(&form, json!({ "number": number, "reason": reason }));
    for reason in ["", "  "] {
        let refused = ask(&asks, "POST", path, number("13600000001", reason)).await;
        assert_eq!(super::refusal(&refused), "reason required", "{row}");
    }
    let mut ids = Vec::new();
    for each in ["13600000001", "13600000002", "13600000003", "13600000004"] {
        let waits = ask(&asks, "POST", path, number(each, "Threats")).await.json();
        let shown = (&waits["status"], &waits["created_by"], &waits["reason"], &waits["number"]);
        assert_eq!(shown, (&json!("pending"), &json!("801"), &json!("Threats"), &json!(each)), "{row}");
        ids.push(id(&waits));
    }
    let (status, enabled) =
        (async |id: &str| panel.get(&format!("{path}/{id}")).await["status"].clone(), json!({ "status": "enabled" }));
    for cookie in [&plain, &hana] {
        let refused = ask(cookie, "PATCH", &format!("{path}/{}", ids[0]), enabled.clone()).await;
        assert_eq!(refused.refusal(), (403, "forbidden".into()), "{row}");
    }
    let mut waiting = panel.get(&format!("{path}?status=pending")).await["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(id)
        .collect::<Vec<_>>();
    waiting.sort();
    assert_eq!(waiting, ids, "{row}");
    ask(&approves, "PATCH", &format!("{path}/{}", ids[0]), enabled.clone()).await;
    ask(&kim, "PATCH", &format!("{path}/{}", ids[1]), enabled).await;
    ask(&kim, "PATCH", &format!("{path}/{}", ids[2]), json!({ "status": "disabled" })).await;
    // An account that adds it approves it, if it may.
    let passed = ask(&hana, "POST", path, number("13600000004", "")).await;
    assert_eq!((passed.refusal(), status(&ids[3]).await), ((403, "forbidden".into()), json!("pending")), "{row}");
    let approved = ask(&kim, "POST", path, number("13600000004", "")).await.json();
    assert_eq!(approved["added"], 1, "{row}: {approved}");
    let now: Vec<_> =
        [status(&ids[0]).await, status(&ids[1]).await, status(&ids[2]).await, status(&ids[3]).await].into();
    assert_eq!(now, ["enabled", "enabled", "disabled", "enabled"], "{row}");
}
