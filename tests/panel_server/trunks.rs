//! How a trunk stands, what became of it, and what its row menu does.

use super::{Office, START, nouns::Panel};
use callbox::{
    call::command::Command,
    history::{
        fact::{Fact, FactNumber},
        trunk_turn::TrunkTurn,
    },
    view::{BoxRow, Change, TrunkChanged, TrunkError, TrunkRow},
};
use serde_json::{Value, json};

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

/// TRK-5, TRK-2, TRK-46, BOX-49: an open page is told how a trunk stands, if its role shows trunks.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_hears_how_trunks_stand() {
    let office = Office::new().await;
    office.live.take(row("7", 0));
    let mut page = office.open_page(&office.owner().await);
    let shown = json!({
        "trunk": "7", "state": "refused", "state_since": START.wall, "reason": "realm_changed", "calls_now": 0,
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
