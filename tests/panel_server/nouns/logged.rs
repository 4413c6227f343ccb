//! The log of the blacklist: every number that was ever on it, who let it in and out, and the calls it turned away.

use super::{Panel, id, waiting::agent};
use crate::panel_server::{START, watching::record};
use callbox::history::call_record::{CallRecord, CallType, HangupReason};
use serde_json::{Value, json};
use std::time::Duration;

const RIGHTS: [&str; 3] = ["blacklist.view", "blacklist.add", "blacklist.edit"];

fn turned_away(call_id: &str, caller: &str, seconds: u64) -> CallRecord {
    CallRecord {
        call_type: CallType::Inbound,
        original_caller_number: caller.into(),
        hangup_reason: HangupReason::Blacklist,
        ended_at: Some(START.wall + Duration::from_secs(seconds)),
        ..record(call_id, START.wall)
    }
}

/// `13500000001 added boss`, newest first.
fn told(page: &Value) -> Vec<String> {
    let line = |row: &Value| {
        let by = row["by"]["name"].as_str().unwrap_or_default();
        let more = [row["reason"].as_str().unwrap_or_default(), row["call_id"].as_str().unwrap_or_default()].concat();
        let words = [row["named"].as_str().unwrap(), row["word"].as_str().unwrap(), by, &more];
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    page["items"].as_array().unwrap().iter().map(line).collect()
}

/// BLK-5, BLK-6, BLK-8 and their reading: three tabs, of which one tells of all numbers that were ever on the list, also
/// after their removal, and of the calls.
#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_number_is_told_also_when_it_is_gone() {
    let panel = Panel::new().await;
    let asks = agent(&panel, "801", &RIGHTS).await;
    let form = |number: &str, reason: &str| json!({ "number": number, "reason": reason });
    let gone = id(&panel.ask("POST", "blacklist", form("13500000001", "Spam")).await.json());
    let mut waits = Vec::new();
    for number in ["13500000002", "13500000003"] {
        panel.office.pass(1);
        let added = panel.office.ask(&asks, "POST", "/panel/blacklist", form(number, "Threats")).await.json();
        waits.push(id(&added));
    }
    panel.office.pass(1);
    panel.ask("PATCH", &format!("blacklist/{}", waits[0]), json!({ "status": "enabled" })).await;
    panel.office.pass(1);
    panel.ask("PATCH", &format!("blacklist/{}", waits[1]), json!({ "status": "disabled" })).await;
    panel.ask("PATCH", &format!("blacklist/{}", waits[1]), json!({ "reason": "None of that" })).await;
    panel.office.pass(1);
    panel.ask("DELETE", &format!("blacklist/{gone}"), Value::Null).await;
    let other = CallRecord { hangup_reason: HangupReason::CallFailed, ..turned_away("other", "13500000009", 2) };
    panel.office.calls(vec![turned_away("late", "+86 13500000002", 4), other, turned_away("early", "13500000001", 1)]);

    let all = panel.get("blacklist/log").await;
    let expected = [
        "13500000001 removed boss Spam",
        "8613500000002 call late",
        "13500000003 rejected boss Threats",
        "13500000002 approved boss Threats",
        "13500000003 added 801 Anna Threats",
        "13500000002 added 801 Anna Threats",
        "13500000001 added boss Spam",
    ];
    // A record that is kept after a later one stands where that stands: behind no call that was told of before.
    let told_of: Vec<String> = told(&all).into_iter().filter(|line| !line.ends_with("early")).collect();
    assert_eq!(told_of, expected, "BLK-8");
    assert!(told(&all).iter().any(|line| line == "13500000001 call early"), "BLK-5");
    assert_eq!(all["total"], 8);

    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = panel.get(&format!("blacklist/log?limit=3{cursor}")).await;
        assert!(page["items"].as_array().unwrap().len() <= 3 && page["total"] == 8);
        paged.extend(told(&page));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, told(&all));
    let found = panel.get("blacklist/log?search=0001").await;
    assert_eq!((told(&found).len(), &found["total"]), (3, &json!(3)), "{found}");

    let schema = panel.get("schema").await;
    let of =
        |noun: &str| schema["resources"].as_array().unwrap().iter().find(|one| one["name"] == noun).unwrap().clone();
    assert_eq!((&of("blacklist")["approval"], &of("blacklist")["logged"]), (&json!("status"), &json!(true)), "BLK-6");
    assert_eq!((&of("dnc")["approval"], &of("dnc")["logged"]), (&json!("status"), &json!(false)), "DNC-7");
    assert_eq!(panel.ask("GET", "dnc/log", Value::Null).await.status, 404, "DNC-7: it has two tabs");

    panel.office.helper("otto", &["agent.view"]);
    let otto = panel.office.cookie("otto").await;
    let refused = panel.office.ask(&otto, "GET", "/panel/blacklist/log", Value::Null).await;
    assert_eq!(refused.refusal(), (403, "forbidden".into()));
    let (role, _) = panel.office.helper("hana", &["blacklist.view"]);
    panel.office.set("role", &role, json!({ "hidden_fields": ["blacklist.number"] }));
    let hana = panel.office.cookie("hana").await;
    let hidden = panel.office.ask(&hana, "GET", "/panel/blacklist/log?search=0001", Value::Null).await.json();
    assert!(hidden["items"].as_array().unwrap().iter().all(|row| row["named"].is_null()) && hidden["total"] == 8);
}
