//! Recordings of calls: heard in parts, downloaded, drawn, named where they are gone; records narrowed, remarked on,
//! linked and written into a file.

use super::{Office, START, refused, watching::record};
use callbox::{
    history::{
        call_record::{CallOutcome, CallRecord, CallType},
        fact::{Fact, FactNumber},
        recording::{Recording, RecordingState},
        story::{LegTold, SoundFault, Story, Wired},
    },
    schema::Id,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{fs, path::PathBuf, time::Duration};

/// A second of two sides behind a head of 58 bytes.
fn sound() -> Vec<u8> {
    [vec![0; 58], [0x2A, 0xD5].repeat(8_000)].concat()
}

impl Office {
    fn recording_path(&self, call_id: &str) -> PathBuf {
        self.dir.path().join(format!("recordings/2026/11/18/{call_id}.wav"))
    }

    /// Calls that have ended, the first of them first; the recording of each that is kept lies on the disk.
    pub(super) fn calls(&self, records: Vec<CallRecord>) {
        for record in records.iter().filter(|record| record.recording.as_ref().is_some_and(Recording::is_there)) {
            let path = self.recording_path(&record.call_id);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, sound()).unwrap();
        }
        let facts = records.into_iter().map(|record| Fact::CallEnded(Box::new(record)));
        self.store.facts(&(1..).map(FactNumber).zip(facts).collect::<Vec<_>>()).unwrap();
    }
}

fn recorded(call_id: &str) -> CallRecord {
    let sha256 = Sha256::digest(sound()).iter().map(|byte| format!("{byte:02x}")).collect();
    let recording = Recording {
        state: RecordingState::Kept,
        file: format!("recordings/2026/11/18/{call_id}.wav"),
        seconds: 1,
        bytes: sound().len() as u64,
        sha256,
    };
    let record = record(call_id, START.wall);
    CallRecord {
        answered_at: Some(START.wall),
        call_outcome: CallOutcome::Answered,
        call_type: CallType::Outbound,
        talk_seconds: 5,
        recording: Some(recording),
        ..record
    }
}

/// CDR-10, CDR-11, API-46, BOX-61, AUD-4: heard from anywhere, downloaded, drawn; what is gone or changed is named.
#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_heard_in_parts_and_downloaded_whole() {
    let office = Office::new().await;
    let lost = Recording { state: RecordingState::Lost, ..Recording::default() };
    let away = Recording { file: "recordings/../callbox.redb".into(), ..recorded("a").recording.unwrap() };
    office.calls(vec![
        recorded("a"),
        recorded("b"),
        CallRecord { recording: Some(lost), ..recorded("c") },
        CallRecord { recording: None, ..recorded("d") },
        CallRecord { recording: Some(away), ..recorded("e") },
    ]);
    let rights = ["call_record.view", "call_record.play", "call_record.download"];
    let (role, _) = office.helper("hana", &rights);
    office.set("role", &role, json!({ "scopes": { "call_record": "all" } }));
    let cookie = office.cookie("hana").await;
    let get = |path: &str| office.page("GET", &format!("/panel/call_records/{path}")).with("Cookie", &cookie);
    let whole = office.send(get("a/recording")).await;
    assert_eq!((whole.status, whole.header("content-type"), &whole.body), (200, Some("audio/wav"), &sound()));
    let part = office.send(get("a/recording").with("Range", "bytes=58-61")).await;
    assert_eq!((part.status, &part.body[..]), (206, &[0x2A, 0xD5, 0x2A, 0xD5][..]));
    assert_eq!(part.header("content-range"), Some("bytes 58-61/16058"));
    let file = office.send(get("a/recording/file")).await;
    assert!(file.header("content-disposition").unwrap().contains("a.wav") && file.body == sound());
    let program = office.send(office.program("GET", "/api/v1/call_records/a/recording")).await;
    assert_eq!((program.status, program.body), (200, sound()));
    let shape = office.send(get("a/recording/shape")).await.json();
    assert_eq!((&shape["left"][0], &shape["right"][599]), (&json!(127), &json!(0)));
    for nothing in ["c", "d", "e", "z"] {
        assert_eq!(office.send(get(&format!("{nothing}/recording"))).await.refusal(), refused(404, "not_found"));
        let program = office.program("GET", &format!("/api/v1/call_records/{nothing}/recording"));
        assert_eq!(office.send(program).await.refusal(), refused(404, "not_found"), "API-46");
    }

    fs::write(office.recording_path("b"), [sound(), vec![0]].concat()).unwrap();
    for (call, found) in [("a", json!("as_it_was")), ("b", json!("changed")), ("c", Value::Null)] {
        assert_eq!(office.send(get(call)).await.json()["recording_found"], found, "{call}");
    }
    fs::remove_file(office.recording_path("a")).unwrap();
    assert_eq!(office.send(get("a")).await.json()["recording_found"], "gone");
    assert_eq!(office.send(get("a/recording")).await.refusal(), refused(404, "not_found"));

    // One sign-in, one hearing, two downloads, four records opened, four that programs asked for in vain.
    let entries = office.entries(12).await;
    let count = |action: &str| entries.iter().filter(|row| row["action"] == action).count();
    assert_eq!((count("play call_record"), count("download call_record")), (1, 2), "parts of one hearing are one");
}

/// CDR-2 reading, CDR-10, LST-1: to see, to play and to download are three rights, and each follows the scope.
#[tokio::test(flavor = "multi_thread")]
async fn who_may_see_a_record_may_not_hear_it() {
    let office = Office::new().await;
    office.calls(vec![recorded("a")]);
    let (role, _) = office.helper("listener", &["call_record.view"]);
    office.set("role", &role, json!({ "scopes": { "call_record": "all" } }));
    let cookie = office.cookie("listener").await;
    let rights = [("a/recording", "call_record.play"), ("a/recording/file", "call_record.download")];
    for (path, right) in rights {
        let path = format!("/panel/call_records/{path}");
        assert_eq!(office.ask(&cookie, "GET", &path, Value::Null).await.refusal(), refused(403, "forbidden"));
        office.set("role", &role, json!({ "permissions": ["call_record.view", right] }));
        assert_eq!(office.ask(&cookie, "GET", &path, Value::Null).await.status, 200, "{right}");
    }
    office.set("role", &role, json!({ "scopes": { "call_record": "self" } }));
    for (path, _) in rights {
        let path = format!("/panel/call_records/{path}");
        let status = office.ask(&cookie, "GET", &path, Value::Null).await.status;
        assert_eq!(
            status,
            if path.ends_with("file") { 404 } else { 403 },
            "{path}: out of scope, and no right any more"
        );
    }
}

/// CDR-3, CDR-4, CDR-5, CDR-6, CDR-7: narrowed by what columns say; pages show six months.
#[tokio::test(flavor = "multi_thread")]
async fn records_are_narrowed_by_their_columns() {
    let office = Office::new().await;
    let of = |call_id: &str, change: &dyn Fn(&mut CallRecord)| {
        let mut record = recorded(call_id);
        change(&mut record);
        record
    };
    office.calls(vec![
        of("old", &|record| record.started_at = START.wall.moved(-200 * 24 * 3600 * 1000)),
        of("in", &|record| {
            (record.call_type, record.access_number) = (CallType::Inbound, "95001".into());
            record.package = Some(Id(2));
        }),
        of("short", &|record| {
            (record.talk_seconds, record.department_name) = (1, "Sales".into());
            record.department = Some(Id(4));
        }),
        of("campaign", &|record| {
            (record.campaign_name, record.group_number) = ("Spring, North".into(), "900".into());
            record.campaign = Some(Id(5));
        }),
        of("unheard", &|record| record.recording = None),
    ]);
    let cookie = office.owner().await;
    for (query, expected) in [
        ("", "unheard campaign short in"),
        ("?call_type=inbound", "in"),
        ("?call_type=inbound,outbound&talk_to=1", "short"),
        ("?talk_from=2&call_outcome=answered", "unheard campaign in"),
        ("?access_number=5001", "in"),
        ("?department_name=Sales", "short"),
        ("?campaign_name=Spring,%20North&group_number=900", "campaign"),
        ("?campaign_name=Spring", ""),
        ("?department=4", "short"),
        ("?department=3,4&campaign=5", ""),
        ("?campaign=5", "campaign"),
        ("?package=2", "in"),
        ("?package=1", ""),
        ("?recording=none", "unheard"),
        ("?hangup_reason=called_busy&agent_number=801&original_caller_number=80", "unheard campaign short in"),
        ("?agent_number=802", ""),
    ] {
        let list = office.ask(&cookie, "GET", &format!("/panel/call_records{query}"), Value::Null).await.json();
        let ids: Vec<_> = list["items"]
            .as_array()
            .unwrap_or_else(|| panic!("{list}"))
            .iter()
            .map(|row| row["call_id"].as_str().unwrap())
            .collect();
        assert_eq!(ids.join(" "), expected, "{query}");
        assert_eq!(list["total"], ids.len(), "{query}");
    }
    let all = office.send(office.program("GET", "/api/v1/call_records")).await.json();
    assert_eq!(all["items"].as_array().unwrap().len(), 5, "a program reads all that is kept");
    for wrong in ["?talk_from=many", "?speech=x"] {
        let refusal = office.ask(&cookie, "GET", &format!("/panel/call_records{wrong}"), Value::Null).await.refusal();
        assert_eq!(refusal, refused(422, "invalid"), "{wrong}");
    }
    let (role, _) = office.helper("asker", &["call_record.view"]);
    let hides = json!({ "scopes": { "call_record": "all" }, "hidden_fields": ["call_record.department_name"] });
    office.set("role", &role, hides);
    let cookie = office.cookie("asker").await;
    let short = office.ask(&cookie, "GET", "/panel/call_records/short", Value::Null).await.json();
    assert_eq!((short.get("department"), short.get("campaign")), (None, Some(&Value::Null)), "no name, no id");
    let narrowed = office.ask(&cookie, "GET", "/panel/call_records?department=4", Value::Null).await;
    assert_eq!(narrowed.refusal(), refused(422, "invalid"));
}

/// CDR-57; CDR-71 and CDR-74 readings: what people write on a record, and which calls belong to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_remarked_on_and_names_its_calls() {
    let office = Office::new().await;
    let after = |call_id: &str, parent: &str| {
        let ended_at = Some(START.wall + Duration::from_secs(9));
        CallRecord { parent_call_id: Some(parent.into()), ended_at, ..recorded(call_id) }
    };
    office.calls(vec![recorded("a"), after("b", "a"), after("c", "b"), recorded("d")]);
    let cookie = office.owner().await;
    let linked = async |call: &str| {
        let path = format!("/panel/call_records/{call}/linked");
        let list = office.ask(&cookie, "GET", &path, Value::Null).await.json();
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["call_id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!((linked("a").await, linked("b").await), (vec!["b".to_owned()], vec!["a".to_owned(), "c".to_owned()]));
    assert!(linked("d").await.is_empty());
    let write = async |body: Value| office.ask(&cookie, "PATCH", "/panel/call_records/a", body).await;
    assert_eq!(write(json!({ "remark": " Call back on Monday " })).await.json()["remark"], "Call back on Monday");
    let kept = office.store.call_record("a").unwrap().unwrap();
    assert_eq!((&*kept.remark, kept.talk_seconds), ("Call back on Monday", 5));
    for wrong in [json!({}), json!({ "remark": "x".repeat(501) }), json!({ "remark": "x", "talk_seconds": 1 })] {
        assert_eq!(write(wrong).await.refusal(), refused(422, "invalid"));
    }
    office.helper("reader", &["call_record.view"]);
    let reader = office.cookie("reader").await;
    let denied = office.ask(&reader, "PATCH", "/panel/call_records/a", json!({ "remark": "x" })).await;
    assert_eq!(denied.refusal(), refused(403, "forbidden"));
}

/// CDR-9, CDR-12 to CDR-59, CDR-17, CDR-45: what the list finds, in the words of the page.
#[tokio::test(flavor = "multi_thread")]
async fn records_become_a_file() {
    let office = Office::new().await;
    let named = |call_id: &str| {
        let (actual_caller_name, custom_content) = ("王,芳".into(), "order-7".into());
        CallRecord { actual_caller_name, custom_content, weekday: 3, ..recorded(call_id) }
    };
    office.calls(vec![named("a"), CallRecord { call_type: CallType::Internal, ..named("b") }]);
    let cookie = office.owner().await;
    let asked = json!({ "call_type": "outbound", "language": "en",
        "columns": ["call_id", "call_type", "weekday", "started_at", "actual_caller_name", "talk_seconds", "sound", "custom_content"] });
    let job = office.job(&cookie, "/panel/call_records/export", asked).await;
    assert_eq!(
        (&job["page"], &job["total"], &job["status"]),
        (&json!("call_records"), &json!(1), &json!("done")),
        "{job}"
    );
    let number = job["id"].as_str().unwrap();
    let text = office.text(&cookie, &format!("/panel/jobs/{number}/file")).await;
    let lines: Vec<_> = text.trim_start_matches('\u{feff}').split("\r\n").collect();
    assert_eq!(lines[0], "Weekday,Name shown,Talk time,Began,Call id,Kind of call,Custom content");
    assert_eq!(lines[1], "Wednesday,\"王,芳\",5,2026-11-18 19:06:40,a,Outbound,order-7");
    let all = office.job(&cookie, "/panel/call_records/export", json!({ "language": "en" })).await;
    let text = office.text(&cookie, &format!("/panel/jobs/{}/file", all["id"].as_str().unwrap())).await;
    let heads = text.lines().next().unwrap().split(',').count();
    assert!(heads >= 44 && !text.lines().next().unwrap().contains("call_record."), "{text}");
    for wrong in [json!({ "columns": ["nothing"] }), json!({ "call_type": 1 }), json!({ "speech": "x" })] {
        let refusal = office.ask(&cookie, "POST", "/panel/call_records/export", wrong).await.refusal();
        assert_eq!(refusal, refused(422, "invalid"));
    }
}

/// BOX-119, BOX-120, BOX-121, BOX-123: for whoever may see the record; messages and figures with `box.diagnose`.
#[tokio::test(flavor = "multi_thread")]
async fn why_a_call_went_as_it_went_is_told() {
    let office = Office::new().await;
    let fault = Some(SoundFault::NoPacketsFromPhone);
    let leg = LegTold { leg: 7, number: "801".into(), ended_ms: Some(5_000), fault, ..LegTold::default() };
    let invite = Wired { leg: 7, after_ms: 0, sent: true, peer: "udp".into(), text: "INVITE sip:801".into() };
    let story = Story { call_id: "a".into(), legs: vec![leg], ladder: vec![invite], ..Story::default() };
    office.calls(vec![recorded("a"), recorded("b")]);
    office.store.facts(&[(FactNumber(3), Fact::CallTold(Box::new(story)))]).unwrap();
    let path = "/panel/call_records/a/story";
    let told = async |cookie: &str| office.ask(cookie, "GET", path, Value::Null).await.json();
    let whole = told(&office.owner().await).await;
    assert_eq!((&whole["kept"], &whole["ladder"][0]["text"]), (&json!(true), &json!("INVITE sip:801")), "{whole}");
    assert!(whole["legs"][0]["sound"].is_object() && whole["legs"][0]["leg"] == "7");

    let (role, _) = office.helper("asker", &["call_record.view"]);
    let cookie = office.cookie("asker").await;
    let status = async || office.ask(&cookie, "GET", path, Value::Null).await.status;
    assert_eq!(status().await, 404, "out of scope");
    office.set("role", &role, json!({ "scopes": { "call_record": "all" } }));
    let part = told(&cookie).await;
    assert_eq!((&part["ladder"], &part["legs"][0]["sound"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&part["legs"][0]["fault"], &part["legs"][0]["number"]),
        (&json!("no_packets_from_phone"), &json!("801"))
    );
    office.set("role", &role, json!({ "hidden_fields": ["call_record.actual_called_number"] }));
    assert_eq!(told(&cookie).await["legs"][0]["number"], "");
    let none = office.ask(&cookie, "GET", "/panel/call_records/b/story", Value::Null).await.json();
    assert_eq!((&none["kept"], &none["legs"]), (&json!(false), &json!([])));
    office.pass(31 * 24 * 3600);
    assert_eq!(told(&office.owner().await).await["kept"], false, "BOX-120");
}
