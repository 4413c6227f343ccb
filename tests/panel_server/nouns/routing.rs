//! Where calls go, as it is set: routes, menus, playlists, ring groups, conditions, templates (routing.md).

use super::{Panel, id};
use serde_json::{Value, json};

const ALL: &[&str] = &["add", "edit", "delete"];

fn voice(panel: &Panel) -> (String, String) {
    (panel.office.sound("Hello", "voice"), panel.office.sound("Piano", "hold_music"))
}

/// INR-1, INR-2, INR-6..9, DST-1
#[tokio::test(flavor = "multi_thread")]
async fn inbound_routes() {
    let panel = Panel::new().await;
    let routes = panel.noun("inbound_routes", json!({ "name": "Route #" }));
    routes
        .is(&[
            ("INR-2", "may", "add edit delete"),
            (
                "INR-6, INR-7, INR-8, INR-9",
                "general",
                "name position match_on match_type match_value destination last_agent_first remove_caller_prefix \
                 caller_number_prefix default_route",
            ),
        ])
        .await;
    routes.is_granted_one_by_one("INR-1", ALL).await;
    routes.goes_by_condition("INR-2").await;
    routes.add(json!({ "name": "Held" })).await;
    routes
        .refuses(&[
            ("INR-6", json!({ "name": "" }), "name required"),
            ("INR-6", json!({ "name": "x".repeat(65) }), "name too_long 64"),
            ("INR-6", json!({ "name": "HELD" }), "name_taken name"),
            ("INR-7", json!({ "match_on": "called" }), "match_on choice"),
            ("INR-8", json!({ "match_on": "caller", "match_type": "group" }), "match_type choice"),
            ("INR-9", json!({ "match_on": "did", "match_type": "name" }), "match_type choice"),
            ("regular expressions", json!({ "match_type": "regex", "match_value": "(" }), "match_value pattern"),
            ("prefix", json!({ "caller_number_prefix": "12345678901" }), "caller_number_prefix too_long 10"),
            ("prefix", json!({ "caller_number_prefix": "9a" }), "caller_number_prefix pattern"),
            ("DST-1", json!({ "destination": { "type": "voice", "target": "1" } }), "destination choice"),
            ("DST-1", json!({ "destination": { "type": "agent", "target": "99" } }), "destination not_there"),
        ])
        .await;
    for (on, of) in [
        ("caller", "prefix"),
        ("caller", "region"),
        ("caller", "regex"),
        ("did", "prefix"),
        ("did", "region"),
        ("did", "regex"),
        ("did", "group"),
    ] {
        let one = json!({ "match_on": on, "match_type": of, "match_value": "1" });
        routes.takes(&[("INR-8, INR-9", one.clone(), one)]).await;
    }
    let usual = json!({
        "match_on": "caller", "match_type": "prefix", "match_value": "", "remove_caller_prefix": false,
        "caller_number_prefix": "", "last_agent_first": false, "destination": null, "default_route": false,
    });
    routes.takes(&[("INR-6", json!({}), usual)]).await;
    // There is one default route: who makes another takes it from the one before.
    let first = id(&routes.add(json!({ "default_route": true })).await);
    let second = id(&routes.add(json!({ "default_route": true })).await);
    let of = async |id: &str| panel.get(&format!("inbound_routes/{id}")).await["default_route"].clone();
    assert_eq!((of(&first).await, of(&second).await), (json!(false), json!(true)), "INR-5 reading");
    routes
        .becomes(&first, &[("INR-5 reading", json!({ "default_route": true }), json!({ "default_route": true }))])
        .await;
    assert_eq!(of(&second).await, false);
    // Left out, a route stands behind all others, also behind those that were put further down.
    let position = async |row: Value| routes.add(row).await["position"].as_u64().unwrap();
    assert_eq!(position(json!({ "position": 40 })).await, 40);
    assert_eq!((position(json!({})).await, position(json!({})).await), (41, 42), "INR-4 reading");
    position(json!({ "position": 10_000 })).await;
    assert_eq!(position(json!({})).await, 10_000);
}

/// IVR-1..9, IVR-12, IVR-17, IVR-18, IVR-33, IVR-34
#[tokio::test(flavor = "multi_thread")]
async fn ivr_menus() {
    let panel = Panel::new().await;
    let (voice, music) = voice(&panel);
    let menus = panel.noun("ivr", json!({ "name": "Menu #" }));
    menus
        .is(&[
            ("IVR-2", "search", "name"),
            ("IVR-5", "may", "add edit delete"),
            ("IVR-6", "tabs", "general advanced destinations"),
            (
                "IVR-7, IVR-8, IVR-9, IVR-12, IVR-17, IVR-18",
                "general",
                "name internal_number prompts repeat_count input_timeout direct_dial caller_prefix_enabled \
                 caller_number_prefix caller_name_prefix",
            ),
            (
                "IVR-6",
                "advanced",
                "start_delay digit_timeout max_input_length timeout_prompt timeout_destination invalid_prompt \
                 invalid_destination match_plugin",
            ),
            ("IVR-33", "destinations", "keys"),
        ])
        .await;
    let columns = "name internal_number repeat_count match_plugin start_delay digit_timeout max_input_length \
                   direct_dial caller_prefix_enabled caller_number_prefix caller_name_prefix";
    menus.hides_columns("IVR-3", columns).await;
    menus.is_granted_one_by_one("IVR-1", ALL).await;
    menus.goes_by_condition("IVR-4").await;
    menus.is_found_by("IVR-2", json!({ "name": "Reception", "internal_number": "7777" }), &["name"]).await;
    let held = menus.add(json!({ "name": "Held", "internal_number": "7001" })).await;
    for (field, low, high) in [
        ("repeat_count", 0, 99),
        ("input_timeout", 1, 60),
        ("digit_timeout", 1, 30),
        ("start_delay", 0, 30),
        ("max_input_length", 0, 32),
    ] {
        let why = format!("{field} out_of_range {low} {high}");
        menus
            .refuses(&[
                ("IVR ranges", json!({ field: low - 1 }), &why),
                ("IVR ranges", json!({ field: high + 1 }), &why),
            ])
            .await;
        let ends = [low, high].map(|end| json!({ field: end }));
        menus
            .takes(&[
                ("IVR ranges", ends[0].clone(), ends[0].clone()),
                ("IVR ranges", ends[1].clone(), ends[1].clone()),
            ])
            .await;
    }
    let key = |input: &str| json!({ "input": input, "destination": { "type": "hang_up" } });
    menus
        .refuses(&[
            ("IVR-7", json!({ "name": "" }), "name required"),
            ("IVR-8", json!({ "internal_number": "7001" }), "number_taken internal_number"),
            ("IVR-8", json!({ "internal_number": "0700" }), "internal_number pattern"),
            ("IVR-9", json!({ "prompts": [{ "media": music }] }), "prompts not_this"),
            ("IVR-11", json!({ "prompts": [{ "gap": 3 }] }), "prompts.0.media required"),
            ("IVR-9", json!({ "prompts": [{ "media": voice, "gap": 61 }] }), "prompts.0.gap out_of_range 0 60"),
            ("IVR-12", json!({ "repeat_count": -1 }), "repeat_count out_of_range 0 99"),
            ("IVR-34", json!({ "keys": [key("1a")] }), "keys.0.input pattern"),
            ("IVR-34", json!({ "keys": [key("")] }), "keys.0.input required"),
            ("IVR-34", json!({ "keys": [key("1"), key("1")] }), "keys.1.input repeated"),
            ("IVR-34", json!({ "keys": [key("12")], "max_input_length": 1 }), "keys.0.input too_long 1"),
            ("prompts", json!({ "timeout_prompt": music }), "timeout_prompt not_this"),
            ("prompts", json!({ "invalid_prompt": music }), "invalid_prompt not_this"),
            ("plugin", json!({ "match_plugin": "ftp://x" }), "match_plugin too_short 8"),
        ])
        .await;
    let whole = json!({
        "internal_number": "7002", "prompts": [{ "media": voice, "gap": 60 }, { "media": voice, "gap": 0 }],
        "caller_prefix_enabled": true, "caller_number_prefix": "9", "caller_name_prefix": "Menu",
        "keys": [key("1"), key("*#0")],
    });
    let usual = json!({
        "internal_number": null, "prompts": [], "repeat_count": 2, "input_timeout": 5, "direct_dial": false,
        "start_delay": 1, "digit_timeout": 3, "max_input_length": 0, "caller_prefix_enabled": false, "keys": [],
    });
    menus.takes(&[("IVR-12", json!({}), usual), ("IVR-8, IVR-9, IVR-17, IVR-18, IVR-33", whole.clone(), whole)]).await;
    let renamed = json!({ "name": "Kept" });
    menus.becomes(&id(&held), &[("IVR-5", renamed.clone(), renamed)]).await;
}

/// PLY-1..6, PLY-8
#[tokio::test(flavor = "multi_thread")]
async fn playlists() {
    let panel = Panel::new().await;
    let (voice, music) = voice(&panel);
    let playlists = panel.noun("playlists", json!({ "name": "List #", "media": [voice] }));
    playlists
        .is(&[
            ("PLY-2", "search", "name"),
            ("PLY-5", "may", "add edit delete"),
            ("PLY-6", "general", "name media skip_on_key destination"),
        ])
        .await;
    playlists.hides_columns("PLY-3", "name skip_on_key").await;
    playlists.is_granted_one_by_one("PLY-1", ALL).await;
    playlists.goes_by_condition("PLY-4").await;
    playlists.is_found_by("PLY-2", json!({ "name": "Opening hours" }), &["name"]).await;
    playlists
        .refuses(&[
            ("PLY-6", json!({ "name": "" }), "name required"),
            ("PLY-6", json!({ "name": "x".repeat(65) }), "name too_long 64"),
            ("media", json!({ "media": [] }), "media required"),
            ("media", json!({ "media": [music] }), "media not_this"),
        ])
        .await;
    let twice = json!({ "media": [voice, voice] });
    playlists.takes(&[("PLY-6", json!({}), json!({ "skip_on_key": false })), ("media", twice.clone(), twice)]).await;
    let row = id(&playlists.add(json!({ "media": [voice, voice] })).await);
    playlists.becomes(&row, &[("PLY-8", json!({ "media": [voice] }), json!({ "media": [voice] }))]).await;
}

/// RNG-1..5, RNG-8, RNG-10..12, RNG-16
#[tokio::test(flavor = "multi_thread")]
async fn ring_groups() {
    let panel = Panel::new().await;
    let groups = panel.noun("ring_groups", json!({ "name": "Ring #", "numbers": ["801"] }));
    groups
        .is(&[
            ("RNG-2", "search", "name"),
            ("RNG-5", "may", "add edit delete"),
            (
                "RNG-8, RNG-11, RNG-16",
                "general",
                "name internal_number numbers strategy ring_timeout timeout_destination caller_number_prefix \
                 caller_name_prefix",
            ),
        ])
        .await;
    let columns = "name internal_number numbers caller_name_prefix caller_number_prefix strategy ring_timeout";
    groups.hides_columns("RNG-3", columns).await;
    groups.is_granted_one_by_one("RNG-1", ALL).await;
    groups.goes_by_condition("RNG-4").await;
    groups.is_found_by("RNG-2", json!({ "name": "Warehouse", "caller_name_prefix": "Stock" }), &["name"]).await;
    groups.add(json!({ "internal_number": "6100" })).await;
    let thirty_one: Vec<_> = (0..31).map(|n| (800 + n).to_string()).collect();
    groups
        .refuses(&[
            ("RNG-8", json!({ "name": "" }), "name required"),
            ("RNG-10", json!({ "internal_number": "6100" }), "number_taken internal_number"),
            ("RNG-11", json!({ "numbers": [] }), "numbers required"),
            ("RNG-11", json!({ "numbers": ["801", "801"] }), "numbers repeated"),
            ("RNG-11", json!({ "numbers": thirty_one }), "numbers too_many 30"),
            ("RNG-12", json!({ "numbers": ["80a"] }), "numbers pattern"),
            ("RNG-16", json!({ "strategy": "ring_all" }), "strategy choice"),
            ("ring timeout", json!({ "ring_timeout": 4 }), "ring_timeout out_of_range 5 300"),
            ("ring timeout", json!({ "ring_timeout": 301 }), "ring_timeout out_of_range 5 300"),
        ])
        .await;
    let mixed = json!({ "numbers": ["802", "13800001111", "801"] });
    let usual = json!({ "strategy": "all", "ring_timeout": 30, "timeout_destination": null, "internal_number": null });
    groups.takes(&[("RNG-12", mixed.clone(), mixed), ("RNG-16", json!({}), usual)]).await;
    for strategy in ["all", "round_robin", "random", "memory", "sequential"] {
        let one = json!({ "strategy": strategy });
        groups.takes(&[("RNG-16", one.clone(), one)]).await;
    }
}

/// CND-1..4, CND-7, CND-8, CND-19
#[tokio::test(flavor = "multi_thread")]
async fn conditions() {
    let panel = Panel::new().await;
    panel.office.store.provide(super::super::START.wall).unwrap();
    let conditions = panel.noun("conditions", json!({ "name": "Hours #", "type": "weekly" }));
    conditions
        .is(&[
            ("CND-7, CND-8", "general", "name type periods inside_destination outside_destination"),
            ("CND-4", "may", "add edit delete"),
            ("no search", "search", ""),
        ])
        .await;
    conditions.hides_columns("CND-2", "name type periods inside_destination outside_destination").await;
    conditions.is_granted_one_by_one("CND-1", ALL).await;
    conditions.goes_by_condition("CND-3").await;
    conditions
        .refuses(&[
            ("CND-7", json!({ "name": "" }), "name required"),
            ("CND-8", json!({ "type": null }), "type required"),
            ("CND-8", json!({ "type": "monthly" }), "type choice"),
            ("CND-8", json!({ "periods": ["2026-11-23"] }), "periods pattern"),
            ("CND-8", json!({ "type": "date", "periods": ["mon 09:00-18:00"] }), "periods pattern"),
        ])
        .await;
    for (of, period) in [
        ("weekly", "mon 09:00-18:00"),
        ("time", "00:00:00-12:00:00"),
        ("date", "2026-11-23"),
        ("date_range", "2026-02-08 12:00 - 2026-02-09 11:00"),
    ] {
        let one = json!({ "type": of, "periods": [period] });
        conditions.takes(&[("CND-8", one.clone(), json!({ "type": of }))]).await;
    }
    let hours = id(&conditions.add(json!({})).await);
    let group = panel.add("agent_groups", json!({ "name": "Sales", "group_number": "600" })).await;
    let campaign = json!({ "name": "Spring", "agent_group": group, "package": "1", "working_hours": hours });
    panel.add("campaigns", campaign).await;
    let users = panel.get(&format!("conditions/{hours}/users")).await;
    assert_eq!(users["users"][0]["name"], "Spring", "CND-19: {users}");
    assert_eq!(users["users"][0]["field"], "working_hours", "CND-19");
    let kept = panel.ask("DELETE", &format!("conditions/{hours}"), Value::Null).await;
    assert_eq!(kept.refusal(), (409, "in_use".into()));
}

/// PAU-1..6
#[tokio::test(flavor = "multi_thread")]
async fn pause_reasons() {
    let panel = Panel::new().await;
    let reasons = panel.noun("pause_reasons", json!({ "name": "Lunch #" }));
    reasons.is(&[("PAU-2", "search", "name"), ("PAU-5", "may", "add edit delete"), ("PAU-6", "general", "name")]).await;
    reasons.hides_columns("PAU-3", "name").await;
    reasons.is_granted_one_by_one("PAU-1", ALL).await;
    reasons.goes_by_condition("PAU-4").await;
    reasons.is_found_by("PAU-2", json!({ "name": "Training" }), &["name"]).await;
    reasons.add(json!({ "name": "Held" })).await;
    reasons
        .refuses(&[
            ("PAU-6", json!({ "name": "" }), "name required"),
            ("PAU-6", json!({ "name": "x".repeat(41) }), "name too_long 40"),
            ("PAU-6", json!({ "name": "held" }), "name_taken name"),
        ])
        .await;
}

/// TPL-1..5, TPL-6..11
#[tokio::test(flavor = "multi_thread")]
async fn phone_templates() {
    let panel = Panel::new().await;
    let templates = panel.noun("phone_templates", json!({ "name": "T46 #", "content": "##agent_number##" }));
    templates
        .is(&[
            ("TPL-2", "search", "name"),
            ("TPL-8", "may", "add edit delete clone"),
            ("TPL-9, TPL-10, TPL-11", "general", "name brand path content"),
        ])
        .await;
    templates.hides_columns("TPL-3", "name path brand content").await;
    templates.is_granted_one_by_one("TPL-1", &["add", "edit", "clone", "delete"]).await;
    templates.goes_by_condition("TPL-4").await;
    templates.is_found_by("TPL-2", json!({ "name": "Snom D785", "brand": "Made by Snom" }), &["name"]).await;
    templates
        .refuses(&[
            ("TPL-9", json!({ "name": "" }), "name required"),
            ("TPL-10", json!({ "brand": "x".repeat(41) }), "brand too_long 40"),
            ("TPL-11", json!({ "content": "" }), "content required"),
            ("TPL-11", json!({ "content": "##shoe_size##" }), "content pattern"),
        ])
        .await;
    templates
        .takes(&[
            ("TPL-9", json!({}), json!({ "path": "##mac##.cfg", "brand": "" })),
            ("TPL-10", json!({ "brand": "Yealink" }), json!({ "brand": "Yealink" })),
        ])
        .await;
    let own = id(&templates.add(json!({})).await);
    templates.becomes(&own, &[("TPL-7", json!({ "content": "x" }), json!({ "content": "x" }))]).await;

    let given = panel.add("given_phone_templates", json!({ "name": "Given", "content": "y" })).await;
    templates.keeps(&given, &[("TPL-5", json!({ "content": "z" }), "upstream_owned")]).await;
    let kept = panel.ask("DELETE", &format!("phone_templates/{given}"), Value::Null).await;
    assert_eq!(kept.refusal(), (403, "upstream_owned".into()), "TPL-5 reading");
    let copy = panel.ask("POST", &format!("phone_templates/{given}/clone"), Value::Null).await.json();
    assert_eq!((&copy["name"], &copy["content"]), (&json!("Given (copy)"), &json!("y")), "TPL-6");
    templates.becomes(&id(&copy), &[("TPL-6", json!({ "content": "z" }), json!({ "content": "z" }))]).await;
}

/// MED-12, MED-13: sounds of each type are offered, and taken, where that type is played.
#[tokio::test(flavor = "multi_thread")]
async fn sounds_are_chosen_by_their_type() {
    let panel = Panel::new().await;
    let (voice, music) = voice(&panel);
    let offered = async |of: &str| {
        let found = panel.get(&format!("media/choices?type={of}")).await;
        found["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((offered("voice").await, offered("hold_music").await), (vec![voice.clone()], vec![music.clone()]));
    let menus = panel.noun("ivr", json!({ "name": "Menu #" }));
    let playlists = panel.noun("playlists", json!({ "name": "List #", "media": [voice] }));
    let groups = panel.noun("agent_groups", json!({ "name": "Sales #", "group_number": "6#" }));
    menus.takes(&[("MED-12", json!({ "timeout_prompt": voice }), json!({ "timeout_prompt": voice }))]).await;
    menus.refuses(&[("MED-12", json!({ "prompts": [{ "media": music }] }), "prompts not_this")]).await;
    playlists.takes(&[("MED-12", json!({}), json!({ "media": [voice] }))]).await;
    playlists.refuses(&[("MED-12", json!({ "media": [music] }), "media not_this")]).await;
    for field in ["hold_music", "wait_music"] {
        groups.takes(&[("MED-13", json!({ field: music }), json!({ field: music }))]).await;
        groups.refuses(&[("MED-13", json!({ field: voice }), &format!("{field} not_this"))]).await;
    }
    let set = json!({ "default_music": music });
    let refused = [("MED-13", json!({ "default_music": voice }), "default_music not_this")];
    panel.noun("preferences", json!({})).is_set(&refused, &[("MED-13", set.clone(), set)]).await;
}

/// BLK-1: adding, editing, deleting and reviewing are granted one by one.
#[tokio::test(flavor = "multi_thread")]
async fn the_blacklist_is_granted_one_by_one() {
    let panel = Panel::new().await;
    let blacklist = panel.noun("blacklist", json!({ "number": "13900000#" }));
    blacklist.is_granted_one_by_one("BLK-1", ALL).await;
    let office = &panel.office;
    let waits = office.put("blacklist", json!({ "number": "100", "status": "pending", "reason": "asked" }));
    let (role, _) = office.helper("reviewer", &["blacklist.view", "blacklist.edit"]);
    let reviewer = office.cookie("reviewer").await;
    let path = format!("/panel/blacklist/{waits}");
    let approve = async || office.ask(&reviewer, "PATCH", &path, json!({ "status": "enabled" })).await;
    assert_eq!(approve().await.refusal(), (403, "forbidden".into()), "BLK-1: whoever may edit does not review");
    office.set("role", &role, json!({ "permissions": ["blacklist.view", "blacklist.edit", "blacklist.approve"] }));
    assert_eq!(approve().await.status, 200, "BLK-1");
}
