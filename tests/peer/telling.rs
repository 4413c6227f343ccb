//! What is told of a call, and of a box that is asked for its settings.

use crate::{
    harness::{Callbox, Lan, clock::wall_ms, description::sound},
    hostile_many::{Talk, take_call, wait_for},
};
use callbox::time::Timestamp;
use serde_json::Value;
use std::{process::Command, thread, time::Duration};

/// CDR-15, CDR-17, CDR-19, CDR-25, CDR-29, CDR-31..34, CDR-39, CDR-40, CDR-48, CDR-59: the record of a call between
/// two agents, as the API gives it. AGT-11, AGT-14: the number that registers is the one that is dialed.
#[test]
fn a_record_tells_its_call() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let place = lan.place();
    let began = wall_ms();
    let talk = Talk::begin(&place, &office, "801", "802");
    talk.is_heard();
    let record = talk.end(&office);
    let moment = |name: &str| record[name].as_str().unwrap().parse::<Timestamp>().unwrap();
    let (started, answered, ended) = (moment("started_at"), moment("answered_at"), moment("ended_at"));
    assert!(began <= started.0 && started <= answered && answered < ended && ended.0 <= wall_ms(), "{record}");
    assert_eq!(record["talk_seconds"], ended.seconds_since(answered), "{record}");
    assert_eq!(record["total_seconds"], ended.seconds_since(started), "{record}");
    assert!(ended.seconds_since(answered) >= 1, "two seconds of sound were heard: {record}");
    let local = jiff::Timestamp::from_millisecond(started.0).unwrap().in_tz("Asia/Shanghai").unwrap();
    assert_eq!(record["weekday"], local.weekday().to_monday_one_offset(), "{record}");
    assert_eq!(record["call_hour"], local.hour(), "{record}");
    for (column, value) in [
        ("agent_number", "801"),
        ("original_caller_number", "801"),
        ("original_called_number", "802"),
        ("actual_called_number", "802"),
        ("call_type", "internal"),
        ("hangup_reason", "normal"),
        ("hangup_by", "caller"),
        ("server_name", "Callbox"),
    ] {
        assert_eq!(record[column], value, "{column}: {record}");
    }
    let id = record["call_id"].as_str().unwrap();
    assert!((1..=40).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{id}");
}

/// DSK-340: two agents on two lines of one phone; each line rings for its own agent alone and is told as that agent's.
#[test]
fn two_lines_of_one_phone_are_two_agents() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (phone, elsewhere) = (lan.place(), lan.place());
    let line = |number: &str, port| {
        let mut line = office.client(&phone, port, number);
        assert_eq!(line.register("MD5", 600).code(), Some(200));
        line
    };
    let (mut one, mut two) = (line("801", 5060), line("802", 5062));
    let mut caller = office.client(&elsewhere, 5060, "803");
    let offer = sound(caller.local, "sendrecv");
    for number in ["801", "802"] {
        let (rung, other) = if number == "801" { (&mut one, &mut two) } else { (&mut two, &mut one) };
        let answer = sound(rung.local, "sendrecv");
        thread::scope(|scope| {
            let taking = scope.spawn(|| {
                take_call(rung, &answer);
                let bye = wait_for(rung, "BYE");
                rung.reply(&bye, 200, "");
            });
            let (mut dialog, ok) = caller.call(number, &offer).expect("an answer");
            assert_eq!(ok.code(), Some(200), "{ok:?}");
            assert!(caller.bye(&mut dialog));
            taking.join().unwrap();
        });
        let stray = other.receive(Duration::from_millis(100));
        assert!(stray.as_ref().is_none_or(|message| message.method() != Some("INVITE")), "{stray:?}");
        office.row("call_records", number, |row| row["actual_called_number"] == number && row["ended_at"].is_string());
    }
}

/// BOX-170: settings, agents and their phones, as text and as JSON, and no secret in either.
#[test]
fn show_tells_no_secret() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let place = lan.place();
    let mut phone = office.client(&place, 5060, "801");
    assert_eq!(phone.register("MD5", 600).code(), Some(200));
    assert_eq!(office.stop(), Some(0));
    let show = |more: &[&str]| {
        let program = env!("CARGO_BIN_EXE_callbox");
        let output = Command::new(program).args(["show", "--data", &office.data()]).args(more).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let (text, json) = (show(&[]), show(&["--json"]));
    for told in [&text, &json] {
        assert!(
            told.contains("max_calls") && told.contains("801") && told.contains(&phone.local.to_string()),
            "{told}"
        );
        for agent in &office.said.agents {
            assert!(!told.contains(&agent.sip_password), "{told}");
        }
    }
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["agents"][0]["sip_password"], json["agents"].as_array().unwrap().len()), (&"***".into(), 8));
}
