//! What the upstream gives, and who sets it on a box that has none (upstream.md, numbers-and-media.md, trunks.md).

use super::{super::refused, Panel, id, refusal};
use serde_json::{Value, json};

/// UPS-2, UPS-3, DID-1, DID-2, DID-5, DID-7..13, DID-19, DID-15, DID-28, DID-34, DID-35
#[tokio::test(flavor = "multi_thread")]
async fn dids() {
    let panel = Panel::new().await;
    let (dids, given) = (panel.noun("dids", json!({})), panel.noun("given_dids", json!({ "number": "8610880#" })));
    dids.is(&[
        ("DID-2", "may", "edit batch_edit export"),
        ("DID-9", "tabs", "general advanced"),
        (
            "DID-13, DID-15",
            "general",
            "number name group package destination caller_number_prefix caller_name_prefix status region \
             calls_this_month minutes_this_month last_used_at",
        ),
        ("DID-34, DID-35", "advanced", "country remark"),
        ("DID-4", "columns", "number name group destination caller_name_prefix caller_number_prefix country region"),
        ("DID-8", "batch", "name group package destination caller_number_prefix caller_name_prefix remark"),
    ])
    .await;
    given
        .is(&[
            ("UPS-2", "may", "add edit delete"),
            ("UPS-2", "general", "number status"),
            ("UPS-2", "advanced", "country"),
        ])
        .await;
    for (method, path) in [("POST", "dids"), ("DELETE", "dids/1")] {
        let refused = panel.ask(method, path, json!({ "number": "86108800" })).await;
        assert_eq!(refused.refusal(), (403, "upstream_owned".into()), "DID-2, UPS-3");
    }
    let several = panel.ask("POST", "given_dids", json!({ "number": "861088001 861088002,861088003" })).await.json();
    assert_eq!(several["added"], 3, "DID-12: {several}");
    given
        .refuses(&[
            ("DID-11", json!({ "number": "" }), "number required"),
            ("DID-11", json!({ "number": "86a" }), "number pattern"),
            ("DID-11", json!({ "number": "861088001" }), "name_taken number"),
            ("DID-12", json!({ "number": "861088009 861088001" }), "name_taken number"),
            ("UPS-24", json!({ "name": "Sales" }), "forbidden name"),
            ("UPS-24", json!({ "remark": "x" }), "forbidden remark"),
        ])
        .await;
    let did = id(&given.add(json!({ "country": "jp" })).await);
    dids.keeps(
        &did,
        &[
            ("DID-11", json!({ "number": "86" }), "upstream_owned number"),
            ("DID-28", json!({ "status": "disabled" }), "upstream_owned status"),
            ("DID-34", json!({ "country": "cn" }), "upstream_owned country"),
            ("DID-32", json!({ "region": "Beijing" }), "region read_only"),
            ("DID-13", json!({ "name": "x".repeat(65) }), "name too_long 64"),
            ("DID-15", json!({ "group": "x".repeat(65) }), "group too_long 64"),
            ("prefix", json!({ "caller_number_prefix": "12345678901" }), "caller_number_prefix too_long 10"),
            ("prefix", json!({ "caller_name_prefix": "x".repeat(21) }), "caller_name_prefix too_long 20"),
            ("DID-8", json!({ "package": "99" }), "package not_there"),
        ],
    )
    .await;
    let own = json!({
        "name": "Sales", "group": "north", "destination": { "type": "hang_up" }, "caller_number_prefix": "+9*#",
        "caller_name_prefix": "Sales", "remark": "main line",
    });
    dids.becomes(&did, &[("DID-8, DID-13, DID-15, DID-35", own.clone(), own)]).await;
    given
        .becomes(
            &did,
            &[(
                "DID-28, UPS-26",
                json!({ "status": "disabled" }),
                json!({ "status": "disabled", "destination": { "type": "hang_up" } }),
            )],
        )
        .await;
    assert_eq!(panel.get(&format!("dids/{did}")).await["country"], "JP", "DID-34");
    let at = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    let first = panel.get(&format!("dids/{did}")).await;
    panel.office.pass(60);
    dids.becomes(&did, &[("DID-5", json!({ "remark": "second line" }), json!({ "remark": "second line" }))]).await;
    let second = panel.get(&format!("dids/{did}")).await;
    assert!(at(&second, "updated_at") > at(&first, "updated_at"), "DID-5");
    assert_eq!(at(&second, "created_at"), at(&first, "created_at"), "DID-5");
    destinations(&panel, &dids, &did).await;
    granted(&panel, &did).await;
    let both = json!({ "ids": [did], "value": { "group": "south" } });
    assert_eq!(panel.ask("PATCH", "dids", both).await.json()["changed"], 1, "DID-6");
    let number = json!({ "ids": [did], "value": { "number": "86" } });
    assert_eq!(refusal(&panel.ask("PATCH", "dids", number).await), "number unknown", "DID-6");
    assert_eq!(panel.ask("DELETE", &format!("given_dids/{did}"), Value::Null).await.status, 204, "UPS-2");
}

/// Each place to which a call can be sent (DID-19).
async fn destinations(panel: &Panel, dids: &super::Noun<'_>, did: &str) {
    let voice = panel.office.sound("Hello", "voice");
    let agent = json!({ "agent_number": "801", "first_name": "A", "web_password": "long enough" });
    let group = json!({ "name": "Sales", "group_number": "600" });
    for (of, target) in [
        ("ivr", panel.add("ivr", json!({ "name": "Menu" })).await),
        ("ring_group", panel.add("ring_groups", json!({ "name": "Ring", "numbers": ["801"] })).await),
        ("condition", panel.add("conditions", json!({ "name": "Hours", "type": "weekly" })).await),
        ("playlist", panel.add("playlists", json!({ "name": "List", "media": [voice] })).await),
        ("agent", panel.add("agents", agent).await),
        ("agent_group", panel.add("agent_groups", group).await),
        ("outside_number", "13800001111".into()),
    ] {
        let one = json!({ "destination": { "type": of, "target": target } });
        dids.becomes(did, &[("DID-19", one.clone(), one)]).await;
    }
    for one in [json!({ "destination": null }), json!({ "destination": { "type": "hang_up" } })] {
        dids.becomes(did, &[("DID-19", one.clone(), one)]).await;
    }
    dids.keeps(did, &[("DID-19", json!({ "destination": { "type": "hold_music" } }), "destination choice")]).await;
}

/// Seeing, editing, editing many and exporting are granted one by one (DID-1, DID-7).
async fn granted(panel: &Panel, did: &str) {
    let (role, _) = panel.office.helper("didi", &[]);
    let cookie = panel.office.cookie("didi").await;
    let ask = async |method: &str, path: &str, body: Value| {
        panel.office.ask(&cookie, method, &format!("/panel/{path}"), body).await
    };
    for granted in ["", "view", "edit", "batch_edit", "export"] {
        let mut rights = vec!["did.view".to_owned()];
        rights.extend((granted != "view").then(|| format!("did.{granted}")));
        let rights = if granted.is_empty() { json!([]) } else { json!(rights) };
        panel.office.set("role", &role, json!({ "permissions": rights }));
        let seen = ask("GET", "dids", Value::Null).await.status;
        assert_eq!(seen, if granted.is_empty() { 403 } else { 200 }, "DID-1: {granted}");
        let several = json!({ "ids": [did], "value": { "group": "west" } });
        let export = json!({ "ids": [did], "language": "en", "columns": ["number", "name"] });
        for (action, method, path, body, done) in [
            ("edit", "PATCH", format!("dids/{did}"), json!({ "name": "Main" }), 200),
            ("batch_edit", "PATCH", "dids".into(), several, 200),
            ("export", "POST", "dids/export".into(), export, 202),
        ] {
            let found = ask(method, &path, body).await.status;
            assert_eq!(found, if action == granted { done } else { 403 }, "DID-1, DID-7: {action} with {granted}");
        }
    }
}

/// CID-1, CID-3..9: read on the tenant's page, and taken out of every setting when it is taken back.
#[tokio::test(flavor = "multi_thread")]
async fn caller_ids() {
    let panel = Panel::new().await;
    let (numbers, given) =
        (panel.noun("caller_ids", json!({})), panel.noun("given_caller_ids", json!({ "number": "8610880#" })));
    numbers
        .is(&[
            ("CID-3", "search", "number"),
            ("CID-5", "may", ""),
            ("CID-7, CID-8, CID-9", "general", "number provider"),
        ])
        .await;
    numbers.hides_columns("CID-4", "number provider").await;
    given.is(&[("CID-6, UPS-2", "may", "add edit delete")]).await;
    given.is_found_by("CID-3", json!({ "number": "4930123456", "provider": "Telekom" }), &["number"]).await;
    for (method, path) in [("POST", "caller_ids"), ("PATCH", "caller_ids/1"), ("DELETE", "caller_ids/1")] {
        let refused = panel.ask(method, path, json!({ "number": "86108800" })).await;
        assert_eq!(refused.refusal(), (403, "upstream_owned".into()), "CID-5: {method}");
    }
    let one = given.add(json!({ "number": "861088009999", "provider": "Unicom" })).await;
    let shown = panel.get(&format!("caller_ids/{}", id(&one))).await;
    assert_eq!((&shown["number"], &shown["provider"]), (&json!("861088009999"), &json!("Unicom")), "CID-5, CID-9");
    let agent =
        json!({ "agent_number": "801", "first_name": "A", "web_password": "long enough", "caller_ids": [id(&one)] });
    let agent = panel.add("agents", agent).await;
    panel.ask("PATCH", "preferences", json!({ "caller_ids": [id(&one)] })).await;
    assert_eq!(panel.ask("DELETE", &format!("given_caller_ids/{}", id(&one)), Value::Null).await.status, 204);
    assert_eq!(panel.get(&format!("agents/{agent}")).await["caller_ids"], json!([]), "CID reading");
    assert_eq!(panel.get("preferences").await["caller_ids"], json!([]), "CID reading");

    panel.office.helper("hana", &[]);
    let cookie = panel.office.cookie("hana").await;
    assert_eq!(panel.office.ask(&cookie, "GET", "/panel/caller_ids", Value::Null).await.status, 403, "CID-1");
}

/// TRK-1, TRK-3, TRK-6, OUT-1, LOC-1..3, UPS-2: lines are set by who acts as the upstream, and by nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn lines() {
    let panel = Panel::new().await;
    let trunk = json!({ "name": "Carrier #", "kind": "peer", "host": "sip.carrier.example" });
    let trunks = panel.noun("given_trunks", trunk);
    trunks.is(&[("TRK-3", "search", "name host"), ("UPS-2", "may", "add edit delete")]).await;
    trunks.is_found_by("TRK-3", json!({ "name": "Telekom", "host": "voip.example.org" }), &["name", "host"]).await;
    let held = id(&trunks.add(json!({ "name": "Held" })).await);
    trunks
        .refuses(&[
            ("TRK-6", json!({ "name": "" }), "name required"),
            ("TRK-6", json!({ "name": "x".repeat(65) }), "name too_long 64"),
            ("TRK-6", json!({ "name": "held" }), "name_taken name"),
            ("kind", json!({ "kind": "gateway" }), "kind choice"),
            ("max_calls", json!({ "max_calls": 0 }), "max_calls out_of_range 1 500"),
            ("max_calls", json!({ "max_calls": 501 }), "max_calls out_of_range 1 500"),
        ])
        .await;
    trunks.takes(&[("max_calls", json!({}), json!({ "max_calls": 30, "status": "enabled" }))]).await;
    let rule = json!([{ "prefix": "9", "trunks": [held] }]);
    let profiles = panel.noun("given_outbound_profiles", json!({ "name": "Profile #" }));
    let profile = id(&profiles.add(json!({ "rules": rule, "system_default": true })).await);
    let second = id(&profiles.add(json!({ "system_default": true })).await);
    assert_eq!(panel.get(&format!("outbound_profiles/{profile}")).await["system_default"], false, "one at most");
    let kept = panel.ask("DELETE", &format!("given_trunks/{held}"), Value::Null).await;
    assert_eq!(kept.refusal(), (409, "in_use".into()), "a rule names it");
    assert_eq!(panel.ask("DELETE", &format!("given_outbound_profiles/{second}"), Value::Null).await.status, 204);
    let regions = panel.noun("given_regions", json!({}));
    regions.is(&[("LOC-3", "search", "code name"), ("LOC-3", "columns", "code name country")]).await;
    regions.is(&[("LOC-4", "may", "import")]).await;
    let typed = panel.ask("POST", "given_regions", json!({ "code": "8610", "name": "Beijing", "country": "cn" })).await;
    assert_eq!(typed.refusal(), (403, "forbidden".into()), "LOC-4: they come out of files alone");
    let region = "8610".to_owned();

    let looks = ["trunk.view", "outbound_profile.view", "region.view", "did.view", "caller_id.view"];
    panel.office.helper("hana", &looks);
    let cookie = panel.office.cookie("hana").await;
    let ask = async |method: &str, path: String, body: Value| {
        panel.office.ask(&cookie, method, &format!("/panel/{path}"), body).await
    };
    for (row, path, id) in
        [("TRK-1", "trunks", &held), ("OUT-1", "outbound_profiles", &profile), ("LOC-1", "regions", &region)]
    {
        assert_eq!(ask("GET", format!("{path}/{id}"), Value::Null).await.status, 200, "{row}");
        for (method, to) in
            [("POST", path.to_string()), ("PATCH", format!("{path}/{id}")), ("DELETE", format!("{path}/{id}"))]
        {
            let refused = ask(method, to, json!({ "name": "Mine" })).await;
            assert_eq!(refused.refusal(), (403, "upstream_owned".into()), "{row}: {method}");
        }
        for (method, to) in [
            ("GET", format!("given_{path}")),
            ("POST", format!("given_{path}")),
            ("DELETE", format!("given_{path}/{id}")),
        ] {
            assert_eq!(
                ask(method, to, json!({ "name": "Mine" })).await.refusal(),
                (403, "forbidden".into()),
                "UPS-2: {method}"
            );
        }
    }
    let shown = ask("GET", format!("trunks/{held}"), Value::Null).await.json();
    assert_eq!(shown["name"], "Held");
    assert_eq!(panel.ask("GET", "given_tags", Value::Null).await.status, 404);
    for (page, status) in [("/given_trunks", 200), ("/given_phone_templates?open=new", 200), ("/given_tags", 404)] {
        assert_eq!(panel.office.send(panel.office.page("GET", page)).await.status, status, "the page {page}");
    }
    assert_eq!(panel.ask("POST", "given_tags", json!({ "name": "x" })).await.status, 404);
}

/// UPS-2: of the one record of a noun, too, the operator's part is set by who acts as the operator, and by nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_of_a_single_record() {
    let panel = Panel::new().await;
    let limit = |n: u32| json!({ "upstream_agent_attempts_minute": n });
    let set = panel.ask("PATCH", "given_fraud_limits", limit(50)).await;
    assert_eq!((set.status, &set.json()["upstream_agent_attempts_minute"]), (200, &json!(50)), "{set:?}");
    for path in ["given_fraud_limits", "fraud_limits"] {
        assert_eq!(panel.get(path).await["upstream_agent_attempts_minute"], 50, "{path}");
    }
    let own = panel.ask("PATCH", "fraud_limits", limit(9)).await;
    assert_eq!(refusal(&own), "upstream_owned upstream_agent_attempts_minute");
    let own = panel.ask("PATCH", "given_fraud_limits", json!({ "allowed_countries": ["JP"] })).await;
    assert_eq!(refusal(&own), "forbidden allowed_countries");
    panel.office.helper("hana", &["fraud_limit.view", "fraud_limit.edit"]);
    let cookie = panel.office.cookie("hana").await;
    for method in ["GET", "PATCH"] {
        let asked = panel.office.ask(&cookie, method, "/panel/given_fraud_limits", limit(9)).await;
        assert_eq!(asked.refusal(), refused(403, "forbidden"), "{method}");
    }
    // OUT-51: the upstream sets each limit, and the office sees it and sets its own.
    let most = json!({ "upstream_agent_concurrent": 2, "upstream_allowed_classes": ["local"] });
    assert_eq!(panel.ask("PATCH", "given_fraud_limits", most).await.status, 200);
    let refused = panel.ask("PATCH", "fraud_limits", json!({ "upstream_agent_concurrent": 9 })).await;
    assert_eq!(refusal(&refused), "upstream_owned upstream_agent_concurrent");
    assert_eq!(panel.ask("PATCH", "fraud_limits", json!({ "agent_concurrent": 7 })).await.status, 200);
    let both = panel.get("fraud_limits").await;
    assert_eq!((&both["agent_concurrent"], &both["upstream_agent_concurrent"]), (&json!(7), &json!(2)));
    let schema = panel.get("schema").await;
    let page = |path: &str| schema["resources"].as_array().unwrap().iter().find(|one| one["path"] == path).cloned();
    assert_eq!(page("given_fraud_limits").unwrap()["may"], json!(["edit"]));
    assert!(page("fraud_limits").is_some(), "who acts as the upstream sets the office's own as well");
    assert!(page("trunks").is_none(), "what is given as a whole stands there once");
}
