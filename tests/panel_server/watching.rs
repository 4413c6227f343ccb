//! What is happening, as an open page hears it, and what is kept of it.

use super::{HOUR, Office, START, call, call_row, refused, state_of};
use callbox::{
    call::command::{Actor, Command},
    history::{
        call_record::{CallOutcome, CallRecord, CallType, HangupBy, HangupReason, TransferType},
        fact::{Fact, FactNumber},
    },
    time::Timestamp,
    view::{AgentState, BoxRow, Change},
};
use serde_json::{Value, json};
use std::{net::TcpStream, time::Duration};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{self, Message, WebSocket, client::IntoClientRequest};

/// A page that hears nothing for so long fails its test.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Page(WebSocket<TcpStream>);

impl Page {
    pub fn open(office: &Office, cookie: &str, origin: Option<&str>) -> Result<Page, u16> {
        let mut request = format!("ws://{}/panel/live", office.http).into_client_request().unwrap();
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let stream = TcpStream::connect(office.http).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Page(socket)),
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer))) => {
                Err(answer.status().as_u16())
            }
            Err(other) => panic!("{other:?}"),
        }
    }

    /// The next message, or the code with which the box closed.
    pub fn next(&mut self) -> Result<Value, u16> {
        loop {
            match self.0.read().unwrap() {
                Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
                Message::Close(frame) => return Err(frame.unwrap().code.into()),
                _ => {}
            }
        }
    }
}

impl Office {
    pub fn open_page(&self, cookie: &str) -> Page {
        Page::open(self, cookie, Some(&self.origin())).unwrap()
    }
}

/// PANEL: first everything, then what changed.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_hears_everything_and_then_what_changes() {
    let office = Office::new().await;
    office.live.take(call("a"));
    office.live.take(state_of("801", AgentState::Talking));
    let mut page = Page::open(&office, &office.owner().await, Some(&office.origin())).unwrap();
    let all = page.next().unwrap();
    let row = serde_json::to_value(call_row("a")).unwrap();
    assert_eq!((&all["kind"], &all["calls"], &all["now"]), (&json!("all"), &json!([row]), &json!(START.wall)));
    assert_eq!(all["agents"][0]["state"], "talking");
    assert_eq!(all["box"]["calls"], 0);

    office.live.take(Change::Call { call_id: "a".into(), row: None });
    let change = page.next().unwrap();
    let gone = json!([{ "call_id": "a", "row": null }]);
    assert_eq!((&change["kind"], &change["calls"], &change["agents"]), (&json!("change"), &gone, &json!([])));
    assert_eq!(change.get("box"), None);

    office.live.take(Change::Box(BoxRow { calls: 3, ..BoxRow::default() }));
    assert_eq!(page.next().unwrap()["box"]["calls"], 3);
    office.live.take(state_of("801", AgentState::Idle));
    assert_eq!(page.next().unwrap()["agents"][0]["row"]["state"], "idle");
}

/// A page that hears what happens keeps nothing open once the box has stopped.
#[tokio::test(flavor = "multi_thread")]
async fn a_box_with_open_pages_stops_whole() {
    let mut office = Office::new().await;
    for _ in 0..8 {
        let cookie = office.owner().await;
        let mut pages = [office.open_page(&cookie), office.open_page(&cookie), office.open_page(&cookie)];
        pages.iter_mut().for_each(|page| drop(page.next().unwrap()));
        office = office.again(Duration::from_secs(1)).await;
    }
}

/// AGT-33, AGT-34: whoever signs agents in and out is told of each page that an agent has open, and of no other.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_of_an_agent_is_told_of() {
    let office = Office::new().await;
    let id: u64 = office.agent("801").await["id"].as_str().unwrap().parse().unwrap();
    let told = async |count: usize| {
        while office.asked.lock().unwrap().len() < count {
            tokio::task::yield_now().await;
        }
        office.asked.lock().unwrap().clone()
    };
    let page = |opens| (Actor::Agent(id), Command::Page { opens });
    let mut owners = office.open_page(&office.owner().await);
    owners.next().unwrap();
    let mut own = office.open_page(&office.cookie("801").await);
    own.next().unwrap();
    assert_eq!(timeout(PATIENCE, told(1)).await.unwrap(), [page(true)]);
    drop((own, owners));
    assert_eq!(timeout(PATIENCE, told(2)).await.unwrap(), [page(true), page(false)]);
}

/// HOUSE: at most ten times a second, and nothing is lost by waiting.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_told_ten_times_a_second_at_most() {
    let office = Office::new().await;
    let mut page = Page::open(&office, &office.owner().await, Some(&office.origin())).unwrap();
    page.next().unwrap();
    let begun = Instant::now();
    let (mut messages, mut heard) = (0, std::collections::BTreeSet::new());
    for number in 0..500 {
        office.live.take(call(&number.to_string()));
    }
    office.live.take(call("last"));
    while !heard.contains("last") {
        let change = page.next().unwrap();
        messages += 1;
        heard
            .extend(change["calls"].as_array().unwrap().iter().map(|row| row["call_id"].as_str().unwrap().to_string()));
    }
    assert_eq!(heard.len(), 501);
    assert!(messages <= 1 + begun.elapsed().as_millis() / 100 + 1, "{messages} in {:?}", begun.elapsed());
}

/// BOX-154, DSK-11
#[tokio::test(flavor = "multi_thread")]
async fn only_our_own_pages_hear_anything() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let own = office.origin();
    for (cookie, origin, status) in [
        ("", Some(own.as_str()), 401),
        ("callbox=abc", Some(&own), 401),
        (&cookie, None, 403),
        (&cookie, Some("http://evil.example"), 403),
        (&cookie, Some("https://127.0.0.1"), 403),
    ] {
        assert_eq!(Page::open(&office, cookie, origin).map(drop), Err(status), "{origin:?}");
    }
}

/// DSK-11, PANEL: signing out on one page closes the others.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_closed_when_its_session_ends() {
    let office = Office::new().await;
    let (cookie, other) = (office.owner().await, office.owner().await);
    let mut page = Page::open(&office, &cookie, Some(&office.origin())).unwrap();
    let mut stays = Page::open(&office, &other, Some(&office.origin())).unwrap();
    page.next().unwrap();
    stays.next().unwrap();
    assert_eq!(office.send(office.page("DELETE", "/panel/session").with("Cookie", &cookie)).await.status, 204);
    assert_eq!(page.next(), Err(4401));
    office.live.take(call("b"));
    assert_eq!(stays.next().unwrap()["calls"][0]["call_id"], "b");
}

/// DSK-17: an open page keeps its session.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_with_an_open_page_goes_on() {
    let office = Office::new().await;
    let (cookie, ended) = (office.owner().await, office.owner().await);
    let mut page = Page::open(&office, &cookie, Some(&office.origin())).unwrap();
    page.next().unwrap();
    for _ in 0..3 {
        office.pass(11 * HOUR);
        // The page looks at its session when some other one ends.
        let other = office.owner().await;
        office.send(office.page("DELETE", "/panel/session").with("Cookie", &other)).await;
        office.live.take(call("tick"));
        page.next().unwrap();
    }
    assert_eq!(office.send(office.page("GET", "/panel/session").with("Cookie", &cookie)).await.status, 200);
    assert_eq!(office.send(office.page("GET", "/panel/session").with("Cookie", &ended)).await.status, 401);
}

/// BOX-173: a box that stops says so to its pages and does not wait for them.
#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_box_closes_its_pages() {
    let office = Office::new().await;
    let mut page = Page::open(&office, &office.owner().await, Some(&office.origin())).unwrap();
    page.next().unwrap();
    office.stopped().await;
    assert_eq!(page.next(), Err(1001));
}

pub fn record(call_id: &str, started_at: Timestamp) -> CallRecord {
    CallRecord {
        call_id: call_id.into(),
        parent_call_id: None,
        call_type: CallType::Internal,
        call_outcome: CallOutcome::NotAnswered,
        transfer_type: TransferType::None,
        transferred_from: String::new(),
        agent_number: "801".into(),
        agent_name: "Anna".into(),
        department_name: String::new(),
        department: None,
        group_number: String::new(),
        campaign_name: String::new(),
        campaign: None,
        package: None,
        weekday: 3,
        is_holiday: false,
        call_hour: 11,
        original_caller_number: "801".into(),
        original_caller_name: "Anna".into(),
        actual_caller_number: "801".into(),
        actual_caller_name: "Anna".into(),
        original_called_number: "802".into(),
        actual_called_number: "802".into(),
        access_number: String::new(),
        original_access_number: String::new(),
        did_name: String::new(),
        trunk: None,
        trunk_name: String::new(),
        customer_keys: String::new(),
        custom_content: String::new(),
        caller_region: String::new(),
        called_region: String::new(),
        started_at,
        answered_at: None,
        ended_at: Some(started_at + Duration::from_secs(5)),
        talk_seconds: 0,
        billed_seconds: 0,
        did_billed_seconds: 0,
        total_seconds: 5,
        hangup_reason: HangupReason::CalledBusy,
        hangup_by: HangupBy::Called,
        ended_by: None,
        sip_code: "486".into(),
        hold_count: 0,
        hold_seconds: 0,
        server_name: "Callbox".into(),
        remark: String::new(),
        recording: None,
        sound: vec![],
        attempts: Vec::new(),
        places: Vec::new(),
    }
}

/// CDR-51, API-26, API-47, API-48
#[tokio::test(flavor = "multi_thread")]
async fn records_are_listed_by_page_and_by_date() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let minute = |number: u64| START.wall + Duration::from_secs(60 * number);
    let facts: Vec<_> = (0..5)
        .map(|number| {
            (FactNumber(number + 1), Fact::CallEnded(Box::new(record(&format!("c{number}"), minute(number)))))
        })
        .collect();
    office.store.facts(&facts).unwrap();
    let ids = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|row| row["call_id"].as_str().unwrap().into()).collect()
    };
    let page = |query: &str| office.page("GET", &format!("/panel/call_records{query}")).with("Cookie", &cookie);
    let first = office.send(page("?limit=3")).await.json();
    assert_eq!((ids(&first), &first["total"]), (vec!["c4".into(), "c3".into(), "c2".into()], &json!(5)));
    let next = first["next"].as_str().unwrap();
    assert_eq!(ids(&office.send(page(&format!("?limit=3&cursor={next}"))).await.json()), ["c1", "c0"]);
    let between = format!("?from={}&to={}", minute(1), minute(3));
    let found = office.send(office.program("GET", &format!("/api/v1/call_records{between}"))).await.json();
    assert_eq!((ids(&found), found.get("total")), (vec!["c2".into(), "c1".into()], None));
    for wrong in ["?from=yesterday", "?to=1", "?limit=1000", "?agent=801"] {
        assert_eq!(office.send(page(wrong)).await.refusal(), refused(422, "invalid"), "{wrong}");
    }
    let one = office.send(office.page("GET", "/panel/call_records/c3").with("Cookie", &cookie)).await.json();
    assert_eq!((&one["sip_code"], &one["hangup_reason"]), (&json!("486"), &json!("called_busy")));
    assert!(!one["sip_code_text"].as_str().unwrap().is_empty());
    assert_eq!(one["started_at"], "2026-11-18T11:09:40.000Z");
}

/// CDR-18, CDR-54, CDR-58: what is worked out of a record, and its date, which is none of the holidays of nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_says_how_long_a_hold_was_in_the_mean_and_when_it_was_made() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let holds = [(0, 0, 0), (2, 7, 3), (3, 9, 3), (4, 3, 0)];
    let facts = holds.iter().zip(1..).map(|((hold_count, hold_seconds, _), number)| {
        let record = record(&format!("c{number}"), START.wall + Duration::from_secs(number));
        let record = CallRecord { hold_count: *hold_count, hold_seconds: *hold_seconds, ..record };
        (FactNumber(number), Fact::CallEnded(Box::new(record)))
    });
    office.store.facts(&facts.collect::<Vec<_>>()).unwrap();
    for ((_, _, mean), number) in holds.iter().zip(1..) {
        let path = format!("/panel/call_records/c{number}");
        let shown = office.send(office.page("GET", &path).with("Cookie", &cookie)).await.json();
        assert_eq!((&shown["hold_avg_seconds"], &shown["is_holiday"]), (&json!(mean), &json!(false)), "{shown}");
        assert_eq!(shown["created_at"], json!(START.wall + Duration::from_secs(number)));
    }
}

/// API-45: calls in progress, as a list.
#[tokio::test(flavor = "multi_thread")]
async fn calls_in_progress_are_listed() {
    let office = Office::new().await;
    office.live.take(call("a"));
    let listed = office.send(office.program("GET", "/api/v1/calls")).await.json();
    assert_eq!((&listed["items"][0]["call_id"], &listed["next"]), (&json!("a"), &Value::Null));
}

/// CDR-2, ROL-12, ROL-13, ROL-14, ROL-9: whose records a role shows, in the list and one by one, and which columns.
#[tokio::test(flavor = "multi_thread")]
async fn records_out_of_scope_are_not_there() {
    let office = Office::new().await;
    office.agent("801").await;
    let role = office.put("role", json!({ "name": "Desk", "permissions": ["call_record.view"] }));
    let of = |call_id: &str, number: &str| CallRecord { agent_number: number.into(), ..record(call_id, START.wall) };
    let answered = CallRecord { call_outcome: CallOutcome::Answered, call_hour: 12, ..of("own", "801") };
    let facts = [answered, of("other", "802")].map(|record| Fact::CallEnded(Box::new(record)));
    let facts: Vec<_> = (1..).map(FactNumber).zip(facts).collect();
    office.store.facts(&facts).unwrap();
    let cookie = office.cookie("801").await;
    let denied = office.ask(&cookie, "GET", "/panel/call_records", Value::Null).await;
    assert_eq!(denied.refusal(), refused(403, "forbidden"));
    let agent = office.send(office.program("GET", "/api/v1/agents")).await.json()["items"][0]["id"].clone();
    office.set("agent", agent.as_str().unwrap(), json!({ "role": role }));
    for (scope, expected) in [("self", vec!["own"]), ("groups", vec!["own"]), ("all", vec!["other", "own"])] {
        office.set("role", &role, json!({ "scopes": { "call_record": scope } }));
        let listed = office.ask(&cookie, "GET", "/panel/call_records", Value::Null).await.json();
        let mut ids: Vec<_> =
            listed["items"].as_array().unwrap().iter().map(|row| row["call_id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        assert_eq!((&ids, &listed["total"]), (&expected, &json!(expected.len())), "{scope}");
        let other = office.ask(&cookie, "GET", "/panel/call_records/other", Value::Null).await.status;
        assert_eq!(other, if scope == "all" { 200 } else { 404 }, "{scope}");
        let counted = office.ask(&cookie, "GET", "/panel/call_records/hours", Value::Null).await.json();
        let (own, others) =
            (json!({ "hour": 12, "answered": 1, "missed": 0 }), json!({ "hour": 11, "answered": 0, "missed": 1 }));
        assert_eq!(counted["items"], if scope == "all" { json!([others, own]) } else { json!([own]) }, "{scope}");
    }
    let later = format!("/panel/call_records/hours?from={}", START.wall + Duration::from_secs(1));
    assert_eq!(office.ask(&cookie, "GET", &later, Value::Null).await.json(), json!({ "items": [] }));
    office.set("role", &role, json!({ "hidden_fields": ["call_record.call_outcome"] }));
    let hidden = office.ask(&cookie, "GET", "/panel/call_records/hours", Value::Null).await;
    assert_eq!(hidden.refusal(), refused(403, "forbidden"));
    office.set("role", &role, json!({ "hidden_fields": ["call_record.original_caller_number"] }));
    let one = office.ask(&cookie, "GET", "/panel/call_records/own", Value::Null).await.json();
    assert_eq!((one.get("original_caller_number"), &one["agent_number"]), (None, &json!("801")));
}
