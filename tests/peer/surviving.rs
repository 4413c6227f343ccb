//! The power goes at any moment: what was answered is there, what was cut is told, phones can be called at once.

use crate::harness::{
    Callbox, Client, Lan,
    clock::{elapsed, pass, wall_ms},
    description::sound,
    process::Process,
    talk::two_talk,
};
use callbox::{
    chance::{Chance, Seed},
    time::Timestamp,
};
use serde_json::{Value, json};
use std::{
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// BOX-94, CDR-1: the record of a call that the cut ended; DSK-332: its phone is called without registering again.
#[test]
fn a_cut_call_is_told_and_its_phone_can_be_called_at_once() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let (_alice, mut bob) = two_talk(&lan, &office);
    bob.hears(440.0);
    bob.hears(440.0);
    let cut = wall_ms();
    office.cut();
    office.start_again();

    let record = office.row("call_records", "the cut call", |row| row["sip_code"] == "L500");
    assert_eq!((&record["original_caller_number"], &record["original_called_number"]), (&"801".into(), &"802".into()));
    assert!((cut - 5_000..=cut + 1_000).contains(&moment(&record["ended_at"]).unwrap()), "{record}");
    assert!(office.rows("calls").is_empty());

    let place = lan.place();
    let mut carol = office.client(&place, 5060, "803");
    bob.tell("hangup", "");
    bob.expect("CALL_CLOSED");
    let offer = sound(carol.local, "sendrecv");
    let (mut dialog, _) = carol.call_up("802", &offer);
    assert!(carol.bye(&mut dialog));
}

/// BOX-173: SIGTERM closes the records and ends with 0.
#[test]
fn a_stop_closes_the_records() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let _phones = two_talk(&lan, &office);
    assert_eq!(office.stop(), Some(0));
    office.start_again();
    let mut records = office.rows("call_records");
    records.retain(|row| row["sip_code"] != "L503");
    assert_eq!(records.len(), 1, "{records:?}");
    assert!(moment(&records[0]["ended_at"]).is_some());
}

/// BOX-165, BOX-172: one box on one data directory; what stands in the way is said by a code.
#[test]
fn a_second_box_in_the_same_place_is_refused() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let other = tempfile::tempdir().unwrap();
    let (same, fresh) = (office.data(), other.path().join("data").display().to_string());
    for (data, offset, code) in [(same.as_str(), "1000", 4), (fresh.as_str(), "0", 5)] {
        let words = ["run", "--data", data, "--bind", &office.said.sip.host, "--port-offset", offset];
        let mut second = Process::start(&lan.office, other.path(), env!("CARGO_BIN_EXE_callbox"), words, false);
        let status = second.wait_for_end(Duration::from_secs(20));
        assert_eq!(status.code(), Some(code), "{}", second.said());
        // BOX-171: one line that says what is wrong, one that says what to do.
        assert!(!second.said().contains("panicked"), "{}", second.said());
    }
}

/// How many times the power goes; `make kills` runs 1,000.
const KILLS: u32 = 20;
/// From the start to the first answer; the store is open before that. A program built for debugging may take longer.
const OPEN_MAX: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 1 });
const PAIRS: [(&str, &str); 3] = [("801", "802"), ("803", "804"), ("805", "806")];
/// When the power goes after a start, and how long a call lasts, milliseconds.
const UP_MS: RangeInclusive<u32> = 300..=2_700;
const CALL_MS: RangeInclusive<u32> = 50..=1_800;
/// Longer than the box is up between two cuts.
const SEEN_MAX_MS: i64 = 60_000;
/// Whoever is refused for load calls again after a while, as a person would.
const REFUSED: Duration = Duration::from_millis(200);
const REGISTRATION_S: u32 = 300;
const REGISTER_AGAIN: Duration = Duration::from_secs(120);

/// A call as its caller saw it; milliseconds since 1970.
struct Seen {
    pair: usize,
    /// The INVITE went out with its proof.
    asked: i64,
    /// The 200 came.
    answered: Option<i64>,
    /// The 200 of its BYE came.
    ended: Option<i64>,
}

/// BOX-92, BOX-93, BOX-94, BOX-103
#[test]
fn random_kills_under_load_lose_nothing() {
    let kills = std::env::var("KILLS").map_or(KILLS, |text| text.parse().expect("KILLS is a number"));
    let seed = std::env::var("SEED").map_or_else(|_| wall_ms() as u64, |text| text.parse().expect("SEED is a number"));
    eprintln!("{kills} cuts, seed {seed}");
    let mut chance = Chance::new(Seed::from(seed));
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let place = lan.place();
    let client = |number: &str, port| office.client(&place, port, number);
    let mut callers: Vec<Client> = PAIRS.iter().zip(6000..).map(|((from, _), port)| client(from, port)).collect();
    let mut called: Vec<Client> = PAIRS.iter().zip(6100..).map(|((_, to), port)| client(to, port)).collect();
    let saved = office.row("agents", "the agent whose name is saved", |row| row["agent_number"] == "808");
    let saved_path = format!("/api/v1/agents/{}", saved["id"].as_str().expect("an id"));
    let mut registered = None;

    for kill in 0..kills {
        let stop = Arc::new(AtomicBool::new(false));
        callers.iter_mut().chain(&mut called).for_each(|client| client.stop = stop.clone());
        if registered.is_none_or(|at| elapsed() > at + REGISTER_AGAIN) {
            called.iter_mut().for_each(|client| assert_eq!(client.register("MD5", REGISTRATION_S).code(), Some(200)));
            registered = Some(elapsed());
        }
        let seeds: Vec<u64> = PAIRS.iter().map(|_| u64::from(chance.u32())).collect();
        let up = between(&mut chance, &UP_MS);
        let web = office.web();
        let mut cut = 0;
        let (seen, acknowledged, asked) = thread::scope(|scope| {
            called.iter_mut().for_each(|client| drop(scope.spawn(|| take_calls(client))));
            let workers: Vec<_> = callers
                .iter_mut()
                .zip(seeds)
                .enumerate()
                .map(|(pair, (client, seed))| scope.spawn(move || make_calls(client, pair, seed)))
                .collect();
            let saver = scope.spawn(|| {
                let (mut acknowledged, mut asked, mut number) = (None, None, 0);
                while !stop.load(Ordering::Relaxed) {
                    number += 1;
                    let name = format!("Name{kill}x{number}");
                    asked = Some(name.clone());
                    let answer = web.try_send("PATCH", &saved_path, Some(&json!({"first_name": name})));
                    if answer.is_ok_and(|answer| answer.status == 200) {
                        acknowledged = Some(name);
                    } else {
                        break;
                    }
                }
                (acknowledged, asked)
            });
            pass(up);
            cut = wall_ms();
            office.cut();
            stop.store(true, Ordering::Relaxed);
            let seen: Vec<Seen> = workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
            let (acknowledged, asked) = saver.join().unwrap();
            (seen, acknowledged, asked)
        });
        let began = elapsed();
        office.start_again();
        let open = elapsed() - began;
        assert!(open <= OPEN_MAX, "kill {kill}: {open:?} until it answered");
        let records = office.records_since(cut - SEEN_MAX_MS);
        seen.iter().for_each(|call| check(call, cut, &records));
        check_save(&office, acknowledged, asked);
    }
}

fn check(call: &Seen, cut: i64, records: &[Value]) {
    let (from, to) = PAIRS[call.pair];
    let until = call.answered.or(call.ended).unwrap_or(cut);
    let its: Vec<&Value> = records
        .iter()
        .filter(|row| row["original_caller_number"] == from && row["original_called_number"] == to)
        .filter(|row| (call.asked..=until).contains(&moment(&row["started_at"]).unwrap()))
        // The call before, refused for load in the same millisecond (BOX-132).
        .filter(|row| row["sip_code"] != "L503")
        .collect();
    let facts = format!(
        "call {from} to {to}, asked {} ms, answered {:?} ms, ended {:?} ms before the cut: {its:?}",
        cut - call.asked,
        call.answered.map(|at| cut - at),
        call.ended.map(|at| cut - at)
    );
    assert!(its.len() <= 1, "told twice: {facts}");
    let ended_before = call.ended.is_some_and(|at| at <= cut - 1_000);
    let up = call.asked <= cut - 1_000 && !ended_before;
    if ended_before || up {
        assert_eq!(its.len(), 1, "lost: {facts}");
        let ended = moment(&its[0]["ended_at"]).unwrap_or_else(|| panic!("left open: {facts}"));
        assert!(ended >= cut - 5_000 - i64::from(ended_before) * 60_000 && ended <= cut + 1_000, "{facts}");
    }
    if ended_before {
        assert_ne!(its[0]["sip_code"], "L500", "ended before, yet told as cut: {facts}");
    } else if call.ended.is_none() && up {
        assert_eq!(its[0]["sip_code"], "L500", "{facts}");
    }
}

/// The last name answered with success is there, or a later one that was on its way (BOX-92).
fn check_save(office: &Callbox, acknowledged: Option<String>, asked: Option<String>) {
    let Some(acknowledged) = acknowledged else { return };
    let agent = office.row("agents", "the saved agent", |row| row["agent_number"] == "808");
    let name = agent["first_name"].as_str().map(str::to_owned);
    assert!(name == Some(acknowledged.clone()) || name == asked, "saved {acknowledged}, found {name:?}");
}

/// One call after the other until the power goes.
fn make_calls(client: &mut Client, pair: usize, seed: u64) -> Vec<Seen> {
    let mut chance = Chance::new(Seed::from(seed));
    let offer = sound(client.local, "sendrecv");
    let mut seen = Vec::new();
    while !client.stop.load(Ordering::Relaxed) {
        let outcome = client.call(PAIRS[pair].1, &offer);
        let Some(asked) = client.proven else { continue };
        let mut call = Seen { pair, asked, answered: None, ended: None };
        if let Some((mut dialog, response)) = outcome {
            if response.code() == Some(503) {
                // Refused for load (BOX-132): not a call that began.
                client.receive(REFUSED);
                continue;
            }
            assert_eq!(response.code(), Some(200), "{response:?}");
            call.answered = Some(wall_ms());
            client.receive(between(&mut chance, &CALL_MS));
            call.ended = client.bye(&mut dialog).then(wall_ms);
        }
        seen.push(call);
    }
    seen
}

/// Answers whatever comes until the power goes.
fn take_calls(client: &mut Client) {
    let answer = sound(client.local, "sendrecv");
    while !client.stop.load(Ordering::Relaxed) {
        let Some(message) = client.receive(Duration::from_millis(100)) else { continue };
        match message.method() {
            Some("INVITE") => client.reply(&message, 200, &answer),
            Some("ACK") | None => {}
            Some(_) => client.reply(&message, 200, ""),
        }
    }
}

fn between(chance: &mut Chance, range: &RangeInclusive<u32>) -> Duration {
    Duration::from_millis(u64::from(range.start() + chance.below(range.end() - range.start() + 1)))
}

fn moment(value: &Value) -> Option<i64> {
    value.as_str()?.parse::<Timestamp>().ok().map(|time| time.0)
}
