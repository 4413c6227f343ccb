//! Two phones register, call each other, hear each other and hang up; the record says so.

use crate::harness::{
    Callbox, Lan, Phone,
    description::sound_without_events,
    talk::{Caller, two_phones, two_talk},
};
use std::time::Duration;

/// DSK-332, DSK-335, DSK-345, BOX-45, BOX-50: digest MD5 over UDP, a tone in at one phone and out at the other.
#[test]
fn two_phones_call_and_hear_each_other() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (mut alice, mut bob) = two_phones(&lan, &office);

    alice.dial("802");
    alice.expect("CALL_ESTABLISHED");
    let call = bob.expect("CALL_ESTABLISHED");
    // DSK-346: the called phone shows who calls.
    assert!(call["peeruri"].as_str().unwrap().contains("801"), "{call}");
    bob.hears(440.0);
    alice.hears(1000.0);

    let live = office.row("calls", "the call in progress", |row| row["state"] == "talking");
    assert_eq!((live["caller_number"].as_str(), live["called_number"].as_str()), (Some("801"), Some("802")));

    alice.tell("hangup", "");
    bob.expect("CALL_CLOSED");
    let record = office.row("call_records", "the record of the call", |row| row["call_outcome"] == "answered");
    assert_eq!(record["original_caller_number"], "801");
    assert_eq!(record["original_called_number"], "802");
    assert_eq!(record["call_type"], "internal");
    assert_eq!(record["hangup_reason"], "normal");
    assert_eq!(record["hangup_by"], "caller");
    let sides = record["sound"].as_array().unwrap();
    assert_eq!(sides.len(), 2, "{record}");
    for side in sides {
        assert!(side["packets_received"].as_u64().unwrap() > 50, "{side}");
        assert!(side["packets_sent"].as_u64().unwrap() > 50, "{side}");
        assert_eq!((&side["lost"], &side["one_way"]), (&0.into(), &false.into()), "{side}");
    }
    assert!(office.rows("calls").is_empty());
}

/// RFC 4733: a digit that one phone sends reaches the other.
#[test]
fn a_digit_passes_from_phone_to_phone() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (alice, mut bob) = two_talk(&lan, &office);
    for digit in ["5", "0", "#"] {
        alice.tell("sndcode", digit);
        let event = bob.expect("CALL_DTMF_START");
        assert_eq!(event["param"], digit);
        bob.expect("CALL_DTMF_END");
    }
}

/// Phones that send no telephone-event: a digit in an INFO, and one as tones in the sound.
#[test]
fn digits_of_phones_without_events_reach_the_other() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (mut alice, mut bob) = Caller::offering(&lan, &office, sound_without_events);
    assert!(!alice.answer.body.contains("telephone-event"), "{:?}", alice.answer);

    let info = alice.inside("INFO", "", "Signal=7\r\nDuration=160\r\n");
    let info = info.replace("application/sdp", "application/dtmf-relay");
    assert_eq!(alice.client.ask(&info).and_then(|message| message.code()), Some(200));
    assert_eq!(bob.expect("CALL_DTMF_START")["param"], "7");
    bob.expect("CALL_DTMF_END");

    alice.voice.press([770.0, 1209.0]);
    assert_eq!(bob.expect("CALL_DTMF_START")["param"], "4");
    assert!(alice.bye());
}

/// CDR-81, CDR-83: a phone that declines with 486, a caller who gives up.
#[test]
fn a_call_that_is_not_answered_ends_for_both() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let silent = Phone { answers: false, ..Phone::speaking(1000.0) };
    let mut alice = office.phone(&lan, "801", Phone::speaking(440.0));
    let mut bob = office.phone(&lan, "802", silent);

    alice.dial("802");
    bob.expect("CALL_INCOMING");
    alice.expect("CALL_RINGING");
    bob.tell("hangup", "");
    alice.expect("CALL_CLOSED");
    office.row("call_records", "a call that was declined", |row| row["hangup_reason"] == "called_busy");

    alice.dial("802");
    bob.expect("CALL_INCOMING");
    alice.tell("hangup", "");
    bob.expect("CALL_CLOSED");
    office.row("call_records", "a call that was cancelled", |row| row["hangup_reason"] == "caller_cancelled");
}

/// FEA-20: whoever dials the echo test hears a spoken word and then themselves.
#[test]
fn the_echo_test_gives_the_voice_back() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let mut alice = office.phone(&lan, "801", Phone::speaking(440.0));
    alice.dial("*43");
    alice.expect("CALL_ESTABLISHED");
    alice.hears(440.0);
}

/// A number that nobody has gets a spoken answer, and the call ends by itself.
#[test]
fn an_unknown_number_is_told_by_voice() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let mut alice = office.phone(&lan, "801", Phone::speaking(440.0));
    alice.dial("899");
    alice.hears_music();
    alice.expect_within("CALL_CLOSED", Duration::from_secs(20));
    office.row("call_records", "the failed call", |row| row["original_called_number"] == "899");
}
