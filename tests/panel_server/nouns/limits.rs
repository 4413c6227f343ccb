//! What the upstream gives at most, and what is not there without it (upstream.md, "Rates and limits given").

use super::{super::START, Panel, id, refusal};
use serde_json::{Value, json};

impl Panel {
    async fn give(&self, limits: Value) {
        let given = self.ask("PATCH", "given_limits", limits).await;
        assert_eq!(given.status, 200, "{given:?}");
    }

    async fn listed(&self, path: &str, field: &str) -> Vec<String> {
        let told = self.get(path).await;
        let text = |row: &Value| row[field].as_str().unwrap_or_default().to_owned();
        let mut all: Vec<_> = told["items"].as_array().unwrap().iter().map(text).collect();
        all.sort();
        all
    }
}

/// FLD-3, STG-4, UPS-101, FLD-2 and FLD-3 readings: without packages no page, list, form, filter, file or answer speaks
/// of them, all that is new belongs to the one that always is there, and what others hold is there again with them.
#[tokio::test(flavor = "multi_thread")]
async fn an_office_without_packages_hears_nothing_of_them() {
    let panel = Panel::new().await;
    panel.office.store.provide(START.wall).unwrap();
    let other = panel.add("packages", json!({ "display_name": "B", "code": "b" })).await;
    let third = panel.add("packages", json!({ "display_name": "C", "code": "c" })).await;
    for (package, name) in [("1", "Here"), (&*other, "Elsewhere")] {
        panel.add("stages", json!({ "name": name, "package": package })).await;
        panel.add("custom_fields", json!({ "name": "f", "label": name, "type": "input", "package": package })).await;
        panel.add("customers", json!({ "name": name, "phone": "1390", "package": package })).await;
    }
    let did = panel.add("given_dids", json!({ "number": "861088001" })).await;
    panel.ask("PATCH", "preferences", json!({ "default_package": other })).await;
    panel.give(json!({ "packages": false })).await;

    let schema = panel.get("schema").await;
    assert_eq!(schema["withheld"], json!(["package"]));
    for noun in schema["resources"].as_array().unwrap() {
        let name = &noun["name"];
        assert_ne!(name, "package", "FLD-3: it has no page");
        assert_ne!(noun["within"], "package", "{name}: no selector");
        // The pages of who acts as the upstream draw what their tabs name.
        let fields = noun["schema"]["properties"].as_object().unwrap().values();
        assert!(noun["acting"] == true || fields.clone().all(|field| field["x-to"] != "package"), "{name}: no field");
        let words = [&noun["list"], &noun["filters"], &noun["batch"], &noun["tabs"]];
        assert!(words.iter().all(|words| !words.to_string().contains("package\"")), "{name}: {words:?}");
        let import = &noun["import"];
        assert!(
            import.is_null() || (import["within"] != "package" && import["required"] != json!(["package"])),
            "{name}"
        );
    }
    for (method, path, refused) in [
        ("GET", "packages".to_owned(), (404, "not_found")),
        ("GET", format!("packages/{other}"), (404, "not_found")),
        ("GET", "packages/choices".into(), (404, "not_found")),
        ("POST", "packages".into(), (409, "limit_reached")),
        ("PATCH", format!("packages/{other}"), (409, "limit_reached")),
    ] {
        let response = panel.ask(method, &path, json!({ "display_name": "C", "code": "c" })).await;
        assert_eq!(response.refusal(), super::super::refused(refused.0, refused.1), "{method} {path}");
    }

    // All that is new belongs to the one, whether it is named or not; to no other.
    let form = |path: &str, name: &str, phone: u32| match path {
        "stages" => json!({ "name": name }),
        "custom_fields" => json!({ "name": format!("f_{phone}"), "label": name, "type": "input" }),
        _ => json!({ "name": name, "phone": phone.to_string() }),
    };
    let of = |mut form: Value, package: &str| {
        form["package"] = package.into();
        form
    };
    for (path, label) in [("stages", "name"), ("custom_fields", "label"), ("customers", "name")] {
        let refused = panel.ask("POST", path, of(form(path, "New", 1391), &other)).await;
        assert_eq!(refusal(&refused), "limit_reached package", "{path}");
        let added = panel.ask("POST", path, form(path, "New", 1391)).await;
        assert_eq!((added.status, added.json().get("package")), (201, None), "STG-4: {added:?}");
        let named = panel.ask("POST", path, of(form(path, "Named", 1392), "1")).await;
        assert_eq!(named.status, 201, "{path}: {named:?}");
        let listed = panel.listed(path, label).await;
        assert!(listed.contains(&"Here".into()) && !listed.contains(&"Elsewhere".into()), "{path}: {listed:?}");
        assert_eq!(listed.len(), 3, "{path}: {listed:?}");
        assert_eq!(panel.listed(&format!("{path}?package=1"), label).await, listed, "{path}");
        let elsewhere = panel.ask("GET", &format!("{path}?package={other}"), Value::Null).await;
        assert_eq!(refusal(&elsewhere), "package unknown", "{path}");
        let shown = panel.get(path).await;
        assert!(shown["items"].as_array().unwrap().iter().all(|row| row.get("package").is_none()), "{path}");
    }
    for (path, field) in [("preferences".to_owned(), "default_package"), (format!("dids/{did}"), "package")] {
        let refused = panel.ask("PATCH", &path, json!({ field: third })).await;
        assert_eq!(refusal(&refused), format!("limit_reached {field}"), "{path}");
        assert!(panel.get(&path).await.get(field).is_none(), "{path}");
    }
    let placed = panel.get("customers/fields").await;
    let fields: Vec<_> = placed["items"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert!(fields.contains(&"custom.f") && !fields.contains(&"package"), "the fields of the one: {fields:?}");
    // Programs are answered as their document says, and save no more than people.
    let program = async |path: &str, form: Value| {
        panel.office.send(panel.office.program("POST", &format!("/api/v1/{path}")).json(&form)).await
    };
    let added = program("customers", form("customers", "Program", 1399)).await;
    assert_eq!((added.status, &added.json()["package"]), (201, &json!("1")), "{added:?}");
    let refused = program("customers", of(form("customers", "Program", 1398), &other)).await;
    assert_eq!(refusal(&refused), "limit_reached package");
    let refused = program("packages", json!({ "display_name": "D", "code": "d" })).await;
    assert_eq!(refused.refusal(), (409, "limit_reached".into()), "{refused:?}");

    // A limit that is lowered takes nothing away.
    panel.give(json!({ "packages": true })).await;
    assert_eq!(panel.listed(&format!("stages?package={other}"), "name").await, ["Elsewhere"], "UPS-101");
    assert_eq!(panel.listed(&format!("customers?package={other}"), "name").await, ["Elsewhere"], "UPS-101");
    assert_eq!(panel.get("preferences").await["default_package"], json!(other), "UPS-101");
    let here = panel.listed("stages?package=1", "name").await;
    assert_eq!(here, ["Here", "Named", "New"], "STG-4: what was added meanwhile belongs to default");
}

/// UPS-101: agents, calls at once, and what menus hand to outside services; a save beyond is refused, and a lowered limit
/// leaves what there is.
#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_saved_than_is_given() {
    let panel = Panel::new().await;
    panel.office.store.provide(START.wall).unwrap();
    let agents = panel.noun("agents", json!({ "first_name": "A", "web_password": "long enough" }));
    panel.give(json!({ "agents": 2, "max_calls": 30 })).await;
    let first = id(&agents.add(json!({ "agent_number": "801" })).await);
    agents.add(json!({ "agent_number": "802" })).await;
    agents.refuses(&[("UPS-101", json!({ "agent_number": "803" }), "limit_reached agent_number")]).await;
    let several = json!({ "start_agent_number": "811", "count": 2, "web_password": "long enough" });
    let told = panel.ask("POST", "agents/batch", several).await.json();
    let words: Vec<_> = told["refused"].as_array().unwrap().iter().map(|one| one["error"].as_str().unwrap()).collect();
    assert_eq!((&told["added"], words), (&json!(0), vec!["limit_reached"; 2]), "UPS-101: {told}");
    panel.give(json!({ "agents": 1 })).await;
    agents.becomes(&first, &[("UPS-101", json!({ "first_name": "B" }), json!({ "first_name": "B" }))]).await;
    assert_eq!(panel.listed("agents", "agent_number").await, ["801", "802"], "UPS-101: nobody goes");

    let most = async |calls: u32| panel.ask("PATCH", "settings", json!({ "max_calls": calls })).await;
    assert_eq!(refusal(&most(31).await), "limit_reached max_calls");
    assert_eq!(most(30).await.status, 200);
    panel.give(json!({ "max_calls": 10 })).await;
    let renamed = panel.ask("PATCH", "settings", json!({ "name": "Hall" })).await;
    assert_eq!((renamed.status, &renamed.json()["max_calls"]), (200, &json!(30)), "UPS-101");
    let schema = panel.get("schema").await;
    let noun = |schema: &Value, name: &str| {
        schema["resources"].as_array().unwrap().iter().find(|noun| noun["name"] == name).unwrap().clone()
    };
    assert_eq!(noun(&schema, "settings")["schema"]["properties"]["max_calls"]["maximum"], 10, "the form says it");

    let plugin = json!({ "match_plugin": "https://crm.example/" });
    let menus = panel.noun("ivr", json!({ "name": "Menu #" }));
    assert!(!noun(&schema, "ivr").to_string().contains("match_plugin"), "off until it is given");
    menus.refuses(&[("UPS-101", plugin.clone(), "limit_reached match_plugin")]).await;
    panel.give(json!({ "match_plugin": true })).await;
    let menu = id(&menus.add(plugin.clone()).await);
    panel.give(json!({ "match_plugin": false })).await;
    let changed = panel.ask("PATCH", &format!("ivr/{menu}"), json!({ "repeat_count": 3 })).await;
    assert_eq!((changed.status, changed.json().get("match_plugin")), (200, None), "{changed:?}");
    panel.give(json!({ "match_plugin": true })).await;
    assert_eq!(panel.get(&format!("ivr/{menu}")).await["match_plugin"], plugin["match_plugin"], "UPS-101: it stayed");
}

/// UPS-2, UPS-24, UPS-25, UPS-101: who acts as the upstream sets the limits, the office sees them.
#[tokio::test(flavor = "multi_thread")]
async fn the_limits_are_the_upstreams() {
    let panel = Panel::new().await;
    let limits = panel.get("limits").await;
    assert_eq!(
        [&limits["daily_call_limit"], &limits["packages"], &limits["match_plugin"], &limits["local_lines"]],
        [&json!(0), &json!(true), &json!(false), &json!(false)]
    );
    assert_eq!([&limits["agents"], &limits["max_calls"]], [&Value::Null; 2], "beforehand nothing is limited");
    for (field, value, why) in [
        ("daily_call_limit", json!(-1), "out_of_range 0 10000"),
        ("daily_call_limit", json!(10_001), "out_of_range 0 10000"),
        ("agents", json!(0), "out_of_range 1 10000"),
        ("max_calls", json!(10_001), "out_of_range 1 10000"),
        ("packages", json!("yes"), "type"),
    ] {
        let refused = panel.ask("PATCH", "given_limits", json!({ field: value })).await;
        assert_eq!(refusal(&refused), format!("{field} {why}"));
    }
    panel.give(json!({ "daily_call_limit": 50 })).await;
    assert_eq!(panel.get("limits").await["daily_call_limit"], 50);
    panel.office.helper("hana", &["fraud_limit.view", "fraud_limit.edit"]);
    let cookie = panel.office.cookie("hana").await;
    let ask = async |cookie: &str, method: &str, path: &str| {
        panel.office.ask(cookie, method, path, json!({ "agents": 9 })).await
    };
    assert_eq!(ask(&cookie, "GET", "/panel/limits").await.json()["daily_call_limit"], 50);
    for who in [&cookie, &panel.cookie] {
        let own = ask(who, "PATCH", "/panel/limits").await;
        assert_eq!(own.refusal(), (403, "upstream_owned".into()), "UPS-25");
    }
    for method in ["GET", "PATCH"] {
        assert_eq!(ask(&cookie, method, "/panel/given_limits").await.refusal(), (403, "forbidden".into()), "{method}");
    }
    let schema = panel.office.ask(&cookie, "GET", "/panel/schema", Value::Null).await.json();
    let limits = schema["resources"].as_array().unwrap().iter().find(|noun| noun["name"] == "limit").unwrap();
    assert_eq!((&limits["path"], &limits["may"]), (&json!("limits"), &json!([])), "the office reads it");
}
