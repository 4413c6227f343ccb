//! The time of day of the real program is set while it works.

use crate::{
    harness::{
        Callbox, Client, Lan,
        clock::{elapsed, pass, wait, wall_ms},
        description::sound,
    },
    hostile_many::{Talk, take_call, wait_for},
};
use callbox::time::Timestamp;
use serde_json::Value;
use std::{thread, time::Duration};

const HOUR_S: i64 = 3_600;
const SOON: Duration = Duration::from_secs(10);
/// So long after the jump a call that is up goes on.
const AFTER: Duration = Duration::from_secs(3);
const LASTS_S: u32 = 300;

fn moment(record: &Value, name: &str) -> i64 {
    record[name].as_str().unwrap().parse::<Timestamp>().unwrap().0
}

fn number_of(record: &Value) -> &str {
    record["original_caller_number"].as_str().unwrap()
}

/// Sets the clock and waits until the log says so, which it does once.
fn set_clock(office: &Callbox, seconds: i64, says: &str) {
    office.set_clock(seconds);
    wait(says, SOON, || office.told().contains(says).then_some(()));
}

/// The 200 of a REGISTER: for how long each of the phones is registered yet.
fn left(phone: &mut Client) -> Vec<u32> {
    let answer = phone.register("MD5", LASTS_S);
    assert_eq!(answer.code(), Some(200), "{answer:?}");
    answer.values("Contact").map(|line| line.rsplit_once("expires=").unwrap().1.parse().unwrap()).collect()
}

/// BOX-52, BOX-54, CDR-45, LST-7: over an hour back a call is heard on and is as long as it was, phones stay
/// registered for as long as was granted, also after a restart, every record is there, in the order of what happened,
/// and the log names the cause once.
#[test]
fn an_hour_back_loses_nothing() {
    let lan = Lan::new();
    let mut office = Callbox::start_with_a_clock(&lan.office);
    let places = [(); 3].map(|()| lan.place());
    Talk::begin(&places[0], &office, "803", "804").end(&office);
    let mut phone = Client::udp(&places[2], 5060, office.agent("805"), &office.said.sip);
    assert_eq!(left(&mut phone).len(), 1);
    let began = elapsed();
    let talk = Talk::begin(&places[1], &office, "801", "802");

    set_clock(&office, -HOUR_S, "the time of day was set back by 3600 s");
    talk.is_heard();
    pass(AFTER);
    talk.is_heard();
    let record = talk.end(&office);
    let length = (elapsed() - began).as_secs();
    let talked = record["talk_seconds"].as_u64().unwrap();
    assert!((AFTER.as_secs()..=length).contains(&talked), "{talked} of {length} s: {record}");
    assert_eq!((moment(&record, "ended_at") - moment(&record, "answered_at")) / 1_000, talked as i64, "{record}");
    let ago_s = (wall_ms() - moment(&record, "ended_at")) / 1_000;
    assert!((HOUR_S..HOUR_S + 60).contains(&ago_s), "dated by the clock as it is now: {record}");

    // A second phone of the same agent hears of the first.
    let mut second = Client::udp(&places[2], 5070, office.agent("805"), &office.said.sip);
    let lefts = left(&mut second);
    assert!(lefts.len() == 2 && lefts.iter().all(|left| (LASTS_S - 60..=LASTS_S).contains(left)), "{lefts:?}");

    office.cut();
    office.start_again();
    let mut caller = Client::udp(&places[0], 5080, office.agent("806"), &office.said.sip);
    let (offer, answer) = (sound(caller.local, "sendrecv"), sound(phone.local, "sendrecv"));
    thread::scope(|scope| {
        let taking = scope.spawn(|| {
            take_call(&mut phone, &answer);
            let bye = wait_for(&mut phone, "BYE");
            phone.reply(&bye, 200, "");
        });
        let (mut dialog, _) = caller.call_up("805", &offer);
        assert!(caller.bye(&mut dialog));
        taking.join().unwrap();
    });
    office.row("call_records", "the last call", |row| number_of(row) == "806" && row["ended_at"].is_string());
    let records = office.rows("call_records");
    assert_eq!(records.iter().map(number_of).collect::<Vec<_>>(), ["806", "801", "803"], "{records:?}");
    for record in &records {
        let [started, answered, ended] = ["started_at", "answered_at", "ended_at"].map(|name| moment(record, name));
        assert!(started <= answered && answered <= ended, "{record}");
    }
    assert_eq!(office.told().matches("the time of day was set").count(), 1, "{}", office.told());
}

/// BOX-52, BOX-94: an hour on and back again in a call, and then the power goes: the record is as long as the call.
#[test]
fn a_call_that_is_cut_after_an_hour_on_and_back_is_told_right() {
    let lan = Lan::new();
    let mut office = Callbox::start_with_a_clock(&lan.office);
    let place = lan.place();
    let began = elapsed();
    let talk = Talk::begin(&place, &office, "801", "802");
    set_clock(&office, HOUR_S, "the time of day was set on by 3600 s");
    talk.is_heard();
    set_clock(&office, 0, "the time of day was set back by 3600 s");
    talk.is_heard();
    pass(AFTER);
    let (cut, length) = (wall_ms(), (elapsed() - began).as_secs());
    office.cut();
    office.start_again();
    let record = office.row("call_records", "the cut call", |row| row["sip_code"] == "L500");
    let talked = record["talk_seconds"].as_u64().unwrap();
    assert!((1..=length).contains(&talked), "{talked} of {length} s: {record}");
    assert!((cut - 5_000..=cut + 1_000).contains(&moment(&record, "ended_at")), "{record}");
}
