//! Alarms as pages are told of them, confirmed and released.

use super::{Office, START, refused, watching::Page};
use callbox::{
    call::command::Command,
    history::fact::{Emergency, Fact, FactNumber},
    view::{AlarmKind, AlarmRow, Change},
};
use serde_json::{Value, json};

fn alarm(alarm: &str, kind: AlarmKind, change: impl FnOnce(&mut AlarmRow)) -> Change {
    let mut row = AlarmRow::new(alarm, kind, START.wall);
    change(&mut row);
    Change::Alarm { alarm: alarm.into(), row: Some(Box::new(row)) }
}

fn raise_all(office: &Office) {
    let limit = |limit: &str| {
        let limit = limit.to_owned();
        move |row: &mut AlarmRow| (row.limit, row.percent) = (limit, 80)
    };
    office.live.take(alarm("trunk-7", AlarmKind::TrunkDown, |row| row.reason = "no_answer".into()));
    office.live.take(alarm("budget-agent_minutes_day-801", AlarmKind::Budget, limit("agent_minutes_day")));
    office.live.take(alarm("budget-minutes_day-7", AlarmKind::Budget, limit("minutes_day")));
    office.live.take(alarm("emergency-known", AlarmKind::Emergency, |row| row.number = "110".into()));
}

/// BOX-8, OUT-46: who may see the box is told of all, who watches the office of calls for help, nobody else of any; what
/// is over is withdrawn.
#[tokio::test(flavor = "multi_thread")]
async fn alarms_are_told_to_whom_they_concern() {
    let office = Office::new().await;
    raise_all(&office);
    office.helper("guard", &["monitor.view"]);
    office.helper("hana", &["agent.view"]);
    for (person, expected) in [
        ("boss", vec!["budget-agent_minutes_day-801", "budget-minutes_day-7", "emergency-known", "trunk-7"]),
        ("guard", vec!["emergency-known"]),
        ("hana", vec![]),
    ] {
        let cookie = if person == "boss" { office.owner().await } else { office.cookie(person).await };
        let mut page = Page::open(&office, &cookie, Some(&office.origin())).unwrap();
        let all = page.next().unwrap();
        let told: Vec<_> = all["alarms"].as_array().unwrap().iter().map(|row| row["alarm"].as_str().unwrap()).collect();
        assert_eq!(told, expected, "{person}");
        if person == "boss" {
            assert_eq!(
                (&all["alarms"][3]["kind"], &all["alarms"][3]["reason"]),
                (&json!("trunk_down"), &json!("no_answer"))
            );
        }
    }
    let mut page = Page::open(&office, &office.owner().await, Some(&office.origin())).unwrap();
    page.next().unwrap();
    office.live.take(Change::Alarm { alarm: "trunk-7".into(), row: None });
    let news = std::iter::from_fn(|| page.next().ok()).find(|news| news["alarms"].is_array()).unwrap();
    assert_eq!(news["alarms"], json!([{ "alarm": "trunk-7", "row": null }]));
}

/// OUT-46, OUT-68: each confirms for themselves; a limit is released by who may edit limits, one of the upstream by who
/// acts as it; both stand in the audit log.
#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_is_confirmed_or_released() {
    let office = Office::new().await;
    raise_all(&office);
    let boss = office.owner().await;
    let post =
        async |cookie: &str, path: &str| office.ask(cookie, "POST", &format!("/panel/alarms/{path}"), json!({})).await;
    assert_eq!(post(&boss, "emergency-known/confirm").await.status, 204);
    assert_eq!(post(&boss, "budget-minutes_day-7/release").await.status, 204);
    for none in ["trunk-7/confirm", "trunk-7/release", "nothing/confirm", "emergency-known/release"] {
        assert_eq!(post(&boss, none).await.refusal(), refused(404, "not_found"), "{none}");
    }
    office.helper("guard", &["monitor.view"]);
    office.helper("hana", &["box.view"]);
    office.helper("kim", &["box.view", "fraud_limit.view", "fraud_limit.edit"]);
    let [guard, hana, kim] = [office.cookie("guard").await, office.cookie("hana").await, office.cookie("kim").await];
    assert_eq!(post(&guard, "emergency-known/confirm").await.status, 204);
    let ours = "budget-agent_minutes_day-801/release";
    assert_eq!(post(&guard, ours).await.refusal(), refused(404, "not_found"), "not told to them");
    assert_eq!(post(&hana, ours).await.refusal(), refused(403, "forbidden"));
    assert_eq!(post(&kim, ours).await.status, 204);
    assert_eq!(post(&kim, "budget-minutes_day-7/release").await.refusal(), refused(403, "upstream_owned"));
    let asked: Vec<Command> = office.asked.lock().unwrap().iter().map(|(_, command)| command.clone()).collect();
    let confirm = |by: &str| Command::Confirm { alarm: "emergency-known".into(), by: by.into() };
    let release = |alarm: &str| Command::Release { alarm: alarm.into() };
    let expected =
        [confirm("boss"), release("budget-minutes_day-7"), confirm("guard"), release("budget-agent_minutes_day-801")];
    assert_eq!(asked, expected);
    let log = office.ask(&boss, "GET", "/panel/audit?limit=100", Value::Null).await.json();
    let actions: Vec<_> = log["items"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"release alarm") && actions.contains(&"confirm alarm"), "{actions:?}");
}

/// OUT-46: a call for help stands in the audit log, once, and outlasts a restart.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_for_help_stands_in_the_audit_log() {
    let office = Office::new().await;
    let call = Emergency {
        call_id: "c1".into(),
        at: START.wall,
        number: "110".into(),
        agent_number: "801".into(),
        address: "192.0.2.7:5060".into(),
        ..Emergency::default()
    };
    let seen = Emergency { confirmed_by: vec!["boss".into()], ..call.clone() };
    let facts = [call, seen.clone()].map(|call| Fact::Emergency(Box::new(call)));
    office.store.facts(&(1..).map(FactNumber).zip(facts).collect::<Vec<_>>()).unwrap();
    assert_eq!(office.store.outlived().unwrap().emergencies, [seen]);
    let cookie = office.owner().await;
    let log = office.ask(&cookie, "GET", "/panel/audit?search=801", Value::Null).await.json();
    let row = &log["items"][0];
    assert_eq!(
        (&log["total"], &row["action"], &row["username"]),
        (&json!(1), &json!("emergency_call agent"), &json!("801"))
    );
    assert_eq!((&row["ip_address"], &row["request_address"]), (&json!("192.0.2.7"), &json!("INVITE 110")));
}
