//! What happened is there after a stop, whole and once.

use super::{at, machine::Machine, opened};
use crate::{
    history::{
        call_record::{CallOutcome, CallRecord, CallType, HangupBy, HangupReason, SideSound, TransferType},
        fact::{
            AgentEvent, AgentEventKind, Emergency, Fact, FactNumber, GroupTurn, Paused, Registration, SignedIn,
            SignedOut,
        },
        recording::{Recording, RecordingState},
        story::{LegTold, Story, Wired},
    },
    store::{
        AuditQuery, RecordQuery, Store,
        facts::{packed, unpacked},
    },
    time::Timestamp,
};
use std::time::Duration;

const MONTH: i64 = 31 * 24 * 3600;

pub fn record(call_id: &str, started: Timestamp) -> CallRecord {
    CallRecord {
        call_id: call_id.into(),
        parent_call_id: None,
        call_type: CallType::Internal,
        call_outcome: CallOutcome::NotAnswered,
        transfer_type: TransferType::None,
        transferred_from: String::new(),
        agent_number: "801".into(),
        agent_name: "王芳".into(),
        department_name: String::new(),
        department: None,
        group_number: String::new(),
        campaign_name: String::new(),
        campaign: None,
        package: None,
        weekday: 1,
        is_holiday: false,
        call_hour: 9,
        original_caller_number: "801".into(),
        original_caller_name: "王芳".into(),
        actual_caller_number: "801".into(),
        actual_caller_name: "王芳".into(),
        original_called_number: "802".into(),
        actual_called_number: String::new(),
        access_number: String::new(),
        original_access_number: String::new(),
        did_name: String::new(),
        trunk: None,
        trunk_name: String::new(),
        customer_keys: String::new(),
        custom_content: String::new(),
        caller_region: String::new(),
        called_region: String::new(),
        started_at: started,
        answered_at: None,
        ended_at: None,
        talk_seconds: 0,
        billed_seconds: 0,
        did_billed_seconds: 0,
        total_seconds: 0,
        hangup_reason: HangupReason::CallTimeout,
        hangup_by: HangupBy::System,
        ended_by: None,
        sip_code: String::new(),
        hold_count: 0,
        hold_seconds: 0,
        server_name: "Callbox".into(),
        remark: String::new(),
        recording: None,
        sound: vec![SideSound { number: "801".into(), codec: "PCMA".into(), mos: Some(4.4), ..SideSound::default() }],
        attempts: Vec::new(),
        places: Vec::new(),
    }
}

fn ended(call_id: &str, started: Timestamp) -> Fact {
    let ended_at = Some(started + Duration::from_secs(20));
    let record = CallRecord { ended_at, sip_code: "487".into(), total_seconds: 20, ..record(call_id, started) };
    Fact::CallEnded(Box::new(record))
}

fn registration(id: u64) -> Registration {
    Registration {
        id,
        agent_number: "801".into(),
        contact: "sip:801@192.0.2.7:5060".into(),
        instance: None,
        path: Vec::new(),
        transport: "udp".into(),
        local: "192.0.2.1:5060".into(),
        remote: "192.0.2.7:5060".into(),
        user_agent: "desk phone".into(),
        call_id: "r1".into(),
        cseq: 4,
        registered_at: at(0),
        expires_at: at(3600),
    }
}

fn numbered(from: u64, facts: Vec<Fact>) -> Vec<(FactNumber, Fact)> {
    (from..).map(FactNumber).zip(facts).collect()
}

fn ids(store: &Store, query: RecordQuery) -> Vec<String> {
    store.call_records(&query).unwrap().items.into_iter().map(|record| record.call_id).collect()
}

/// BOX-93: whole and once, also when the writer was not sure and asks again
#[test]
fn a_record_is_kept_whole_and_once() {
    let (directory, store) = opened();
    let open = Fact::CallOpen(Box::new(record("c1", at(0))));
    let facts = numbered(1, vec![open, ended("c1", at(0)), ended("c2", at(5))]);
    store.facts(&facts[..2]).unwrap();
    store.facts(&facts).unwrap();
    store.facts(&facts).unwrap();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(store.close_cut_calls().unwrap(), []);
    assert_eq!(store.outlived().unwrap().next_fact, 4);
    let page = store.call_records(&RecordQuery { limit: 10, ..RecordQuery::default() }).unwrap();
    assert_eq!((page.total, page.next), (2, None));
    assert_eq!(
        page.items[1],
        match &facts[1].1 {
            Fact::CallEnded(record) => (**record).clone(),
            other => panic!("{other:?}"),
        }
    );
    assert_eq!(store.call_record("c2").unwrap().unwrap().call_id, "c2");
    assert_eq!(store.call_record("c3").unwrap(), None);
}

/// BOX-94, CDR-1 reading, CDR-30
#[test]
fn a_call_that_the_power_cut_is_closed_once_with_the_last_time_known() {
    let (directory, store) = opened();
    let answered = CallRecord { answered_at: Some(at(3)), call_type: CallType::Outbound, ..record("talking", at(0)) };
    let facts = vec![
        Fact::CallOpen(Box::new(answered)),
        Fact::CallOpen(Box::new(record("ringing", at(8)))),
        Fact::Alive(at(10)),
        Fact::CallOpen(Box::new(record("late", at(11)))),
    ];
    store.facts(&numbered(1, facts)).unwrap();
    drop(store);

    let store = Store::open(directory.path()).unwrap();
    assert_eq!(store.outlived().unwrap().open_calls.len(), 3);
    assert_eq!(store.close_cut_calls().unwrap().len(), 3);
    assert_eq!(store.close_cut_calls().unwrap(), []);
    let outlived = store.outlived().unwrap();
    assert_eq!((outlived.open_calls.len(), outlived.next_fact), (0, 8));
    // The exchange may say it again under its own number.
    store.facts(&numbered(8, vec![ended("ringing", at(8))])).unwrap();

    let talking = store.call_record("talking").unwrap().unwrap();
    assert_eq!((talking.hangup_by, talking.sip_code.as_str()), (HangupBy::System, "L500"));
    assert_eq!((talking.hangup_reason, talking.call_outcome), (HangupReason::Normal, CallOutcome::Answered));
    assert_eq!(talking.ended_at, Some(at(11)));
    assert_eq!((talking.total_seconds, talking.talk_seconds, talking.billed_seconds), (11, 8, 8));
    let ringing = store.call_record("ringing").unwrap().unwrap();
    assert_eq!((ringing.hangup_reason, ringing.talk_seconds), (HangupReason::CallFailed, 0));
    assert_eq!(ringing.ended_at, Some(at(11)));
    assert_eq!(store.call_record("late").unwrap().unwrap().ended_at, Some(at(11)));
    assert_eq!(store.call_records(&RecordQuery::default()).unwrap().total, 3);
}

/// BOX-52, BOX-94: a clock that was set back an hour makes no cut call an hour longer.
#[test]
fn a_call_after_the_clock_was_set_back_is_closed_by_that_clock() {
    const HOUR: i64 = 3600;
    let (directory, store) = opened();
    let open = |call_id: &str, started| Fact::CallOpen(Box::new(record(call_id, started)));
    let before = vec![open("before", at(HOUR)), Fact::Alive(at(HOUR + 8)), open("last", at(HOUR + 9))];
    store.facts(&numbered(1, before)).unwrap();
    let set_back = vec![open("before", at(0)), Fact::Alive(at(10)), open("last", at(9)), open("after", at(12))];
    store.facts(&numbered(4, set_back)).unwrap();
    drop(store);
    let mut closed = Store::open(directory.path()).unwrap().close_cut_calls().unwrap();
    closed.sort_by_key(|record| record.started_at);
    let lengths: Vec<_> = closed.iter().map(|record| (&*record.call_id, record.total_seconds)).collect();
    assert_eq!(lengths, [("before", 12), ("last", 3), ("after", 0)]);
}

/// BOX-101: a phone that was registered, do-not-disturb, sign-ins and pauses are known after a stop, also in the next
/// month.
#[test]
fn what_must_outlive_a_stop_is_carried_into_the_next_month() {
    let (directory, store) = opened();
    let dnd = |at, number: &str, kind| Fact::AgentEvent(AgentEvent { at, agent_number: number.into(), kind });
    let first = vec![
        Fact::Registered(Box::new(registration(1))),
        Fact::Registered(Box::new(registration(2))),
        dnd(at(1), "801", AgentEventKind::DndOn),
        dnd(at(1), "802", AgentEventKind::DndOn),
        Fact::CallOpen(Box::new(record("over-midnight", at(2)))),
    ];
    store.facts(&numbered(1, first)).unwrap();
    let group = |number: &str| number.to_owned();
    let work = vec![
        dnd(at(3), "801", AgentEventKind::SignIn { group_number: group("900") }),
        dnd(at(3), "801", AgentEventKind::SignIn { group_number: group("901") }),
        dnd(at(4), "801", AgentEventKind::Pause { reason: "lunch".into() }),
        dnd(at(4), "802", AgentEventKind::Pause { reason: "phone".into() }),
    ];
    store.facts(&numbered(6, work)).unwrap();
    let next = vec![
        Fact::Unregistered { id: 1 },
        dnd(at(MONTH), "801", AgentEventKind::DndOff),
        dnd(at(MONTH), "802", AgentEventKind::Resume),
        dnd(at(MONTH), "801", AgentEventKind::SignOut { group_number: group("900"), reason: SignedOut::FeatureCode }),
        Fact::Alive(at(MONTH + 9)),
    ];
    store.facts(&numbered(10, next)).unwrap();
    // A clock that is set back stays in the newest file.
    store.facts(&numbered(15, vec![Fact::Registered(Box::new(registration(3)))])).unwrap();
    drop(store);

    let store = Store::open(directory.path()).unwrap();
    let mut months: Vec<_> = std::fs::read_dir(directory.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    months.retain(|name| name.to_string_lossy().starts_with("history-"));
    months.sort();
    assert_eq!(months, ["history-2026-11.redb", "history-2026-12.redb"]);
    let outlived = store.outlived().unwrap();
    assert_eq!(outlived.registrations, [registration(2), registration(3)]);
    assert_eq!(outlived.dnd, ["802"]);
    assert_eq!(outlived.signed_in, [SignedIn { agent_number: group("801"), group_number: group("901") }]);
    assert_eq!(outlived.paused, [Paused { agent_number: group("801"), reason: group("lunch"), since: at(4) }]);
    assert_eq!((outlived.next_fact, outlived.last_alive), (16, Some(at(MONTH + 9))));
    assert_eq!(store.close_cut_calls().unwrap()[0].ended_at, Some(at(MONTH + 9)));
}

/// LST-7, LST-8, CDR-4: newest first over all months, by page, search and time
#[test]
fn records_are_found_over_months() {
    let (_directory, store) = opened();
    let mut number = 1;
    for month in 0..3 {
        let calls: Vec<_> = (0..10).map(|n| ended(&format!("c{month}{n}"), at(month * MONTH + n * 60))).collect();
        store.facts(&numbered(number, calls)).unwrap();
        number += 10;
    }
    let newest_first: Vec<_> = (0..30).rev().map(|n| format!("c{}{}", n / 10, n % 10)).collect();
    for limit in [1, 7, 10, 30, 100] {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let page = store.call_records(&RecordQuery { limit, cursor, ..RecordQuery::default() }).unwrap();
            assert_eq!(page.total, 30);
            found.extend(page.items.into_iter().map(|record| record.call_id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, newest_first, "by {limit}");
    }
    let all = || RecordQuery { limit: 100, ..RecordQuery::default() };
    let from = RecordQuery { from: Some(at(MONTH + 300)), to: Some(at(2 * MONTH + 120)), ..all() };
    assert_eq!(ids(&store, from.clone()), ["c21", "c20", "c19", "c18", "c17", "c16", "c15"]);
    let page = store.call_records(&RecordQuery { limit: 3, ..from.clone() }).unwrap();
    assert_eq!(page.total, 7);
    assert_eq!(ids(&store, RecordQuery { cursor: page.next, ..from }), ["c18", "c17", "c16", "c15"]);
    assert_eq!(ids(&store, RecordQuery { search: " C1".into(), limit: 2, ..RecordQuery::default() }), ["c19", "c18"]);
    assert_eq!(ids(&store, RecordQuery { search: "王".into(), ..all() }).len(), 30);
    assert!(ids(&store, RecordQuery { search: "nobody".into(), ..all() }).is_empty());
    assert!(ids(&store, RecordQuery { cursor: Some("nonsense".into()), ..all() }).is_empty());
}

/// BOX-54, LST-7: a clock that is set back changes no order, on no page, and each is found by its own time.
#[test]
fn records_keep_their_order_when_the_clock_is_set_back() {
    let (_directory, store) = opened();
    let times = [0, 100, 7_200, 3_650, 3_700];
    let calls = times.iter().enumerate().map(|(n, at_s)| ended(&format!("c{n}"), at(*at_s)));
    store.facts(&numbered(1, calls.collect())).unwrap();
    let all = RecordQuery { limit: 9, ..RecordQuery::default() };
    assert_eq!(ids(&store, all.clone()), ["c4", "c3", "c2", "c1", "c0"]);
    let page = store.call_records(&RecordQuery { limit: 2, ..all.clone() }).unwrap();
    assert_eq!(ids(&store, RecordQuery { limit: 2, cursor: page.next, ..all.clone() }), ["c2", "c1"]);
    assert_eq!(ids(&store, RecordQuery { from: Some(at(3_600)), to: Some(at(3_690)), ..all.clone() }), ["c3"]);
    assert_eq!(ids(&store, RecordQuery { from: Some(at(3_690)), ..all }), ["c4", "c2"]);
}

/// BOX-7: the office needs its telephone more than a month of records
#[test]
fn a_broken_month_is_set_aside_and_the_box_starts() {
    let (directory, store) = opened();
    store.facts(&numbered(1, vec![ended("old", at(0))])).unwrap();
    store.facts(&numbered(2, vec![Fact::Registered(Box::new(registration(1))), ended("new", at(MONTH))])).unwrap();
    drop(store);
    std::fs::write(directory.path().join("history-2026-12.redb"), vec![0x5a; 9000]).unwrap();
    let store = Store::open(directory.path()).unwrap();
    assert!(directory.path().join("history-2026-12.redb.broken-1").exists());
    assert_eq!(ids(&store, RecordQuery { limit: 9, ..RecordQuery::default() }), ["old"]);
    let next = store.outlived().unwrap().next_fact;
    store.facts(&numbered(next, vec![ended("newer", at(MONTH + 5))])).unwrap();
    assert_eq!(ids(&store, RecordQuery { limit: 9, ..RecordQuery::default() }), ["newer", "old"]);
}

/// BOX-61, BOX-95: a record says how its recording is once that is known, also when the month has turned or the power
/// went in between.
#[test]
fn a_record_is_told_how_its_recording_is() {
    let (directory, store) = opened();
    let open = |call_id: &str| Recording { file: format!("recordings/{call_id}.wav"), ..Recording::default() };
    let recorded = |fact: Fact| match fact {
        Fact::CallEnded(mut record) => {
            record.recording = Some(open(&record.call_id));
            Fact::CallEnded(record)
        }
        other => other,
    };
    let kept = Recording {
        state: RecordingState::Kept,
        seconds: 7,
        bytes: 112_058,
        sha256: "5a".repeat(32),
        ..Recording::default()
    };
    let told = |call_id: &str| Fact::Recorded { call_id: call_id.into(), recording: Box::new(kept.clone()) };
    let facts = vec![recorded(ended("here", at(0))), told("here"), recorded(ended("before", at(20)))];
    store.facts(&numbered(1, facts)).unwrap();
    let next = vec![recorded(ended("cut", at(MONTH))), told("before")];
    store.facts(&numbered(4, next)).unwrap();
    for call_id in ["here", "before"] {
        let recording = store.call_record(call_id).unwrap().unwrap().recording.unwrap();
        assert_eq!(recording, Recording { file: open(call_id).file, ..kept.clone() }, "{call_id}");
    }
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(store.open_recordings().unwrap(), [("cut".to_owned(), open("cut").file)]);
    store.keep_recording("cut", &Recording { state: RecordingState::Lost, ..Recording::default() }).unwrap();
    assert!(store.open_recordings().unwrap().is_empty());
    let recording = store.call_record("cut").unwrap().unwrap().recording.unwrap();
    assert_eq!(recording, Recording { state: RecordingState::Lost, ..open("cut") });
}

/// BOX-61, BOX-66, BOX-92, OUT-46: wherever the disk fails for a moment, asking again keeps everything: the record, how
/// a recording of an earlier month is, and the call for help in the audit log.
#[test]
fn whoever_asks_again_after_a_fault_loses_nothing() {
    let recording = |state| Recording { state, file: "recordings/old.wav".into(), bytes: 9, ..Recording::default() };
    let old = CallRecord { recording: Some(recording(RecordingState::Open)), ..record("old", at(0)) };
    let told = Fact::Recorded { call_id: "old".into(), recording: Box::new(recording(RecordingState::Kept)) };
    let help = Emergency { call_id: "help".into(), at: at(MONTH), number: "110".into(), ..Emergency::default() };
    let facts = numbered(2, vec![ended("new", at(MONTH)), told, Fact::Emergency(Box::new(help))]);
    for writes in 0.. {
        let machine = Machine::default();
        let store = machine.store().unwrap();
        store.facts(&[(FactNumber(1), Fact::CallEnded(Box::new(old.clone())))]).unwrap();
        machine.powered_for(writes);
        let first = store.facts(&facts);
        machine.powered_again();
        if first.is_err() {
            store.facts(&facts).unwrap();
        }
        let entries = store.audited(&AuditQuery { limit: 9, ..AuditQuery::default() }).unwrap().total;
        let kept = store.call_record("old").unwrap().unwrap().recording.unwrap().state;
        assert!(entries > 0 && kept == RecordingState::Kept, "after {writes} writes: {entries} entries, {kept:?}");
        assert_eq!(ids(&store, RecordQuery { limit: 9, ..RecordQuery::default() }), ["new", "old"]);
        if first.is_ok() {
            assert!(entries == 1 && writes > 5, "{writes}");
            break;
        }
    }
}

/// BOX-119, BOX-120: a story is found by its call, and forgotten with its month.
#[test]
fn a_story_is_kept_for_a_month() {
    let (_directory, store) = opened();
    let story = |call_id: &str, from: i64| Story {
        call_id: call_id.into(),
        started_at: at(from),
        legs: vec![LegTold { number: "801".into(), code: 486, ..LegTold::default() }],
        ladder: vec![Wired {
            leg: 1,
            after_ms: 0,
            sent: true,
            peer: "udp".into(),
            text: "INVITE sip:x\r\n".repeat(200),
        }],
        ..Story::default()
    };
    let told = |call_id: &str, from: i64| Fact::CallTold(Box::new(story(call_id, from)));
    store.facts(&numbered(1, vec![ended("old", at(0)), told("old", 0)])).unwrap();
    store.facts(&numbered(3, vec![ended("new", at(2 * MONTH)), told("new", 2 * MONTH)])).unwrap();
    assert_eq!(
        (store.story("old").unwrap(), store.story("new").unwrap()),
        (Some(story("old", 0)), Some(story("new", 2 * MONTH)))
    );
    assert_eq!(store.story("nothing").unwrap(), None);
    store.forget_stories_before(at(2 * MONTH + 60)).unwrap();
    assert_eq!((store.story("old").unwrap(), store.story("new").unwrap().is_some()), (None, true));
    assert!(store.call_record("old").unwrap().is_some(), "the record stays");
}

/// The bytes on the disk of version 1. If this fails, a struct was changed: raise `VERSION` and keep the old struct
/// for reading (before the first release: renew the bytes).
#[test]
fn a_record_written_before_is_read() {
    let written: String = packed(&record("c1", at(0))).unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(written, BYTES);
    let bytes: Vec<u8> =
        (0..BYTES.len()).step_by(2).map(|n| u8::from_str_radix(&BYTES[n..n + 2], 16).unwrap()).collect();
    assert_eq!(unpacked::<CallRecord>(&bytes).unwrap(), record("c1", at(0)));
}

const BYTES: &str = concat!(
    "0102633100040100000338303106e78e8be88ab30000000000000100090338303106e78e8be88ab30338303106e78e8be88a",
    "b3033830320000000000000000000080f8b2e5bd680000000000000802000000000743616c6c626f78000001033830310000",
    "0450434d410000000000000000000001cdcc8c4000000000"
);

/// INR-21, RNG-20: the latest talk with each number outlives a stop and a new month, for half a year (calls inside are
/// none), and so does whose turn it is in a ring group.
#[test]
fn last_talks_and_turns_are_known_at_the_start() {
    let (directory, store) = opened();
    let day = |n: i64| at(n * 86_400);
    let talk = |n: u64, kind, number: &str, agent: &str, when: Timestamp| {
        let record = CallRecord {
            call_type: kind,
            agent_number: agent.into(),
            original_caller_number: number.into(),
            actual_called_number: number.into(),
            answered_at: Some(when),
            ended_at: Some(when),
            ..record(&format!("c{n}"), when)
        };
        (FactNumber(n), Fact::CallEnded(Box::new(record)))
    };
    let known = |store: &Store| {
        let talks = store.outlived().unwrap().last_talks;
        talks.into_iter().map(|talk| (talk.number, talk.agent_number)).collect::<Vec<_>>()
    };
    let both = |number: &str, agent: &str| (number.to_owned(), agent.to_owned());
    store.facts(&[talk(1, CallType::Inbound, "138", "801", day(0))]).unwrap();
    store.facts(&[talk(2, CallType::ClickToCall, "139", "802", day(1))]).unwrap();
    store.facts(&[talk(3, CallType::Internal, "802", "801", day(1))]).unwrap();
    store.facts(&[talk(4, CallType::Outbound, "138", "803", day(2))]).unwrap();
    assert_eq!(known(&store), [both("138", "803"), both("139", "802")]);
    let turn = |rev, next| GroupTurn { group: 3, rev, next };
    let turns = [(FactNumber(5), Fact::GroupTurn(turn(1, 2))), (FactNumber(6), Fact::GroupTurn(turn(2, 1)))];
    store.facts(&turns).unwrap();
    store.facts(&[talk(7, CallType::Inbound, "137", "804", day(182))]).unwrap();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(known(&store), [both("137", "804"), both("138", "803")]);
    assert_eq!(store.outlived().unwrap().group_turns, [turn(2, 1)]);
}
