//! What surrounds customers: tags, data sources, dictionaries, packages, custom fields (customers.md).

use super::{super::START, Noun, Panel, id};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// TAG-2..8
#[tokio::test(flavor = "multi_thread")]
async fn tags() {
    let panel = Panel::new().await;
    let tags = panel.noun("tags", json!({ "name": "Regular #" }));
    tags.is(&[
        ("TAG-2", "search", "name"),
        ("TAG-3", "tabs", "general advanced"),
        ("TAG-7", "general", "name"),
        ("TAG-8", "advanced", "remark"),
        ("TAG-6", "may", "add edit delete"),
    ])
    .await;
    tags.hides_columns("TAG-4", "name remark customers_count").await;
    tags.goes_by_condition("TAG-5").await;
    tags.is_found_by("TAG-2", json!({ "name": "Interested", "remark": "called twice" }), &["name"]).await;
    tags.add(json!({ "name": "VIP" })).await;
    tags.refuses(&[
        ("TAG-7", json!({ "name": " " }), "name required"),
        ("TAG-7", json!({ "name": "王".repeat(81) }), "name too_long 80"),
        ("TAG-7", json!({ "name": "vip" }), "name_taken name"),
    ])
    .await;
    tags.takes(&[
        ("TAG-8", json!({}), json!({ "remark": "", "customers_count": 0 })),
        ("TAG-8", json!({ "remark": "x" }), json!({ "remark": "x" })),
    ])
    .await;
}

/// SRC-3..10
#[tokio::test(flavor = "multi_thread")]
async fn data_sources() {
    let panel = Panel::new().await;
    let sources = panel.noun("data_sources", json!({ "name": "Fair #" }));
    sources
        .is(&[
            ("SRC-3", "search", "name"),
            ("SRC-4", "tabs", "general advanced"),
            ("SRC-8, SRC-9", "general", "name color"),
            ("SRC-10", "advanced", "remark"),
            ("SRC-7", "may", "add edit delete"),
        ])
        .await;
    sources.hides_columns("SRC-5", "name color remark customers_count").await;
    sources.goes_by_condition("SRC-6").await;
    sources.is_found_by("SRC-3", json!({ "name": "Website", "remark": "landing page" }), &["name"]).await;
    sources.add(json!({ "name": "Shop" })).await;
    sources
        .refuses(&[
            ("SRC-8", json!({ "name": "" }), "name required"),
            ("SRC-8", json!({ "name": "x".repeat(81) }), "name too_long 80"),
            ("SRC-8", json!({ "name": "SHOP" }), "name_taken name"),
            ("SRC-9", json!({ "color": "red" }), "color too_short 7"),
            ("SRC-9", json!({ "color": "#12345g" }), "color pattern"),
        ])
        .await;
    sources
        .takes(&[
            ("SRC-9, SRC-10", json!({}), json!({ "remark": "" })),
            (
                "SRC-9, SRC-10",
                json!({ "color": "#FF8800", "remark": "x" }),
                json!({ "color": "#ff8800", "remark": "x" }),
            ),
        ])
        .await;
}

/// SRC-9: a new source begins with the colour that the fewest have, in the form as at the box, and a free one goes first.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_begins_with_the_next_free_colour() {
    let panel = Panel::new().await;
    let sources = panel.noun("data_sources", json!({ "name": "Fair #" }));
    let mut rows = Vec::new();
    for _ in 0..12 {
        let first = offered(&sources).await;
        let row = sources.add(json!({})).await;
        assert_eq!(row["color"], first, "the form offers what the box would take");
        rows.push(row);
    }
    let colors: BTreeSet<&str> = rows.iter().map(|row| row["color"].as_str().unwrap()).collect();
    assert_eq!(colors.len(), 12, "{colors:?}");
    let free = rows[4]["color"].clone();
    assert_eq!(panel.ask("DELETE", &format!("data_sources/{}", id(&rows[4])), Value::Null).await.status, 204);
    assert_eq!(offered(&sources).await, free);
    assert_eq!(sources.add(json!({ "color": "#123456" })).await["color"], "#123456");
    assert_eq!(sources.add(json!({})).await["color"], free);
    assert_eq!(sources.add(json!({})).await["color"], rows[0]["color"], "all are taken: round again");
}

/// The colour with which the form of a new source begins.
async fn offered(sources: &Noun<'_>) -> Value {
    sources.declared().await["schema"]["properties"]["color"]["default"].clone()
}

/// DIC-2..4, DIC-6..8
#[tokio::test(flavor = "multi_thread")]
async fn dictionaries() {
    let panel = Panel::new().await;
    let dictionaries = panel.noun("dictionaries", json!({ "name": "Cities #" }));
    dictionaries
        .is(&[
            ("DIC-2", "search", "name"),
            ("DIC-3, DIC-8", "general", "name match_key"),
            ("DIC-7", "may", "add edit delete import"),
        ])
        .await;
    dictionaries.hides_columns("DIC-4", "name match_key entries_count").await;
    dictionaries.goes_by_condition("DIC-6").await;
    dictionaries.is_found_by("DIC-2", json!({ "name": "Districts" }), &["name"]).await;
    dictionaries.add(json!({ "name": "Held" })).await;
    dictionaries
        .refuses(&[
            ("DIC-8", json!({ "name": "" }), "name required"),
            ("DIC-8", json!({ "name": "x".repeat(81) }), "name too_long 80"),
            ("DIC-8", json!({ "name": "held" }), "name_taken name"),
            ("DIC-8", json!({ "match_key": "city" }), "match_key read_only"),
        ])
        .await;
    let row = id(&dictionaries.add(json!({})).await);
    dictionaries.becomes(&row, &[("DIC-7", json!({ "name": "Other" }), json!({ "name": "Other" }))]).await;
}

/// PKG-3..15, PKG-20, CMP-87, CMP-88, DID-18, PRF-35: a package closes and lets go of what stands on it.
#[tokio::test(flavor = "multi_thread")]
async fn packages() {
    let panel = Panel::new().await;
    panel.office.store.provide(START.wall).unwrap();
    let packages = panel.noun("packages", json!({ "display_name": "Package #", "code": "P#" }));
    packages
        .is(&[
            ("PKG-3", "search", "display_name"),
            ("PKG-4", "tabs", "general"),
            (
                "PKG-7..11",
                "general",
                "display_name code status hidden_pages unique_phones unique_keys index_fields recording_days",
            ),
            ("PKG-6", "may", "add edit"),
        ])
        .await;
    let columns = "display_name code status unique_phones unique_keys customers_count";
    packages.hides_columns("PKG-5", columns).await;
    packages.is_found_by("PKG-3", json!({ "display_name": "Insurance", "code": "Zebra" }), &["display_name"]).await;
    packages.add(json!({ "code": "Held" })).await;
    packages
        .refuses(&[
            ("PKG-7", json!({ "display_name": "" }), "display_name required"),
            ("PKG-8", json!({ "code": "" }), "code required"),
            ("PKG-8", json!({ "code": "a-b" }), "code pattern"),
            ("PKG-9", json!({ "code": "HELD" }), "name_taken code"),
            ("PKG-10", json!({ "status": "hidden" }), "status choice"),
            ("PKG-11", json!({ "hidden_pages": ["report"] }), "hidden_pages choice"),
            ("PKG-18", json!({ "unique_keys": ["shoe_size"] }), "unique_keys choice"),
            ("PKG-19", json!({ "index_fields": ["shoe_size"] }), "index_fields choice"),
        ])
        .await;
    let pages =
        ["custom_field", "customer", "call_record", "contact_record", "campaign", "survey_answer", "review", "stage"];
    packages
        .takes(&[
            (
                "PKG-10, PKG-11",
                json!({}),
                json!({ "status": "enabled", "hidden_pages": pages, "unique_phones": false }),
            ),
            ("PKG-11", json!({ "status": "closed", "hidden_pages": ["stage"] }), json!({ "hidden_pages": ["stage"] })),
        ])
        .await;
    packages
        .keeps(
            "1",
            &[
                ("PKG-8", json!({ "code": "other" }), "code fixed"),
                ("PKG-10", json!({ "status": "closed" }), "forbidden status"),
            ],
        )
        .await;

    let package = id(&packages.add(json!({ "display_name": "Loans" })).await);
    let group = panel.add("agent_groups", json!({ "name": "Sales", "group_number": "600" })).await;
    let campaigns = panel.noun("campaigns", json!({ "name": "Spring #", "agent_group": group, "package": package }));
    let open = id(&campaigns.add(json!({})).await);
    let closed = id(&campaigns.add(json!({ "status": "closed" })).await);
    let elsewhere = id(&campaigns.add(json!({ "package": "1" })).await);
    let did = panel.office.put("did", json!({ "number": "861088001234", "package": package }));
    panel.ask("PATCH", "preferences", json!({ "default_package": package })).await;
    packages.becomes(&package, &[("PKG-10", json!({ "status": "closed" }), json!({ "status": "closed" }))]).await;
    let status = async |id: &str| panel.get(&format!("campaigns/{id}")).await["status"].clone();
    assert_eq!((status(&open).await, status(&elsewhere).await), (json!("hidden"), json!("enabled")), "PKG-12");
    assert_eq!(status(&closed).await, "closed");
    assert_eq!(panel.get(&format!("dids/{did}")).await["package"], Value::Null, "PKG-14, DID-18");
    assert_eq!(panel.get("preferences").await["default_package"], Value::Null, "PKG-15, PRF-35");
    let chosen = json!({ "name": "Late", "package": package });
    campaigns.refuses(&[("PKG-10", chosen, "package not_this")]).await;
    packages.becomes(&package, &[("PKG-10", json!({ "status": "enabled" }), json!({ "status": "enabled" }))]).await;
    assert_eq!(status(&open).await, "hidden", "PKG-13");
    campaigns.becomes(&open, &[("PKG-13", json!({ "status": "enabled" }), json!({ "status": "enabled" }))]).await;
    campaigns.takes(&[("PKG-20", json!({ "package": package }), json!({ "package": package }))]).await;
    let choices = panel.get("packages/choices?search=loans").await;
    assert_eq!(choices["items"][0]["name"], "Loans", "PKG-20");
    assert_eq!(panel.ask("DELETE", &format!("packages/{package}"), Value::Null).await.status, 403, "PKG-6 reading");
}

/// FLD-4, FLD-5, FLD-7, FLD-9..12, FLD-15..18, FLD-20, FLD-21
#[tokio::test(flavor = "multi_thread")]
async fn custom_fields() {
    let panel = Panel::new().await;
    panel.office.store.provide(START.wall).unwrap();
    let other = panel.add("packages", json!({ "display_name": "B", "code": "b" })).await;
    let form = json!({ "package": "1", "name": "field_#", "label": "Field #", "type": "input" });
    let fields = panel.noun("custom_fields", form);
    fields
        .is(&[
            ("FLD-4", "search", "name label"),
            ("FLD-5", "tabs", "general"),
            ("FLD-7", "may", "add edit delete tools"),
            (
                "FLD-9..12",
                "general",
                "package name label type open_mode choice_mode choices levels global_search required_on_success \
                 required unique",
            ),
        ])
        .await;
    fields.hides_columns("LST-10", "name label type package global_search required_on_success required unique").await;
    fields.goes_by_condition("LST-14").await;
    fields.is_found_by("FLD-4", json!({ "name": "shoe_size", "label": "Size of shoes" }), &["name", "label"]).await;
    fields.add(json!({ "name": "held" })).await;
    fields
        .refuses(&[
            ("FLD-9", json!({ "package": null }), "package required"),
            ("FLD-10", json!({ "name": "Held" }), "name pattern"),
            ("FLD-10", json!({ "name": "1st" }), "name pattern"),
            ("FLD-10", json!({ "name": "x".repeat(64) }), "name too_long 63"),
            ("FLD-10", json!({ "name": "held" }), "name_taken name"),
            ("FLD-10", json!({ "name": "phone" }), "name_taken name"),
            ("FLD-11", json!({ "label": "" }), "label required"),
            ("FLD-11", json!({ "label": "x".repeat(81) }), "label too_long 80"),
            ("FLD-12", json!({ "type": "colour" }), "type choice"),
            ("FLD-18", json!({ "type": "link", "open_mode": "pop_up" }), "open_mode choice"),
            ("FLD-20", json!({ "type": "address" }), "choices required"),
            ("FLD-21", json!({ "type": "custom" }), "choices required"),
            ("FLD-21", json!({ "type": "custom", "choice_mode": "none" }), "choice_mode choice"),
            ("FLD-22", json!({ "type": "linked" }), "levels required"),
            ("FLD-28", json!({ "type": "attachment", "unique": true }), "unique choice"),
        ])
        .await;
    let types = ["input", "phone", "textarea", "email", "date", "link", "attachment", "number"];
    for each in types {
        fields.takes(&[("FLD-12", json!({ "type": each }), json!({ "type": each }))]).await;
    }
    let levels = json!([{ "value": "广东", "below": [{ "value": "深圳" }] }]);
    fields
        .takes(&[
            ("FLD-10", json!({ "name": "held", "package": other }), json!({ "name": "held" })),
            ("FLD-18", json!({ "type": "link" }), json!({ "open_mode": "new_window" })),
            ("FLD-20", json!({ "type": "address", "choices": ["A", "B"] }), json!({ "choices": ["A", "B"] })),
            ("FLD-21", json!({ "type": "custom", "choice_mode": "free" }), json!({ "choice_mode": "free" })),
            ("FLD-22", json!({ "type": "linked", "levels": levels }), json!({ "type": "linked" })),
        ])
        .await;
    let row = id(&fields.add(json!({})).await);
    fields.becomes(&row, &[("FLD-11", json!({ "label": "Renamed" }), json!({ "label": "Renamed" }))]).await;
    fields
        .keeps(
            &row,
            &[
                ("FLD-10", json!({ "name": "other" }), "name fixed"),
                ("FLD-12", json!({ "type": "date" }), "type fixed"),
                ("FLD-9", json!({ "package": other }), "package fixed"),
            ],
        )
        .await;
    assert_eq!(fields.found(&format!("package={other}")).await.len(), 0);
}

/// CUS-3..9, CUS-33, CUS-36..48, TAG-1, TAG-9, TAG-10, SRC-1, SRC-11, PKG-2: the form with its two tabs, and what the
/// list is narrowed by.
#[tokio::test(flavor = "multi_thread")]
async fn customers() {
    let panel = Panel::new().await;
    panel.office.store.provide(START.wall).unwrap();
    let agent = json!({ "agent_number": "801", "first_name": "Mei", "web_password": "long enough" });
    let mei = panel.add("agents", agent).await;
    let group = panel.add("agent_groups", json!({ "name": "Sales", "group_number": "600", "agents": [mei] })).await;
    let campaign = panel.add("campaigns", json!({ "name": "Spring", "agent_group": group, "package": "1" })).await;
    let (tag, source) =
        (panel.add("tags", json!({ "name": "VIP" })).await, panel.add("data_sources", json!({ "name": "Fair" })).await);
    let stage = panel.add("stages", json!({ "name": "Won", "score": 1, "package": "1" })).await;
    let result = panel.office.put("call_result", json!({ "name": "Reached" }));
    panel.add("custom_fields", json!({ "package": "1", "name": "car", "label": "Car", "type": "input" })).await;
    let customers = panel.noun("customers", json!({ "package": "1", "phone": "13900000#" }));
    customers
        .is(&[
            ("CUS-8", "tabs", "general data"),
            ("CUS-33..42", "general", "package name phone email gender age address area remark custom"),
            (
                "CUS-43..47",
                "data",
                "data_source tags campaign agent_number last_assigned_at stage call_result dnc_highlight",
            ),
            ("CUS-9", "may", "add edit delete import export assign dnc"),
            ("CUS-3..6", "filters", "stage campaign call_result tags data_source agent_number"),
        ])
        .await;
    customers
        .takes(&[
            ("CUS-33", json!({ "name": " Mei Lin " }), json!({ "name": "Mei Lin" })),
            ("CUS-33", json!({}), json!({ "name": "" })),
            ("CUS-36", json!({ "email": "mei@example.com" }), json!({ "email": "mei@example.com" })),
            ("CUS-37", json!({ "gender": "female" }), json!({ "gender": "female" })),
            ("CUS-38", json!({ "age": 150 }), json!({ "age": 150 })),
            (
                "CUS-39, CUS-40",
                json!({ "address": "1 Road", "area": "East" }),
                json!({ "address": "1 Road", "area": "East" }),
            ),
            ("CUS-41", json!({ "remark": "two\nlines" }), json!({ "remark": "two\nlines" })),
            ("CUS-42", json!({ "custom": { "car": "Audi" } }), json!({ "custom": { "car": "Audi" } })),
            ("CUS-43, SRC-11", json!({ "data_source": source }), json!({ "data_source": source })),
            ("CUS-44, TAG-9", json!({ "tags": [tag] }), json!({ "tags": [tag] })),
            ("CUS-45", json!({ "campaign": campaign }), json!({ "campaign": campaign, "agent_number": null })),
            ("CUS-46", json!({ "agent_number": "801" }), json!({ "agent_number": "801", "campaign": null })),
        ])
        .await;
    let other = panel.add("packages", json!({ "display_name": "North", "code": "north" })).await;
    customers
        .refuses(&[
            ("CUS-33", json!({ "name": "x".repeat(81) }), "name too_long 80"),
            ("CUS-36", json!({ "email": "mei" }), "email pattern"),
            ("CUS-37", json!({ "gender": "none" }), "gender choice"),
            ("CUS-38", json!({ "age": 151 }), "age out_of_range 0 150"),
            ("CUS-39", json!({ "address": "x".repeat(501) }), "address too_long 500"),
            ("CUS-42", json!({ "custom": { "bike": "x" } }), "custom.bike unknown"),
            ("CUS-43", json!({ "data_source": "99" }), "data_source not_there"),
            ("CUS-44", json!({ "tags": [tag, tag] }), "tags repeated"),
            ("CUS-45", json!({ "campaign": campaign, "package": other }), "campaign not_this"),
            ("CUS-46", json!({ "agent_number": "899" }), "agent_number not_there"),
            ("CUS-47", json!({ "last_assigned_at": "2026-01-01T00:00:00.000Z" }), "last_assigned_at read_only"),
        ])
        .await;
    let won = panel.office.put(
        "customer",
        json!({ "package": "1", "phone": "100", "name": "Won", "stage": stage, "call_result": result, "tags": [tag] }),
    );
    let named = id(&customers.add(json!({ "name": "Won too", "campaign": campaign, "data_source": source })).await);
    let elsewhere = id(&customers.add(json!({ "name": "Won", "package": other, "tags": [tag] })).await);
    for (row, query, expected) in [
        ("CUS-3", format!("stage={stage}"), vec![&won]),
        ("CUS-4", format!("campaign={campaign}"), vec![&named]),
        ("CUS-5", format!("call_result={result}"), vec![&won]),
        ("CUS-6, TAG-1, TAG-10", format!("tags={tag}"), vec![&won]),
        ("SRC-1", format!("data_source={source}"), vec![&named]),
        ("CUS-48", "search=won".into(), vec![&named, &won]),
        ("CUS-7", format!("search=won&tags={tag}&stage={stage}"), vec![&won]),
        ("CUS-7", format!("search=too&tags={tag}"), vec![]),
        ("PKG-2, CUS-48", format!("search=won&package={other}"), vec![&elsewhere]),
    ] {
        assert_eq!(customers.found(&query).await.iter().collect::<Vec<_>>(), expected, "{row}: {query}");
    }
    customers.becomes(&named, &[("CUS-9", json!({ "name": "Renamed" }), json!({ "name": "Renamed" }))]).await;
    customers.goes_by_condition("CUS-9 reading").await;
    let declared = customers.declared().await;
    assert_eq!((&declared["within"], &declared["part"]), (&json!("package"), &json!("1")), "CUS-1");
    let fields = panel.noun("custom_fields", json!({})).declared().await;
    assert_eq!((&fields["within"], &fields["part"]), (&json!("package"), &json!("1")), "FLD-1, FLD-2");
}
