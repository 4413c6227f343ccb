//! How a trunk stands, what became of it, and what its row menu does.

use super::{Office, START, nouns::Panel};
use callbox::{
    call::command::Command,
    history::{
        call_record::{Attempt, CallOutcome, CallRecord, CallType, SideSound},
        fact::{Fact, FactNumber},
        trunk_turn::TrunkTurn,
    },
    schema::Id,
    view::{BoxRow, CallRow, CallState, Change, TrunkChanged, TrunkError, TrunkRow, TrunkStep, TrunkTested},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// What the exchange knows: every trunk but this one, which is disabled.
const DISABLED: u64 = 999_999;

pub fn is_tried(trunk: u64) -> bool {
    trunk != DISABLED
}

fn row(trunk: &str, calls_now: u32) -> Change {
    let row = TrunkRow {
        trunk: trunk.into(),
        state: "refused".into(),
        state_since: START.wall,
        reason: "realm_changed".into(),
        calls_now,
        minutes_today: 7,
        day_ends: START.wall,
        last_error: Some(TrunkError { reason: "realm_changed".into(), code: Some(401), text: "a.test, b.test".into() }),
        other_realm: Some("b.test".into()),
        changed: Some(TrunkChanged {
            sent: "10.0.0.2:5060".into(),
            came: "203.0.113.77:1024".into(),
            router: Some("203.0.113.77".into()),
        }),
    };
    Change::Trunk { trunk: trunk.into(), row: Some(Box::new(row)) }
}

async fn trunk(panel: &Panel) -> String {
    panel.add("given_trunks", json!({ "name": "Carrier", "kind": "peer", "host": "192.0.2.50" })).await
}

/// TRK-4, TRK-5, TRK-2, TRK-46, BOX-49: an open page is told how a trunk stands, if its role shows trunks.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_hears_how_trunks_stand() {
    let office = Office::new().await;
    office.live.take(row("7", 0));
    let mut page = office.open_page(&office.owner().await);
    let shown = json!({
        "trunk": "7", "state": "refused", "state_since": START.wall, "reason": "realm_changed", "calls_now": 0,
        "minutes_today": 7, "day_ends": START.wall,
        "last_error": { "reason": "realm_changed", "code": 401, "text": "a.test, b.test" }, "other_realm": "b.test",
        "changed": { "sent": "10.0.0.2:5060", "came": "203.0.113.77:1024", "router": "203.0.113.77" },
    });
    assert_eq!(page.next().unwrap()["trunks"], json!([shown]));
    office.helper("hana", &["trunk.view"]);
    office.helper("iris", &["monitor.view"]);
    let mut sees = office.open_page(&office.cookie("hana").await);
    let mut blind = office.open_page(&office.cookie("iris").await);
    assert_eq!(sees.next().unwrap()["trunks"][0]["trunk"], "7");
    assert_eq!(blind.next().unwrap()["trunks"], json!([]));
    office.live.take(row("7", 2));
    assert_eq!(page.next().unwrap()["trunks"][0]["row"]["calls_now"], 2);
    office.live.take(Change::Trunk { trunk: "7".into(), row: None });
    assert_eq!(sees.next().unwrap()["trunks"].as_array().unwrap().last().unwrap()["trunk"], "7");
    office.live.take(Change::Box(BoxRow { calls: 3, ..BoxRow::default() }));
    let heard = blind.next().unwrap();
    assert_eq!((heard.get("trunks"), heard["kind"].as_str()), (None, Some("change")), "{heard}");
}

/// TRK-48, TRK-49, TRK-2: changes and outages, the newest first, and the shares; for who sees trunks.
#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_trunk_is_told() {
    let panel = Panel::new().await;
    let id = trunk(&panel).await;
    let empty = panel.get(&format!("trunks/{id}/states")).await;
    assert_eq!(empty, json!({ "items": [], "up_day": null, "up_month": null, "outages": [] }));
    let turn = |hours: i64, from: &str, to: &str, reason: &str, code| {
        Fact::TrunkTurn(Box::new(TrunkTurn {
            trunk: id.parse().unwrap(),
            at: START.wall.moved(-hours * 3_600_000),
            from: from.into(),
            to: to.into(),
            reason: reason.into(),
            code,
            address: Some("192.0.2.50:5060".into()),
            ms: Some(31),
            text: String::new(),
        }))
    };
    let turns = [
        turn(48, "connecting", "up", "answered", Some(200)),
        turn(18, "up", "unreachable", "no_answer", None),
        turn(12, "unreachable", "up", "answered", Some(404)),
    ];
    panel.office.store.facts(&(1..).map(FactNumber).zip(turns).collect::<Vec<_>>()).unwrap();
    let told = panel.get(&format!("trunks/{id}/states")).await;
    assert_eq!((&told["up_day"], &told["up_month"]), (&json!(0.75), &json!(0.875)), "{told}");
    let newest = json!({
        "trunk": id.parse::<u64>().unwrap(), "at": START.wall.moved(-12 * 3_600_000), "from": "unreachable", "to": "up",
        "reason": "answered", "code": 404, "address": "192.0.2.50:5060", "ms": 31, "text": "",
    });
    assert_eq!((told["items"].as_array().unwrap().len(), &told["items"][0]), (3, &newest));
    let outage = json!([{
        "began_at": START.wall.moved(-18 * 3_600_000), "ended_at": START.wall.moved(-12 * 3_600_000),
        "reason": "no_answer", "code": null, "text": "",
    }]);
    assert_eq!(told["outages"], outage);
    let helper = |who: &'static str, right: &'static str| {
        panel.office.helper(who, &[right]);
        panel.office.cookie(who)
    };
    for (who, right, status) in [("hana", "trunk.view", 200), ("iris", "monitor.view", 403)] {
        let cookie = helper(who, right).await;
        let answer = panel.office.ask(&cookie, "GET", &format!("/panel/trunks/{id}/states"), Value::Null).await;
        assert_eq!(answer.status, status, "{who}");
    }
    assert_eq!(panel.ask("GET", "trunks/4711/states", Value::Null).await.status, 404);
}

/// TRK-1, TRK-42, TRK-46: by who acts as the upstream alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_is_tried_and_its_realm_accepted() {
    let panel = Panel::new().await;
    let id = trunk(&panel).await;
    let number: u64 = id.parse().unwrap();
    for deed in ["register", "accept_realm"] {
        let done = panel.ask("POST", &format!("trunks/{id}/{deed}"), json!({})).await;
        assert_eq!(done.status, 204, "{deed}: {done:?}");
        assert_eq!(panel.ask("POST", &format!("trunks/4711/{deed}"), json!({})).await.status, 404, "{deed}");
    }
    panel.office.helper("hana", &["trunk.view"]);
    let cookie = panel.office.cookie("hana").await;
    for deed in ["register", "accept_realm"] {
        let path = format!("/panel/trunks/{id}/{deed}");
        let refused = panel.office.ask(&cookie, "POST", &path, json!({})).await;
        assert_eq!((refused.status, &refused.json()["error"]), (403, &json!("upstream_owned")), "{deed}");
    }
    let asked = panel.office.asked.lock().unwrap();
    let commands: Vec<_> = asked.iter().map(|(_, command)| command.clone()).collect();
    assert_eq!(commands, [Command::TryTrunk { trunk: number }, Command::AcceptRealm { trunk: number }]);
}

/// TRK-18: a trunk with a call up stays; without one, it goes.
#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_in_a_call_stays() {
    let panel = Panel::new().await;
    let id = trunk(&panel).await;
    panel.office.live.take(row(&id, 1));
    let path = format!("given_trunks/{id}");
    let refused = panel.ask("DELETE", &path, Value::Null).await;
    assert_eq!((refused.status, &refused.json()["error"]), (409, &json!("in_call")), "{refused:?}");
    let several = panel.ask("POST", "given_trunks/delete", json!({ "ids": [id] })).await.json();
    assert_eq!((&several["deleted"], &several["refused"][0]["error"]), (&json!(0), &json!("in_call")), "{several}");
    panel.office.live.take(row(&id, 0));
    assert_eq!(panel.ask("DELETE", &path, Value::Null).await.status, 204);
}

/// TRK-20, TRK-1: a number is called over one trunk by who acts as the upstream, and the page is told how it goes and
/// how it went.
#[tokio::test(flavor = "multi_thread")]
async fn a_test_call_is_begun_and_told() {
    let panel = Panel::new().await;
    let id = trunk(&panel).await;
    let path = format!("trunks/{id}/test_call");
    let begun = panel.ask("POST", &path, json!({ "number": "021 5566-7788" })).await;
    assert_eq!((begun.status, begun.json()), (201, json!({ "call_id": "known" })));
    let asked = panel.office.asked.lock().unwrap().pop().unwrap().1;
    assert_eq!(asked, Command::TestCall { trunk: id.parse().unwrap(), number: "021 5566-7788".into() });
    for (wrong, field, why) in [
        (json!({}), "number", "required"),
        (json!({ "number": "nobody" }), "number", "pattern"),
        (json!({ "number": "110", "agent": "801" }), "agent", "unknown"),
    ] {
        let refused = panel.ask("POST", &path, wrong).await;
        assert_eq!((refused.status, &refused.json()["fields"][field]["why"]), (422, &json!(why)), "{refused:?}");
    }
    assert_eq!(panel.ask("POST", "trunks/999999/test_call", json!({ "number": "110" })).await.status, 404);

    let told = format!("{path}/known");
    assert_eq!(panel.ask("GET", &told, Value::Null).await.status, 404, "neither up nor over yet");
    panel.office.live.take(Change::Call { call_id: "known".into(), row: Some(Arc::new(ringing())) });
    assert_eq!(panel.get(&told).await, json!({ "over": false, "state": "ringing" }));
    panel.office.live.take(Change::Call { call_id: "known".into(), row: None });
    panel.office.store.facts(&[(FactNumber(1), Fact::CallEnded(Box::new(record(Id(1)))))]).unwrap();
    let over = json!({
        "over": true, "answered": true, "code": 200, "record_code": "200", "milliseconds": 5_200, "ringing_ms": 412,
        "packets_in": 230, "packets_out": 231, "silent": false,
    });
    assert_eq!(panel.get(&told).await, over);
    panel.office.helper("hana", &["trunk.view"]);
    let cookie = panel.office.cookie("hana").await;
    for (method, path) in [("POST", format!("/panel/{path}")), ("GET", format!("/panel/{told}"))] {
        let body = if method == "POST" { json!({ "number": "110" }) } else { Value::Null };
        let refused = panel.office.ask(&cookie, method, &path, body).await;
        assert_eq!((refused.status, &refused.json()["error"]), (403, &json!("upstream_owned")), "{method}");
    }
}

fn ringing() -> CallRow {
    CallRow {
        call_id: "known".into(),
        caller_number: String::new(),
        caller_name: String::new(),
        called_number: "02155667788".into(),
        called_name: String::new(),
        state: CallState::Ringing,
        started_at: START.wall,
        answered_at: None,
        since: START.wall,
        encrypted: false,
        recording: None,
        sides: Vec::new(),
        from_outside: false,
    }
}

fn record(trunk: Id) -> CallRecord {
    CallRecord {
        call_type: CallType::VoiceNotice,
        call_outcome: CallOutcome::Answered,
        answered_at: Some(START.wall),
        sip_code: "200".into(),
        attempts: vec![Attempt {
            trunk,
            trunk_name: "Carrier".into(),
            code: 200,
            milliseconds: 5_200,
            ringing_ms: Some(412),
        }],
        sound: vec![SideSound {
            trunk: Some(trunk),
            trunk_name: "Carrier".into(),
            packets_received: 230,
            packets_sent: 231,
            ..SideSound::default()
        }],
        ..super::watching::record("known", START.wall)
    }
}

/// What the exchange answers to a trial.
pub fn tested() -> TrunkTested {
    let step = |step: &str, code, reason: Option<&str>| TrunkStep {
        step: step.into(),
        address: Some("192.0.2.50:5060".into()),
        ms: 12,
        code,
        reason: reason.map(Into::into),
        text: String::new(),
    };
    let steps = vec![step("look_up", None, None), step("register", Some(401), Some("password"))];
    TrunkTested { advice: "password".into(), steps }
}

/// TRK-19, TRK-1: what is typed is tried, saved or not, by who acts as the upstream; an untouched password is the saved
/// one, and what cannot be tried is named by its field.
#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_is_tried_as_it_is_typed() {
    let panel = Panel::new().await;
    let form = json!({ "kind": "register", "host": "sip.carrier.test", "username": "1001", "password": "secret" });
    let told = panel.ask("POST", "given_trunks/test", form.clone()).await;
    assert_eq!((told.status, &told.json()["advice"]), (200, &json!("password")), "{told:?}");
    let steps = json!([
        { "step": "look_up", "address": "192.0.2.50:5060", "ms": 12, "code": null, "reason": null, "text": "" },
        { "step": "register", "address": "192.0.2.50:5060", "ms": 12, "code": 401, "reason": "password", "text": "" },
    ]);
    assert_eq!(told.json()["steps"], steps);
    let mut row = form;
    row["name"] = "Carrier".into();
    let id = panel.add("given_trunks", row).await;
    let changed = panel.ask("POST", &format!("given_trunks/{id}/test"), json!({ "host": "192.0.2.77" })).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let asked: Vec<Command> = panel.office.asked.lock().unwrap().drain(..).map(|(_, command)| command).collect();
    let [Command::TestTrunk(new), Command::TestTrunk(saved)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((new.saved, saved.saved), (None, Some(id.parse().unwrap())));
    assert_eq!((&*new.trunk.host, &*saved.trunk.host), ("sip.carrier.test", "192.0.2.77"));
    let password = |trunk: &callbox::model::Trunk| trunk.password.as_ref().map(|password| password.to_string());
    assert_eq!((password(&new.trunk), password(&saved.trunk)), (Some("secret".into()), Some("secret".into())));
    // BOX-122: what is written down of it holds no secret.
    assert!(!serde_json::to_string(&asked).unwrap().contains("secret"), "{asked:?}");
    for (path, form, field) in [
        ("given_trunks/test".to_owned(), json!({ "kind": "register", "host": "a.test" }), "username"),
        ("given_trunks/test".to_owned(), json!({ "kind": "peer" }), "host"),
        (format!("given_trunks/{id}/test"), json!({ "srtp": "required" }), "srtp"),
    ] {
        let refused = panel.ask("POST", &path, form).await;
        assert_eq!((refused.status, refused.json()["fields"][field].is_object()), (422, true), "{refused:?}");
    }
    assert_eq!(panel.ask("POST", "given_trunks/4711/test", json!({})).await.status, 404);
    panel.office.helper("hana", &["trunk.view"]);
    let cookie = panel.office.cookie("hana").await;
    let refused = panel.office.ask(&cookie, "POST", "/panel/given_trunks/test", json!({ "kind": "peer" })).await;
    assert_eq!(refused.status, 403, "{refused:?}");
}

/// TRK-50, TRK-2: the calls of today over one trunk, for who sees trunks; yesterday's are gone.
#[tokio::test(flavor = "multi_thread")]
async fn the_calls_of_today_are_counted() {
    let panel = Panel::new().await;
    let id = trunk(&panel).await;
    let (path, known) = (format!("trunks/{id}/today"), Id(id.parse().unwrap()));
    let nothing = panel.get(&path).await;
    assert_eq!((&nothing["calls_in"], &nothing["calls_out"], &nothing["most"]), (&json!(0), &json!(0), &json!(0)));
    let ended = |days: i64, number: u64| {
        let at = START.wall.moved(-days * 86_400_000);
        let call = CallRecord { call_id: format!("c{number}"), started_at: at, ended_at: Some(at), ..record(known) };
        (FactNumber(number), Fact::CallEnded(Box::new(call)))
    };
    panel.office.store.facts(&[ended(1, 1), ended(0, 2), ended(0, 3)]).unwrap();
    panel.office.live.take(row(&id, 4));
    let renamed = panel.ask("PATCH", &format!("given_trunks/{id}"), json!({ "name": "Line 1" })).await;
    assert_eq!(renamed.status, 200, "a line keeps its day under another name: {renamed:?}");
    let told = panel.get(&path).await;
    let expected = json!({
        "calls_in": 0, "calls_out": 2, "answered": 2, "refused": {}, "ringing_ms": 412, "most": 4, "lost_in": 0.0,
        "lost_out": 0.0,
    });
    assert_eq!(told, expected);
    panel.office.helper("iris", &["monitor.view"]);
    let cookie = panel.office.cookie("iris").await;
    assert_eq!(panel.office.ask(&cookie, "GET", &format!("/panel/{path}"), Value::Null).await.status, 403);
}

/// OUT-69: every limit with what is used and left, and the outside minutes of each agent in 30 days; for who sees them.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_used_of_the_fraud_limits_is_told() {
    let panel = Panel::new().await;
    let id = trunk(&panel).await;
    let ended = |days: i64, number: u64, kind: CallType, seconds: u32| {
        let at = START.wall.moved(-days * 86_400_000);
        let call = CallRecord {
            call_id: format!("c{number}"),
            call_type: kind,
            agent_number: "801".into(),
            talk_seconds: seconds,
            started_at: at,
            ended_at: Some(at),
            ..record(Id(id.parse().unwrap()))
        };
        (FactNumber(number), Fact::CallEnded(Box::new(call)))
    };
    let calls = [
        ended(31, 1, CallType::Outbound, 6_000),
        ended(29, 2, CallType::Outbound, 100),
        ended(2, 3, CallType::Inbound, 6_000),
        ended(1, 4, CallType::ClickToCall, 100),
    ];
    panel.office.store.facts(&calls).unwrap();
    let told = panel.get("fraud_limits/used").await;
    let agents = json!([{ "agent_number": "801", "name": "", "limits": null, "minutes_month": 3 }]);
    assert_eq!(told["agents"], agents, "{told}");
    let limits: Vec<&str> =
        told["office"].as_array().unwrap().iter().map(|left| left["limit"].as_str().unwrap()).collect();
    assert_eq!(
        limits,
        [
            "dear_minutes_day",
            "dear_concurrent",
            "dear_call_minutes",
            "night_concurrent",
            "forward_concurrent",
            "daily_call_limit"
        ]
    );
    let line = json!([{
        "trunk": id, "name": "Carrier", "limits": [{ "limit": "minutes_day", "used": 0, "allowed": null }],
    }]);
    assert_eq!(told["trunks"], line);
    for (who, right, status) in [("hana", "fraud_limit.view", 200), ("iris", "trunk.view", 403)] {
        panel.office.helper(who, &[right]);
        let cookie = panel.office.cookie(who).await;
        let answer = panel.office.ask(&cookie, "GET", "/panel/fraud_limits/used", Value::Null).await;
        assert_eq!(answer.status, status, "{who}");
    }
}
