//! Lines as they are set: trunks, profiles, limits against fraud (trunks.md). What calls do with them stands elsewhere.

use super::{Panel, id, refusal};
use serde_json::{Value, json};

/// Both ends of a range are taken, what lies beyond them is refused.
async fn range(noun: &super::Noun<'_>, row: &str, field: &str, low: i64, high: i64) {
    let why = format!("{field} out_of_range {low} {high}");
    noun.refuses(&[(row, json!({ field: low - 1 }), &why), (row, json!({ field: high + 1 }), &why)]).await;
    let ends = [low, high].map(|end| json!({ field: end }));
    noun.takes(&[(row, ends[0].clone(), ends[0].clone()), (row, ends[1].clone(), ends[1].clone())]).await;
}

/// TRK-2, TRK-8, TRK-10..12, TRK-16, TRK-17, OUT-61
#[tokio::test(flavor = "multi_thread")]
async fn trunks() {
    let panel = Panel::new().await;
    let trunks = panel.noun("given_trunks", json!({ "name": "Carrier #", "kind": "peer", "host": "sip.example.com" }));
    for (row, field, low, high) in [
        ("TRK-10", "port", 0, 65_535),
        ("TRK-17", "max_calls", 1, 500),
        ("ranges", "connect_timeout", 1, 32),
        ("ranges", "keep_alive_seconds", 0, 600),
        ("ranges", "expires", 60, 7_200),
        ("ranges", "rtp_timeout", 0, 600),
        ("ranges", "max_call_minutes", 1, 1_440),
        ("ranges", "reserved_calls", 0, 100),
        ("OUT-61", "minutes_day", 0, 100_000),
    ] {
        range(&trunks, row, field, low, high).await;
    }
    let many: Vec<_> = (0..65).map(|n| format!("192.0.2.{n}")).collect();
    trunks
        .refuses(&[
            ("TRK-8", json!({ "kind": null }), "kind required"),
            ("TRK-8", json!({ "kind": "gateway" }), "kind choice"),
            ("TRK-11", json!({ "transport": "sctp" }), "transport choice"),
            ("TRK-12", json!({ "kind": "register" }), "username required"),
            ("TRK-12", json!({ "username": "x".repeat(65) }), "username too_long 64"),
            ("TRK-12", json!({ "auth_username": "x".repeat(65) }), "auth_username too_long 64"),
            ("password", json!({ "password": "x".repeat(129) }), "password too_long 128"),
            ("domain", json!({ "domain": "a b" }), "domain pattern"),
            ("outbound_proxy", json!({ "outbound_proxy": "sip:proxy" }), "outbound_proxy pattern"),
            ("outbound_proxy", json!({ "outbound_proxy": "proxy.example.com:0" }), "outbound_proxy pattern"),
            ("outbound_proxy", json!({ "outbound_proxy": "proxy.example.com:99999" }), "outbound_proxy pattern"),
            ("outbound_proxy", json!({ "outbound_proxy": "proxy example" }), "outbound_proxy pattern"),
            ("TRK-16", json!({ "allowed_sources": ["10.0.0.0/15"] }), "allowed_sources pattern"),
            ("TRK-16", json!({ "allowed_sources": ["2001:db8::/31"] }), "allowed_sources pattern"),
            ("TRK-16", json!({ "allowed_sources": ["carrier"] }), "allowed_sources pattern"),
            ("TRK-16", json!({ "allowed_sources": many }), "allowed_sources too_many 64"),
            ("srtp", json!({ "srtp": "required" }), "srtp choice"),
            ("srtp", json!({ "srtp": "optional", "transport": "tcp" }), "srtp choice"),
            ("did_source", json!({ "did_source": "header" }), "did_header required"),
            ("did_source", json!({ "did_source": "from" }), "did_source choice"),
            ("caller_source", json!({ "caller_source": "to" }), "caller_source choice"),
            ("number_format", json!({ "number_format": "national" }), "number_format choice"),
            ("codecs", json!({ "codecs": [] }), "codecs required"),
            ("codecs", json!({ "codecs": ["pcma", "pcma"] }), "codecs repeated"),
            ("codecs", json!({ "codecs": ["g729"] }), "codecs choice"),
            ("dtmf", json!({ "dtmf": "smoke" }), "dtmf choice"),
            ("caller_ids", json!({ "caller_ids": ["861088001", "861088001"] }), "caller_ids repeated"),
        ])
        .await;
    let usual = json!({
        "status": "enabled", "port": 0, "transport": "udp", "username": "", "auth_username": "", "password": null,
        "max_calls": 30, "domain": null, "outbound_proxy": "", "allowed_sources": [], "connect_timeout": 4,
        "keep_alive_seconds": 30, "expires": 600, "tls_verify": true, "srtp": "off", "inbound_auth": false,
        "did_source": "auto", "caller_source": "auto", "number_format": "as_is", "caller_header": "from",
        "from_user": "caller_id", "privacy": "none", "caller_ids": [], "codecs": ["pcma", "pcmu"], "dtmf": "rfc4733",
        "rtp_timeout": 120, "max_call_minutes": 240, "reserved_calls": 1, "minutes_day": 0,
    });
    let whole = json!({
        "kind": "register", "username": "x".repeat(64), "auth_username": "auth", "transport": "tls", "srtp": "required",
        "allowed_sources": ["10.0.0.0/16", "2001:db8::/32", "192.0.2.7"], "codecs": ["g722", "pcmu"],
        "outbound_proxy": "[2001:db8::7]:5060", "domain": "example.com", "did_source": "header", "did_header": "X-DID",
    });
    trunks.takes(&[("TRK-10, TRK-11, TRK-17, OUT-61", json!({}), usual)]).await;
    trunks.takes(&[("TRK-8, TRK-11, TRK-12, TRK-16", whole.clone(), whole)]).await;
    for way in ["proxy", "proxy.example.com:5070", "192.0.2.7", "2001:db8::7"] {
        let one = json!({ "outbound_proxy": way });
        trunks.takes(&[("outbound_proxy", one.clone(), one)]).await;
    }

    let secret = "not-for-anybody";
    let trunk = id(&trunks.add(json!({ "kind": "register", "username": "u", "password": secret })).await);
    panel.office.helper("hana", &["trunk.view"]);
    let cookie = panel.office.cookie("hana").await;
    let ask = async |path: &str| panel.office.ask(&cookie, "GET", &format!("/panel/{path}"), Value::Null).await;
    let list = ask("trunks").await;
    let (one, past) = (ask(&format!("trunks/{trunk}")).await, ask(&format!("trunks/{trunk}/history")).await);
    assert_eq!(one.json()["password"], "***", "TRK-2: only whether there is one");
    let fields = callbox::model::resource("trunk").unwrap().fields();
    for (field, _) in fields.filter(|(field, _)| *field != "password") {
        assert!(one.json().as_object().unwrap().contains_key(field), "TRK-2: {field}");
    }
    for answer in [list, one, past] {
        assert_eq!(answer.status, 200, "TRK-2");
        assert!(!String::from_utf8(answer.body).unwrap().contains(secret), "TRK-2");
    }
    panel.office.helper("otto", &[]);
    let cookie = panel.office.cookie("otto").await;
    assert_eq!(panel.office.ask(&cookie, "GET", "/panel/trunks", Value::Null).await.status, 403, "TRK-2");
}

/// OUT-3..6, OUT-9, OUT-11, OUT-13..17, INR-26
#[tokio::test(flavor = "multi_thread")]
async fn outbound_profiles() {
    let panel = Panel::new().await;
    panel.office.store.provide(super::super::START.wall).unwrap();
    let trunk = json!({ "name": "Carrier #", "kind": "peer", "host": "sip.example.com" });
    let trunks = panel.noun("given_trunks", trunk);
    let mut lines = Vec::new();
    for _ in 0..11 {
        lines.push(id(&trunks.add(json!({})).await));
    }
    let hours = panel.add("conditions", json!({ "name": "Hours", "type": "weekly" })).await;
    let profiles = panel.noun("given_outbound_profiles", json!({ "name": "Profile #" }));
    profiles.is_found_by("OUT-2 search", json!({ "name": "Wholesale" }), &["name"]).await;
    profiles.hides_columns("counts", "name system_default rules agents_count departments_count campaigns_count").await;
    profiles.add(json!({ "name": "Held" })).await;
    let one = &lines[0];
    let rules = |rule: Value| json!({ "rules": [rule] });
    let with = |field: &str, value: Value| rules(json!({ "trunks": [one], field: value }));
    profiles
        .refuses(&[
            ("OUT-3", json!({ "name": "" }), "name required"),
            ("OUT-3", json!({ "name": "x".repeat(65) }), "name too_long 64"),
            ("OUT-3", json!({ "name": "HELD" }), "name_taken name"),
            ("OUT-5", json!({ "rules": vec![json!({ "action": "deny" }); 201] }), "rules too_many 200"),
            ("OUT-9", with("length_min", json!(0)), "rules.0.length_min out_of_range 1 32"),
            ("OUT-9", with("length_max", json!(33)), "rules.0.length_max out_of_range 1 32"),
            ("OUT-11", with("number_classes", json!(["cheap"])), "rules.0.number_classes choice"),
            ("regex", with("regex", json!("(")), "rules.0.regex pattern"),
            ("condition", with("condition", json!("99")), "rules not_there"),
            ("OUT-13", with("action", json!("ask")), "rules.0.action choice"),
            ("OUT-14", rules(json!({})), "rules.0.trunks required"),
            ("OUT-14", rules(json!({ "action": "deny", "trunks": [one] })), "rules.0.trunks choice"),
            ("OUT-14", rules(json!({ "trunks": [one, one] })), "rules.0.trunks repeated"),
            ("OUT-14", rules(json!({ "trunks": lines })), "rules.0.trunks too_many 10"),
            ("OUT-14", rules(json!({ "trunks": ["999"] })), "rules not_there"),
            ("OUT-16", with("remove_prefix", json!("1".repeat(21))), "rules.0.remove_prefix too_long 20"),
            ("OUT-16", with("add_prefix", json!("9a")), "rules.0.add_prefix pattern"),
            ("OUT-16", with("replacement_number", json!("1".repeat(33))), "rules.0.replacement_number too_long 32"),
            (
                "OUT-17, INR-26",
                rules(json!({ "trunks": [one], "prefix": "9", "replacement_number": "881005" })),
                "rules.0.replacement_number pattern",
            ),
            (
                "OUT-17, INR-26",
                rules(json!({ "trunks": [one], "length_min": 7, "replacement_number": "881005" })),
                "rules.0.replacement_number pattern",
            ),
        ])
        .await;
    let rule = id(&profiles.add(rules(json!({ "trunks": [lines[1], lines[0]] }))).await);
    let shown = panel.get(&format!("given_outbound_profiles/{rule}")).await["rules"][0].clone();
    for (row, field, value) in [
        ("OUT-15", "enabled", json!(true)),
        ("OUT-13", "action", json!("allow")),
        ("OUT-14", "trunks", json!([lines[1], lines[0]])),
        ("OUT-9", "length_min", Value::Null),
        ("OUT-11", "number_classes", json!([])),
    ] {
        assert_eq!(shown[field], value, "{row}: {field}");
    }
    let whole = json!({
        "enabled": false, "prefix": "88", "length_min": 6, "length_max": 6, "number_classes": ["local", "mobile"],
        "condition": hours, "trunks": lines[..10], "remove_prefix": "8", "add_prefix": "9", "replacement_number": "881005",
    });
    let ordered = json!({ "rules": [whole, { "action": "deny", "prefix": "1" }, { "action": "deny", "prefix": "2" }] });
    let row = id(&profiles.add(ordered.clone()).await);
    let kept = panel.get(&format!("given_outbound_profiles/{row}")).await["rules"].clone();
    for (field, value) in whole.as_object().unwrap() {
        assert_eq!(kept[0][field], *value, "OUT-9, OUT-11, OUT-15, OUT-16, OUT-17: {field}");
    }
    let turned = json!({ "rules": [kept[2], kept[0], kept[1]] });
    profiles.becomes(&row, &[("OUT-5", turned.clone(), turned)]).await;
    let first = id(&profiles.add(json!({ "system_default": true })).await);
    profiles.becomes(&row, &[("OUT-4", json!({ "system_default": true }), json!({ "system_default": true }))]).await;
    assert_eq!(panel.get(&format!("given_outbound_profiles/{first}")).await["system_default"], false, "OUT-4");

    let group = panel.add("agent_groups", json!({ "name": "Sales", "group_number": "600" })).await;
    let agent =
        json!({ "agent_number": "801", "first_name": "A", "web_password": "long enough", "outbound_profile": row });
    let department = json!({ "name": "North", "outbound_profile": row });
    let campaign = json!({ "name": "Spring", "agent_group": group, "package": "1", "outbound_profile": row });
    panel.add("agents", agent).await;
    panel.add("departments", department).await;
    panel.add("campaigns", campaign).await;
    panel.ask("PATCH", "preferences", json!({ "default_outbound_profile": row })).await;
    let used = panel.ask("DELETE", &format!("given_outbound_profiles/{row}"), Value::Null).await;
    assert_eq!(refusal(&used), "in_use", "OUT-6");
    let users: Vec<_> = used.json()["users"].as_array().unwrap().iter().map(|user| user["noun"].clone()).collect();
    for noun in ["agent", "department", "campaign", "preferences"] {
        assert!(users.contains(&json!(noun)), "OUT-6: {noun} in {users:?}");
    }
    let counted = panel.get(&format!("outbound_profiles/{row}")).await;
    for count in ["agents_count", "departments_count", "campaigns_count"] {
        assert_eq!(counted[count], 1, "{count}");
    }
}

/// OUT-53..59
#[tokio::test(flavor = "multi_thread")]
async fn fraud_limits() {
    let panel = Panel::new().await;
    let limits = panel.noun("fraud_limits", json!({}));
    let ranges = [
        ("OUT-54", "agent_concurrent", 1, 10, 3),
        ("OUT-55", "agent_minutes_day", 0, 1_440, 720),
        ("OUT-56", "agent_attempts_minute", 1, 60, 12),
        ("OUT-57", "dear_agent_minutes_day", 0, 1_440, 30),
        ("OUT-58", "dear_minutes_day", 0, 100_000, 120),
        ("OUT-59", "dear_concurrent", 1, 50, 2),
        ("dear_call_minutes", "dear_call_minutes", 1, 240, 60),
        ("forward_concurrent", "forward_concurrent", 1, 100, 10),
    ];
    let before = panel.get("fraud_limits").await;
    assert_eq!(before["allowed_countries"], json!([]), "OUT-53");
    for (row, field, low, high, usual) in ranges {
        assert_eq!(before[field], usual, "{row}");
        let why = format!("{field} out_of_range {low} {high}");
        let refused = [(row, json!({ field: low - 1 }), &*why), (row, json!({ field: high + 1 }), &*why)];
        limits.is_set(&refused, &[]).await;
        let ends = [low, high].map(|end| (row, json!({ field: end }), json!({ field: end })));
        limits.is_set(&[], &ends).await;
    }
    let countries = json!({ "allowed_countries": ["JP", "GB"] });
    limits
        .is_set(
            &[
                ("OUT-53", json!({ "allowed_countries": ["ZZ"] }), "allowed_countries pattern"),
                ("OUT-53", json!({ "allowed_countries": ["JP", "JP"] }), "allowed_countries repeated"),
            ],
            &[("OUT-53", countries.clone(), countries)],
        )
        .await;
}

/// OUT-49: no number of the office, no slot and no code comes to be an emergency number of the country; one that was
/// there before the country was changed stays.
#[tokio::test(flavor = "multi_thread")]
async fn no_number_of_the_office_calls_for_help() {
    let panel = Panel::new().await;
    let agent = |number: &str| json!({ "agent_number": number, "first_name": "A", "web_password": "long enough" });
    let group = |number: &str| json!({ "name": format!("G{number}"), "group_number": number });
    let ring = |number: &str| json!({ "name": format!("R{number}"), "numbers": ["801"], "internal_number": number });
    for (path, form, why) in [
        ("agents", agent("110"), "number_taken agent_number"),
        ("agent_groups", group("119"), "number_taken group_number"),
        ("ring_groups", ring("120"), "number_taken internal_number"),
        ("agents", agent("911"), "taken: 201"),
        ("ring_groups", ring("999"), "taken: 201"),
    ] {
        assert_eq!(refusal(&panel.ask("POST", path, form.clone()).await), why, "{path} {form}");
    }
    for (park, why) in [("122", "number_taken park"), ("105", "number_taken park"), ("123", "taken: 200")] {
        assert_eq!(refusal(&panel.ask("PATCH", "feature_codes", json!({ "park": park })).await), why, "{park}");
    }
    panel.ask("PATCH", "feature_codes", json!({ "park": "895" })).await;
    panel.ask("PATCH", "preferences", json!({ "country": "US" })).await;
    let other = panel.ask("PATCH", "feature_codes", json!({ "dnd": "*79" })).await;
    assert_eq!(refusal(&other), "taken: 200", "slots that are overruled keep no other code from being set");
    let there = panel.get("agents?search=911").await["items"][0].clone();
    let renamed = panel.ask("PATCH", &format!("agents/{}", id(&there)), json!({ "first_name": "B" })).await;
    assert_eq!(refusal(&renamed), "taken: 200", "what is there can be edited");
    let ring = panel.get("ring_groups?search=999").await["items"][0].clone();
    let schema = panel.get("schema").await;
    assert!(schema["emergency_numbers"].as_array().unwrap().contains(&json!("911")), "the form says what is overruled");
    let agents = schema["resources"].as_array().unwrap().iter().find(|noun| noun["name"] == "agent").unwrap();
    let dialed = json!({ "rule": "dialed", "field": "agent_number", "after": 0 });
    assert!(agents["rules"].as_array().unwrap().contains(&dialed));
    let moved = panel.ask("PATCH", &format!("ring_groups/{}", id(&ring)), json!({ "internal_number": "911" })).await;
    assert_eq!(refusal(&moved), "number_taken internal_number");
    assert_eq!(refusal(&panel.ask("POST", "agents", agent("110")).await), "taken: 201", "in another country");
}

/// OUT-36, OUT-1: the upstream gives one plan for a country; the office sees it with the profiles.
#[tokio::test(flavor = "multi_thread")]
async fn numbering_plans() {
    let panel = Panel::new().await;
    let line = json!({ "prefix": "13", "length_min": 11, "length_max": 11, "number_class": "mobile" });
    let plan = json!({ "country": "VN", "international_prefix": "00", "trunk_prefix": "0", "rules": [line] });
    let id = panel.add("given_numbering_plans", plan.clone()).await;
    let again = panel.ask("POST", "given_numbering_plans", plan).await;
    assert_eq!((again.status, &again.json()["error"]), (409, &json!("name_taken")), "{again:?}");
    let path = format!("given_numbering_plans/{id}");
    let turned = json!({ "rules": [{ "prefix": "1", "length_min": 9, "length_max": 8, "number_class": "local" }] });
    assert_eq!(refusal(&panel.ask("PATCH", &path, turned).await), "rules pattern");
    panel.office.helper("hana", &["outbound_profile.view"]);
    let cookie = panel.office.cookie("hana").await;
    let seen = panel.office.ask(&cookie, "GET", &format!("/panel/numbering_plans/{id}"), Value::Null).await;
    assert_eq!((seen.status, &seen.json()["country"]), (200, &json!("VN")), "{seen:?}");
    let refused = panel.office.ask(&cookie, "DELETE", &format!("/panel/numbering_plans/{id}"), Value::Null).await;
    assert_eq!(refused.status, 403, "{refused:?}");
}

/// UPS-102: the upstream gives a country's holidays, one a date; the office sees them with the number locations.
#[tokio::test(flavor = "multi_thread")]
async fn holidays() {
    let panel = Panel::new().await;
    let day = json!({ "date": "2026-10-01", "name": "National Day", "country": "CN" });
    let id = panel.add("given_holidays", day.clone()).await;
    let again = panel.ask("POST", "given_holidays", day).await;
    assert_eq!((again.status, &again.json()["error"]), (409, &json!("name_taken")), "{again:?}");
    panel.add("given_holidays", json!({ "date": "2026-10-01", "name": "Nigeria's day", "country": "NG" })).await;
    for date in ["2026-02-30", "2026/10/01"] {
        let wrong = panel.ask("PATCH", &format!("given_holidays/{id}"), json!({ "date": date })).await;
        assert_eq!(refusal(&wrong), "date pattern", "{date}");
    }
    panel.office.helper("hana", &["region.view"]);
    let cookie = panel.office.cookie("hana").await;
    let seen = panel.office.ask(&cookie, "GET", &format!("/panel/holidays/{id}"), Value::Null).await;
    assert_eq!((seen.status, &seen.json()["name"]), (200, &json!("National Day")), "{seen:?}");
    let refused = panel.office.ask(&cookie, "DELETE", &format!("/panel/holidays/{id}"), Value::Null).await;
    assert_eq!(refused.status, 403, "{refused:?}");
}
