//! How DIDs are used, told on their form as calls end; and what finds them.

use super::{Panel, id};
use crate::panel_server::{HOUR, START, watching::record};
use callbox::history::{
    call_record::{CallOutcome, CallRecord, CallType, TransferType},
    fact::{Fact, FactNumber},
};
use serde_json::{Value, json};
use std::time::Duration;

/// A call from outside, so many hours after the beginning.
fn call(number: u64, did: &str, hours: i64, billed: u32, answered: bool) -> (FactNumber, Fact) {
    let started_at = START.wall.moved(hours * HOUR as i64 * 1000);
    let record = CallRecord {
        call_type: CallType::Inbound,
        access_number: did.into(),
        call_outcome: if answered { CallOutcome::Answered } else { CallOutcome::NotAnswered },
        did_billed_seconds: billed,
        ..record(&format!("c{number}"), started_at)
    };
    (FactNumber(number), Fact::CallEnded(Box::new(record)))
}

fn figures(row: &Value) -> (u64, u64, String) {
    let number = |field: &str| row[field].as_u64().unwrap();
    let last = row["last_used_at"].as_str().unwrap_or("never").chars().take(10).collect();
    (number("calls_this_month"), number("minutes_this_month"), last)
}

/// DID-30, DID-31, DID-33 and their reading: calls and minutes of the present month, each answered call rounded up; when
/// the number was last called. The office begins on 18 November in Shanghai.
#[tokio::test(flavor = "multi_thread")]
async fn the_form_tells_how_a_did_is_used() {
    let panel = Panel::new().await;
    let hotline = id(&panel.ask("POST", "given_dids", json!({ "number": "95001" })).await.json());
    let quiet = id(&panel.ask("POST", "given_dids", json!({ "number": "95002" })).await.json());
    let shown = async |did: &str| figures(&panel.get(&format!("dids/{did}")).await);
    assert_eq!(shown(&hotline).await, (0, 0, "never".into()));
    let transferred = |(number, fact): (FactNumber, Fact)| match fact {
        Fact::CallEnded(record) => {
            (number, Fact::CallEnded(Box::new(CallRecord { transfer_type: TransferType::Blind, ..*record })))
        }
        other => (number, other),
    };
    let store = &panel.office.store;
    store
        .facts(&[
            call(1, "95001", 0, 1, true),
            call(2, "95001", 24, 61, true),
            call(3, "95001", 48, 600, false),
            transferred(call(4, "95001", 48, 60, true)),
            call(5, "95009", 48, 60, true),
        ])
        .unwrap();
    assert_eq!(shown(&hotline).await, (3, 4, "2026-11-20".into()), "DID-30, DID-31, DID-33");
    assert_eq!(shown(&quiet).await, (0, 0, "never".into()), "another's calls");
    let listed = panel.get("dids?search=95001").await;
    assert_eq!(figures(&listed["items"][0]), (3, 4, "2026-11-20".into()));
    let whole = panel.get(&format!("dids/{hotline}")).await;
    let sent_back =
        json!({ "name": "Hotline", "calls_this_month": whole["calls_this_month"], "minutes_this_month": 99 });
    let saved = panel.ask("PATCH", &format!("dids/{hotline}"), sent_back).await;
    assert_eq!((saved.status, figures(&saved.json())), (200, (3, 4, "2026-11-20".into())), "read-only");

    let office = panel.office.again(Duration::from_secs(60)).await;
    let mut panel = Panel { cookie: office.owner().await, office, next: std::cell::Cell::new(500) };
    let shown = async |panel: &Panel| figures(&panel.get(&format!("dids/{hotline}")).await);
    assert_eq!(shown(&panel).await, (3, 4, "2026-11-20".into()), "after a restart");
    // 17:06 on 30 November in UTC is the first of December in Shanghai.
    let hours = 12 * 24 + 6;
    panel.office.store.facts(&[call(6, "95001", hours, 1, true)]).unwrap();
    panel.office.pass(hours as u64 * HOUR);
    panel.cookie = panel.office.owner().await;
    assert_eq!(shown(&panel).await, (1, 1, "2026-11-30".into()), "the next month counts anew");
    panel.office.pass(31 * 24 * HOUR);
    panel.cookie = panel.office.owner().await;
    assert_eq!(shown(&panel).await, (0, 0, "2026-11-30".into()), "and one without calls has none");
}

/// DID-3 and its reading: by the number, and all of them by the office's name or domain.
#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_the_office_finds_all_its_dids() {
    let panel = Panel::new().await;
    let dids = panel.noun("dids", json!({}));
    panel.ask("POST", "given_dids", json!({ "number": "95001 95002" })).await;
    panel.ask("PATCH", "company", json!({ "name": "Blue Harbour Ltd" })).await;
    panel.ask("PATCH", "settings", json!({ "realm": "harbour.example" })).await;
    for (search, found) in [("5002", 1), ("BLUE%20har", 2), ("harbour.ex", 2), ("Green", 0), ("", 2)] {
        assert_eq!(dids.found(&format!("search={search}")).await.len(), found, "{search}");
    }
    let others = panel.noun("tags", json!({ "name": "Tag #" }));
    others.add(json!({})).await;
    assert_eq!(others.found("search=blue").await.len(), 0, "only DIDs");
}
