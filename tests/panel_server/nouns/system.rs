//! Stages, call results, campaigns, the company and feature codes, as they are set (system.md, campaigns.md).

use super::{super::START, Panel, id};
use callbox::model::{Stage, stage::Outcome};
use serde_json::{Value, json};

/// STG-1..3, STG-5..10, STG-14
#[tokio::test(flavor = "multi_thread")]
async fn stages() {
    let panel = Panel::new().await;
    panel.office.store.provide(START.wall).unwrap();
    let other = panel.add("packages", json!({ "display_name": "B", "code": "b" })).await;
    let stages = panel.noun("stages", json!({ "name": "Stage #", "package": "1" }));
    stages
        .is(&[
            ("STG-1", "filters", "package status"),
            ("STG-1, STG-2", "may", "add edit"),
            ("STG-2", "search", ""),
            ("STG-6", "tabs", "general"),
            ("STG-7, STG-8, STG-10, STG-14", "general", "name score status package"),
        ])
        .await;
    stages.hides_columns("STG-1, STG-5", "name score").await;
    let held = id(&stages.add(json!({ "name": "Held" })).await);
    stages
        .refuses(&[
            ("STG-7", json!({ "name": "" }), "name required"),
            ("STG-7", json!({ "name": "x".repeat(81) }), "name too_long 80"),
            ("STG-7", json!({ "name": "HELD" }), "name_taken name"),
            ("STG-8", json!({ "score": 10_000 }), "score out_of_range -9999 9999"),
            ("STG-8", json!({ "score": -10_000 }), "score out_of_range -9999 9999"),
            ("STG-8", json!({ "score": 1.5 }), "score type"),
            ("STG-10", json!({ "status": "disabled" }), "status choice"),
            ("STG-14", json!({ "package": null }), "package required"),
        ])
        .await;
    stages
        .takes(&[
            ("STG-8, STG-10", json!({}), json!({ "score": 0, "status": "enabled" })),
            ("STG-7", json!({ "name": "Held", "package": other }), json!({ "name": "Held" })),
            ("STG-10", json!({ "status": "closed", "score": -9_999 }), json!({ "status": "closed", "score": -9_999 })),
        ])
        .await;
    stages.keeps(&held, &[("STG-14", json!({ "package": other }), "package fixed")]).await;
    assert_eq!(panel.ask("DELETE", &format!("stages/{held}"), Value::Null).await.status, 403, "STG-2");
    assert!(!stages.found(&format!("package={other}")).await.contains(&held), "STG-1");
    let (plus, minus) =
        (id(&stages.add(json!({ "score": 9_999 })).await), id(&stages.add(json!({ "score": -1 })).await));
    let elsewhere = id(&stages.add(json!({ "package": other })).await);
    let declared = stages.declared().await;
    assert_eq!(
        (&declared["within"], &declared["part"]),
        (&json!("package"), &json!("1")),
        "STG-3: it begins with default"
    );
    let listed = stages.found("package=1").await;
    assert!(listed.contains(&held) && listed.contains(&plus) && !listed.contains(&elsewhere), "STG-3");
    let tenant = panel.office.store.tenant();
    let outcome = |id: &str| tenant.table::<Stage>().row(id.parse().unwrap()).unwrap().value.outcome();
    let outcomes = [outcome(&plus), outcome(&held), outcome(&minus)];
    assert_eq!(outcomes, [Outcome::Success, Outcome::FollowUp, Outcome::Failed], "STG-9");
}

/// STG-11..13, STG-15..17, CMP-40..42, CUS-3: who is offered what by its status, and in which package.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_aside_is_not_offered() {
    let panel = Panel::new().await;
    panel.office.store.provide(START.wall).unwrap();
    let other = panel.add("packages", json!({ "display_name": "B", "code": "b" })).await;
    let group = panel.add("agent_groups", json!({ "name": "Sales", "group_number": "600" })).await;
    let (stages, campaigns) = (
        panel.noun("stages", json!({ "package": "1" })),
        panel.noun("campaigns", json!({ "agent_group": group, "package": "1" })),
    );
    let mut ids = Vec::new();
    for status in ["enabled", "hidden", "closed"] {
        let (stage, campaign) = (
            stages.add(json!({ "name": status, "status": status })).await,
            campaigns.add(json!({ "name": status, "status": status })).await,
        );
        ids.push((id(&stage), id(&campaign)));
    }
    let role = json!({ "name": "Desk", "permissions": ["stage.view", "campaign.view", "customer.view"] });
    let role = panel.add("roles", role).await;
    let mei = json!({ "agent_number": "801", "first_name": "Mei", "web_password": "long enough", "role": role });
    panel.add("agents", mei).await;
    let agent = panel.office.cookie("801").await;
    let offered = async |cookie: &str, path: &str| {
        let told = panel.office.ask(cookie, "GET", &format!("/panel/{path}"), Value::Null).await.json();
        let names = told["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names.join(" ")
    };
    let all = |place: fn(&(String, String)) -> &String| ids.iter().map(place).cloned().collect::<Vec<_>>().join(",");
    let (stage_ids, campaign_ids) = (all(|(stage, _)| stage), all(|(_, campaign)| campaign));
    for (row, path, to_agent, to_account) in [
        ("STG-11..13", "stages/choices".to_owned(), "enabled", "enabled hidden"),
        ("CMP-40, CMP-41", "campaigns/choices".to_owned(), "enabled", "enabled"),
        ("STG-13", "stages".to_owned(), "closed enabled hidden", "closed enabled hidden"),
        ("CMP-41, CMP-42", "campaigns".to_owned(), "enabled hidden", "enabled hidden"),
        ("CMP-42", "campaigns?status=closed".to_owned(), "closed", "closed"),
        ("STG-16", format!("stages/choices?ids={stage_ids}"), "closed enabled hidden", "closed enabled hidden"),
        ("CMP-41", format!("campaigns/choices?ids={campaign_ids}"), "closed enabled hidden", "closed enabled hidden"),
        ("STG-15", format!("stages/choices?package={other}"), "", ""),
        ("STG-15", "stages/choices?package=1&search=hid".to_owned(), "", "hidden"),
    ] {
        assert_eq!(offered(&agent, &path).await, to_agent, "{row}: to an agent, {path}");
        assert_eq!(offered(&panel.cookie, &path).await, to_account, "{row}: to an account, {path}");
    }
    let programs = panel.office.send(panel.office.program("GET", "/api/v1/campaigns")).await.json();
    assert_eq!(programs["items"].as_array().unwrap().len(), 3, "programs are told all of them");

    // What has a stage keeps it, with its name, when the stage is closed (STG-16).
    let (enabled, closed) = (&ids[0].0, &ids[2].0);
    let kept = panel.office.put("customer", json!({ "package": "1", "phone": "139", "stage": enabled }));
    panel.ask("PATCH", &format!("stages/{enabled}"), json!({ "status": "closed" })).await;
    let listed = panel.get("customers").await;
    let row = listed["items"].as_array().unwrap().iter().find(|row| id(row) == kept).unwrap();
    assert_eq!((&row["stage"], &listed["names"]["stage"][enabled]), (&json!(enabled), &json!("enabled")), "STG-16");
    campaigns
        .refuses(&[
            ("STG-13", json!({ "name": "A", "default_stage": closed }), "default_stage not_this"),
            ("STG-12", json!({ "name": "A", "default_stage": ids[1].0 }), "default_stage not_this"),
        ])
        .await;
    // STG-17: whatever an agent may set a stage on, whoever gave the right.
    let rights =
        json!({ "permissions": ["stage.view", "campaign.view", "campaign.edit", "customer.view", "customer.edit"] });
    panel.ask("PATCH", &format!("roles/{role}"), rights).await;
    panel.ask("PATCH", &format!("customers/{kept}"), json!({ "agent_number": "801" })).await;
    for stage in [&ids[1].0, closed] {
        for (path, field) in
            [(format!("campaigns/{}", ids[0].1), "default_stage"), (format!("customers/{kept}"), "stage")]
        {
            let set = panel.office.ask(&agent, "PATCH", &format!("/panel/{path}"), json!({ field: stage })).await;
            let word = (set.refusal(), set.json()["fields"].get(field).is_some());
            assert_eq!(word, ((422, "invalid".into()), true), "STG-17: {path} {set:?}");
        }
    }
}

/// RES-1..14, what is set of them
#[tokio::test(flavor = "multi_thread")]
async fn call_results() {
    let panel = Panel::new().await;
    panel.office.store.provide(START.wall).unwrap();
    let stage = panel.add("stages", json!({ "name": "Won", "package": "1", "score": 1 })).await;
    let group = panel.add("agent_groups", json!({ "name": "Sales", "group_number": "600" })).await;
    let campaign = panel.add("campaigns", json!({ "name": "Spring", "agent_group": group, "package": "1" })).await;
    let results = panel.noun("call_results", json!({ "name": "Result #" }));
    results
        .is(&[
            ("RES-2", "search", "name"),
            ("RES-6", "may", "add edit delete"),
            ("RES-7, RES-8, RES-12", "general", "name call_status stage campaigns force_appointment"),
        ])
        .await;
    results.hides_columns("RES-3", "name call_status stage created_by").await;
    results.is_granted_one_by_one("RES-1", &["add", "edit", "delete"]).await;
    results.goes_by_condition("RES-5").await;
    results.is_found_by("RES-2", json!({ "name": "Wrong number" }), &["name"]).await;
    results.add(json!({ "name": "Held" })).await;
    results
        .refuses(&[
            ("RES-7", json!({ "name": "" }), "name required"),
            ("RES-7", json!({ "name": "x".repeat(65) }), "name too_long 64"),
            ("RES-7", json!({ "name": "held" }), "name_taken name"),
            ("RES-8", json!({ "call_status": "busy" }), "call_status choice"),
            ("RES-12", json!({ "stage": "99" }), "stage not_there"),
            ("RES-13", json!({ "campaigns": ["99"] }), "campaigns not_there"),
            ("RES-13", json!({ "campaigns": [campaign, campaign] }), "campaigns repeated"),
            ("RES-14", json!({ "force_appointment": "yes" }), "force_appointment type"),
        ])
        .await;
    let usual = json!({ "call_status": "any", "stage": null, "campaigns": [], "force_appointment": false, "created_by": "boss" });
    results
        .takes(&[
            ("RES-8, RES-13, RES-14", json!({}), usual),
            ("RES-12", json!({ "stage": stage }), json!({ "stage": stage })),
            ("RES-13", json!({ "campaigns": [campaign] }), json!({ "campaigns": [campaign] })),
            ("RES-14", json!({ "force_appointment": true }), json!({ "force_appointment": true })),
        ])
        .await;
    for (row, status) in [("RES-9", "answered"), ("RES-10", "not_answered"), ("RES-11", "any")] {
        let one = json!({ "call_status": status });
        results.takes(&[(row, one.clone(), one)]).await;
    }
    let row = results.add(json!({})).await;
    assert!(row["id"].is_string() && row["created_at"].is_string(), "RES-4");
    results.keeps(&id(&row), &[("RES-4", json!({ "id": "7" }), "id unknown")]).await;
}

/// CMP-1, CMP-3..8, CMP-13, CMP-14, CMP-18..25, CMP-28, CMP-32, CMP-37, CMP-39, CMP-46, CMP-52, CMP-56, CMP-59, CMP-61, CMP-63,
/// CMP-67..69, CMP-73, CMP-74, CMP-78, CMP-79, CMP-82, CMP-84
#[tokio::test(flavor = "multi_thread")]
async fn campaigns() {
    let panel = Panel::new().await;
    panel.office.store.provide(START.wall).unwrap();
    let voice = panel.office.sound("Hello", "voice");
    let playlist = panel.add("playlists", json!({ "name": "P", "media": [voice] })).await;
    let group = panel.add("agent_groups", json!({ "name": "Sales", "group_number": "600" })).await;
    let support = panel.add("agent_groups", json!({ "name": "Support", "group_number": "601" })).await;
    let other = panel.add("packages", json!({ "display_name": "B", "code": "b" })).await;
    let closed = panel.add("packages", json!({ "display_name": "C", "code": "c", "status": "closed" })).await;
    let stage = panel.add("stages", json!({ "name": "Won", "package": "1" })).await;
    let elsewhere = panel.add("stages", json!({ "name": "Won", "package": other })).await;
    let hours = panel.add("conditions", json!({ "name": "Hours", "type": "weekly" })).await;
    let campaigns = panel.noun("campaigns", json!({ "name": "Campaign #", "agent_group": group, "package": "1" }));
    campaigns
        .is(&[
            ("CMP-3", "search", "name"),
            ("CMP-4, CMP-5", "filters", "status agent_group package"),
            ("CMP-8", "may", "add edit clone"),
            (
                "CMP-18, CMP-19, CMP-21, CMP-23, CMP-25, CMP-28",
                "general",
                "name agent_group package caller_ids working_hours ring_timeout outbound_profile",
            ),
        ])
        .await;
    campaigns.is_found_by("CMP-3", json!({ "name": "Springtime" }), &["name"]).await;
    let (role, _) = panel.office.helper("of.campaigns", &[]);
    let cookie = panel.office.cookie("of.campaigns").await;
    for (rights, statuses, shown) in [
        (json!([]), [403, 403, 403, 403], None),
        (json!(["campaign.view"]), [200, 403, 403, 403], Some(json!([]))),
        (json!(["campaign.view", "campaign.add"]), [200, 201, 403, 201], Some(json!(["add", "clone"]))),
        (json!(["campaign.view", "campaign.edit"]), [200, 403, 200, 403], Some(json!(["edit"]))),
    ] {
        panel.office.set("role", &role, json!({ "permissions": rights }));
        let there = id(&campaigns.add(json!({})).await);
        let ask = async |method: &str, path: &str, body: Value| {
            panel.office.ask(&cookie, method, &format!("/panel/{path}"), body).await
        };
        let (form, of_row) = (panel.numbered(&campaigns.form), format!("campaigns/{there}"));
        let got = [
            ask("GET", "campaigns", Value::Null).await.status,
            ask("POST", "campaigns", form).await.status,
            ask("PATCH", &of_row, json!({ "priority": 1 })).await.status,
            ask("POST", &format!("{of_row}/clone"), Value::Null).await.status,
        ];
        assert_eq!(got, statuses, "CMP-1: {rights}");
        let schema = ask("GET", "schema", Value::Null).await.json();
        let may = schema["resources"].as_array().unwrap().iter().find(|one| one["name"] == "campaign");
        assert_eq!(may.map(|one| one["may"].clone()), shown, "CMP-1: {rights}");
    }
    let held = id(&campaigns.add(json!({ "name": "Held" })).await);
    for (row, field, low, high) in [
        ("CMP-28", "ring_timeout", 5, 300),
        ("CMP-37", "priority", 0, 99),
        ("CMP-57 reading", "auto_dial_countdown", 0, 600),
        ("CMP-58 reading", "auto_dial_delay", 1, 600),
        ("CMP-61", "fetch_limit", 1, 1_000),
        ("CMP-74", "repeat_count", 0, 99),
        ("CMP-78, CMP-79", "max_input_length", 0, 64),
        ("CMP-82", "review_ratio", 0, 100),
    ] {
        let why = format!("{field} out_of_range {low} {high}");
        let row = row.replace(" reading", "");
        let row = if row.starts_with("CMP-5") { "auto-dial" } else { row.as_str() };
        campaigns.refuses(&[(row, json!({ field: low - 1 }), &why), (row, json!({ field: high + 1 }), &why)]).await;
    }
    campaigns
        .refuses(&[
            ("CMP-18", json!({ "name": "" }), "name required"),
            ("CMP-18", json!({ "name": "x".repeat(101) }), "name too_long 100"),
            ("CMP-18", json!({ "name": "held" }), "name_taken name"),
            ("CMP-19", json!({ "agent_group": null }), "agent_group required"),
            ("CMP-21", json!({ "package": null }), "package required"),
            ("CMP-21", json!({ "package": closed }), "package not_this"),
            ("CMP-24", json!({ "caller_ids": ["1"] }), "caller_ids not_there"),
            ("CMP-25", json!({ "working_hours": "99" }), "working_hours not_there"),
            ("CMP-39", json!({ "status": "paused" }), "status choice"),
            ("CMP-46", json!({ "after_submit": ["dance"] }), "after_submit choice"),
            ("CMP-46", json!({ "after_submit": ["hang_up", "hang_up"] }), "after_submit repeated"),
            ("CMP-52", json!({ "load_contact_records": "later" }), "load_contact_records choice"),
            ("CMP-56", json!({ "default_stage": elsewhere }), "default_stage not_this"),
            ("CMP-59", json!({ "quick_appointments": ["10s"] }), "quick_appointments pattern"),
            ("CMP-67", json!({ "redial_interval": ["1x"] }), "redial_interval pattern"),
            ("CMP-68", json!({ "redial_interval": ["1D"] }), "redial_interval pattern"),
            ("CMP-69", json!({ "dialer_type": "robot" }), "dialer_type choice"),
            ("CMP-73", json!({ "dialer_type": "voice_notice" }), "playlist required"),
            ("CMP-73", json!({ "dialer_type": "play_and_collect" }), "playlist required"),
            ("CMP-84", json!({ "quota": 5 }), "quota read_only"),
            ("address", json!({ "stats_url": "ftp://example.com" }), "stats_url pattern"),
        ])
        .await;
    let usual = json!({
        "status": "enabled", "priority": 0, "review_required": false, "agent_may_get": false, "agent_may_add": false,
        "fetch_limit": 10, "hide_contact": false, "after_submit": [], "load_contact_records": "auto",
        "auto_dial_countdown": 10, "auto_dial_delay": 30, "ring_timeout": 60, "dialer_type": "agent_group",
        "repeat_count": 0, "max_input_length": 0, "review_ratio": 0, "working_hours": null, "quota": 0,
    });
    let whole = json!({
        "working_hours": hours, "priority": 99, "review_required": true, "hide_contact": true, "default_stage": stage,
        "after_submit": ["exit_wrap_up", "hang_up", "delete_appointment", "close_customer"],
        "load_contact_records": "manual", "quick_appointments": ["10m", "1h"], "status": "hidden",
        "redial_interval": ["1m", "2h", "3d", "1w", "1M"], "dialer_type": "voice_notice", "playlist": playlist,
    });
    campaigns
        .takes(&[
            ("CMP-32, CMP-39, CMP-61, CMP-63, CMP-69", json!({}), usual),
            ("CMP-37, CMP-46, CMP-52, CMP-56, CMP-59, CMP-67, CMP-68, CMP-73", whole.clone(), whole),
        ])
        .await;
    campaigns
        .keeps(
            &held,
            &[
                ("CMP-20", json!({ "agent_group": support }), "agent_group fixed"),
                ("CMP-22", json!({ "package": other }), "package fixed"),
                ("CMP-7", json!({ "id": "7" }), "id unknown"),
            ],
        )
        .await;
    campaigns.becomes(&held, &[("CMP-84", json!({ "quota": 5 }), json!({ "quota": 5 }))]).await;
    let columns = "id name status review_required agent_group playlist repeat_count max_input_length quota review_ratio \
                   fetch_limit stats_url";
    campaigns.hides_columns("CMP-6", columns).await;
    let listed = panel.get("campaigns?sort=-id").await["items"].clone();
    let ids: Vec<u64> = listed.as_array().unwrap().iter().map(|row| id(row).parse().unwrap()).collect();
    assert!(ids.is_sorted_by(|one, next| one > next), "CMP-6: sorted by id");
    panel.office.put("customer", json!({ "package": "1", "phone": "861088001", "campaign": held }));
    let copy = panel.ask("POST", &format!("campaigns/{held}/clone"), Value::Null).await;
    assert_eq!(copy.status, 201, "{copy:?}");
    let (copy, whole) = (copy.json(), panel.get(&format!("campaigns/{held}")).await);
    let own = ["id", "rev", "name", "created_at", "updated_at", "created_by"];
    for (field, value) in whole.as_object().unwrap().iter().filter(|(field, _)| !own.contains(&field.as_str())) {
        assert_eq!(copy[field], *value, "a clone has the same {field}");
    }
    assert_eq!((&copy["name"], &copy["quota"]), (&json!("Held (copy)"), &json!(5)));
    let clone = async |body: Value| panel.ask("POST", &format!("campaigns/{held}/clone"), body).await;
    let named = clone(json!({ "name": " Autumn " })).await;
    assert_eq!(
        (named.status, &named.json()["name"], &named.json()["quota"]),
        (201, &json!("Autumn"), &json!(5)),
        "CMP-13"
    );
    for (typed, why) in [
        (json!({ "name": "autumn" }), "name_taken name"),
        (json!({ "name": "" }), "name required"),
        (json!({ "name": "B", "quota": 9 }), "quota unknown"),
    ] {
        assert_eq!(super::refusal(&clone(typed.clone()).await), why, "CMP-13: {typed}");
    }
    let inside = async |campaign: &str| panel.get(&format!("customers?campaign={campaign}")).await["total"].clone();
    assert_eq!((inside(&held).await, inside(&id(&copy)).await), (json!(1), json!(0)), "CMP-14");
    panel.ask("PATCH", "preferences", json!({ "outside_ring_timeout": 45 })).await;
    let follows = ("CMP-28 reading", json!({}), json!({ "ring_timeout": 45 }));
    let typed = ("CMP-28 reading", json!({ "ring_timeout": 20 }), json!({ "ring_timeout": 20 }));
    campaigns.takes(&[follows, typed]).await;
    let declared = panel.get("schema").await["resources"].clone();
    let campaign = declared.as_array().unwrap().iter().find(|noun| noun["name"] == "campaign").unwrap().clone();
    assert_eq!(campaign["schema"]["properties"]["ring_timeout"]["default"], 45, "the form begins with it");
    assert_eq!(panel.get(&format!("campaigns/{held}")).await["ring_timeout"], 60, "what is there stays");
    assert!(campaigns.found("status=hidden").await.len() == 1, "CMP-4");
    assert!(campaigns.found(&format!("agent_group={support}")).await.is_empty(), "CMP-5");
}

/// COM-1..4, COM-7..9, COM-12, COM-13, COM-15..18, COM-20
#[tokio::test(flavor = "multi_thread")]
async fn the_company() {
    let panel = Panel::new().await;
    let company = panel.noun("company", json!({}));
    company
        .is(&[
            ("COM-1", "tabs", "company finance"),
            ("COM-3, COM-4", "company", "name contact phone fax email website address postal_code"),
            (
                "COM-12, COM-13",
                "finance",
                "tax_number invoice_title bank_name bank_account finance_contact finance_email",
            ),
        ])
        .await;
    let long = |field: &str, most: usize| json!({ field: "王".repeat(most + 1) });
    let whole = json!({
        "name": "王".repeat(120), "contact": "Mei", "email": "mei@example.com", "website": "https://example.com/",
        "address": "1 Road", "invoice_title": "Ltd", "bank_name": "Bank", "finance_contact": "Li",
        "finance_email": "li@example.com",
    });
    let none = json!({ "name": "", "email": null, "website": null });
    company
        .is_set(
            &[
                ("COM-3", long("name", 120), "name too_long 120"),
                ("COM-4", long("contact", 80), "contact too_long 80"),
                ("COM-7", json!({ "email": "nobody" }), "email pattern"),
                ("COM-8", json!({ "website": "example.com" }), "website pattern"),
                ("COM-8", json!({ "website": format!("https://{}.de", "x".repeat(200)) }), "website too_long 200"),
                ("COM-9", long("address", 200), "address too_long 200"),
                ("COM-12", long("invoice_title", 120), "invoice_title too_long 120"),
                ("COM-13", long("bank_name", 120), "bank_name too_long 120"),
                ("COM-15", long("finance_contact", 80), "finance_contact too_long 80"),
                ("COM-16", json!({ "finance_email": "li.example.com" }), "finance_email pattern"),
                ("COM-18", json!({ "name": "New", "fax": "1" }), "fax too_short 2"),
            ],
            &[("COM-3..16", whole.clone(), whole), ("COM-17", none.clone(), none)],
        )
        .await;
    panel.office.helper("hana", &["agent.view"]);
    let cookie = panel.office.cookie("hana").await;
    for (method, body) in [("GET", Value::Null), ("PATCH", json!({ "name": "Mine" }))] {
        let refused = panel.office.ask(&cookie, method, "/panel/company", body).await;
        assert_eq!(refused.refusal(), (403, "forbidden".into()), "COM-2");
    }
    let log = panel.get("audit").await;
    let entries = log["items"].as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["action"] == "edit company" && entry["status"] == 200), "COM-20: {log}");
}

/// PRF-1..3, PRF-9, PRF-12, PRF-14, PRF-17 (the switch), PRF-18, PRF-30, PRF-34, PRF-45..47, PRF-50, PRF-52, PRF-57, PRF-58, TPL-13, CID-10
#[tokio::test(flavor = "multi_thread")]
async fn preferences() {
    let panel = Panel::new().await;
    panel.office.store.provide(START.wall).unwrap();
    let preferences = panel.noun("preferences", json!({}));
    preferences.is(&[("PRF-2", "tabs", "general currency data dialing call_settings"), ("PRF-1", "may", "edit")]).await;
    let (voice, music) = (panel.office.sound("Hello", "voice"), panel.office.sound("Piano", "hold_music"));
    let profile = panel.add("given_outbound_profiles", json!({ "name": "All" })).await;
    let number = panel.add("given_caller_ids", json!({ "number": "861088009999" })).await;
    let template = panel.add("phone_templates", json!({ "name": "T46", "content": "x" })).await;
    let other = panel.add("packages", json!({ "display_name": "B", "code": "b" })).await;
    let closed = panel.add("packages", json!({ "display_name": "C", "code": "c", "status": "closed" })).await;
    let before = panel.get("preferences").await;
    for (row, field, value) in [
        ("PRF-9", "area_code", json!("")),
        ("PRF-14", "number_format", json!("as_stored")),
        ("PRF-12", "date_format_mode", json!("friendly")),
        ("PRF-17, PRF-18", "auto_bind_phone", json!(false)),
        ("PRF-30", "decimal_separator", json!(".")),
        ("PRF-45", "blind_transfer_return_prefix", json!("")),
        ("PRF-46", "default_music", Value::Null),
        ("PRF-47", "default_outbound_profile", Value::Null),
        ("PRF-50", "caller_ids", json!([])),
        ("PRF-52", "caller_id_rotation", json!(0)),
        ("PRF-57", "blacklist_destination", Value::Null),
        ("PRF-58", "dnc_destination", Value::Null),
    ] {
        assert_eq!(before[field], value, "{row}: {field}");
    }
    let to = |of: &str, target: &str| json!({ "type": of, "target": target });
    let long = "x".repeat(20);
    let taken = [
        ("PRF-9", json!({ "area_code": "010755" })),
        ("PRF-14", json!({ "number_format": "national" })),
        ("PRF-14", json!({ "number_format": "international" })),
        ("PRF-18, TPL-13", json!({ "auto_bind_phone": true, "default_phone_template": template })),
        ("PRF-30", json!({ "decimal_separator": ",", "thousands_separator": "dot" })),
        ("PRF-34", json!({ "default_package": other })),
        ("PRF-45", json!({ "blind_transfer_return": true, "blind_transfer_return_prefix": long })),
        ("PRF-46", json!({ "default_music": music })),
        ("PRF-47", json!({ "default_outbound_profile": profile })),
        ("PRF-50, CID-10", json!({ "caller_ids": [number] })),
        ("PRF-52", json!({ "caller_id_rotation": 365 })),
        ("PRF-57", json!({ "blacklist_destination": { "type": "ring_tone" } })),
        ("PRF-57", json!({ "blacklist_destination": to("hold_music", &music) })),
        ("PRF-57", json!({ "blacklist_destination": to("voice", &voice) })),
        ("PRF-57", json!({ "blacklist_destination": { "type": "hang_up" } })),
        ("PRF-58", json!({ "dnc_destination": { "type": "hang_up" } })),
    ];
    let taken = taken.map(|(row, typed)| (row, typed.clone(), typed));
    let longer = json!({ "blind_transfer_return_prefix": "x".repeat(21) });
    preferences
        .is_set(
            &[
                ("PRF-9", json!({ "area_code": "0107551" }), "area_code too_long 6"),
                ("PRF-9", json!({ "area_code": "01a" }), "area_code pattern"),
                ("PRF-14", json!({ "number_format": "e164" }), "number_format choice"),
                ("PRF-18, TPL-13", json!({ "auto_bind_phone": true }), "default_phone_template required"),
                ("PRF-30", json!({ "decimal_separator": ";" }), "decimal_separator choice"),
                ("PRF-34", json!({ "default_package": closed }), "default_package not_this"),
                ("PRF-45", longer, "blind_transfer_return_prefix too_long 20"),
                ("PRF-46", json!({ "default_music": voice }), "default_music not_this"),
                ("PRF-47", json!({ "default_outbound_profile": "99" }), "default_outbound_profile not_there"),
                ("PRF-50", json!({ "caller_ids": ["99"] }), "caller_ids not_there"),
                ("PRF-50", json!({ "caller_ids": [number, number] }), "caller_ids repeated"),
                ("PRF-52", json!({ "caller_id_rotation": -1 }), "caller_id_rotation out_of_range 0 365"),
                ("PRF-52", json!({ "caller_id_rotation": 366 }), "caller_id_rotation out_of_range 0 365"),
                ("PRF-58", json!({ "dnc_destination": to("voice", &voice) }), "dnc_destination choice"),
            ],
            &taken,
        )
        .await;
    for (method, path) in [("POST", "preferences"), ("DELETE", "preferences/1"), ("DELETE", "preferences")] {
        let refused = panel.ask(method, path, json!({})).await.status;
        assert!([404, 405].contains(&refused), "PRF-1: {method} {path} {refused}");
    }
    let declared = panel.get("schema").await["resources"].clone();
    let declared = declared.as_array().unwrap().iter().find(|noun| noun["name"] == "preferences").unwrap().clone();
    for field in ["date_format", "time_format"] {
        let appears = json!({ "rule": "appears", "field": field, "when": "date_format_mode", "is": ["exact"] });
        assert!(declared["rules"].as_array().unwrap().contains(&appears), "PRF-12: {field}");
    }
    let group = panel.add("agent_groups", json!({ "name": "Sales", "group_number": "600" })).await;
    let form =
        json!({ "agent_number": "801", "first_name": "A", "web_password": "long enough", "caller_ids": [number] });
    let agent = panel.add("agents", form).await;
    let form = json!({ "name": "Spring", "agent_group": group, "package": "1", "caller_ids": [number] });
    let campaign = panel.add("campaigns", form).await;
    for place in [format!("agents/{agent}"), format!("campaigns/{campaign}"), "preferences".into()] {
        assert_eq!(panel.get(&place).await["caller_ids"], json!([number]), "CID-10: {place}");
    }

    let (role, _) = panel.office.helper("hana", &[]);
    let cookie = panel.office.cookie("hana").await;
    let both = json!(["preferences.edit", "preferences.view"]);
    for (rights, statuses) in [(json!([]), [403, 403]), (json!(["preferences.view"]), [200, 403]), (both, [200, 200])] {
        panel.office.set("role", &role, json!({ "permissions": rights }));
        let get = panel.office.ask(&cookie, "GET", "/panel/preferences", Value::Null).await.status;
        let set = panel.office.ask(&cookie, "PATCH", "/panel/preferences", json!({ "area_code": "021" })).await.status;
        assert_eq!([get, set], statuses, "PRF-3: {rights}");
    }
    let log = panel.get("audit?search=preferences").await;
    let done = |entry: &Value| entry["username"] == "hana" && entry["status"] == 200;
    assert!(log["items"].as_array().unwrap().iter().any(done), "PRF-3: {log}");
    let kept = panel.office.store.journal(None, 1).unwrap();
    let of = |value: &Option<Value>| value.as_ref().unwrap()["area_code"].clone();
    assert_eq!((of(&kept[0].before), of(&kept[0].after)), (json!("010755"), json!("021")), "PRF-3: old and new value");
}
