//! Calls with the turns that signalling takes: given up, crossed, lost, asked anew.

use crate::harness::{Callbox, Client, Lan, Phone, client::PATIENCE, description::sound, elapsed, sipp::Sipp, wait};
use std::time::Duration;

/// Longer than any time between two sendings of a 200 so early (RFC 3261 timer T1 doubled twice).
const QUIET: Duration = Duration::from_millis(2_500);

/// A SIPp scenario of 801 that calls a phone of 802.
fn sipp_calls(scenario: &str, answers: bool) {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let phone = Phone { answers, ..Phone::speaking(1000.0) };
    let mut bob = office.phone(&lan, "802", phone);
    let place = lan.place();
    wait("the box takes the call", PATIENCE * 8, || {
        Sipp::start(&place, scenario, office.agent("801"), "802", &office.said.sip).succeeds().then_some(())
    });
    bob.expect("CALL_CLOSED");
    let outcome = if answers { "answered" } else { "not_answered" };
    let record = office.row("call_records", "the record", |row| row["call_outcome"] == outcome);
    assert_eq!(record["original_caller_number"], "801");
    let reason = if answers { "normal" } else { "caller_cancelled" };
    assert_eq!(record["hangup_reason"], reason, "{record}");
    assert!(office.rows("calls").is_empty());
}

/// DSK-335, RFC 3261 section 22
#[test]
fn a_call_proves_itself_with_digest() {
    sipp_calls("call", true);
}

/// RFC 3261 section 13.3.1.4: a 200 comes again until its ACK comes, and no longer.
#[test]
fn a_lost_ack_is_asked_for_again() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let mut bob = office.phone(&lan, "802", Phone::speaking(1000.0));
    let place = lan.place();
    let mut client = office.client(&place, 5060, "801");
    let offer = sound(client.local, "sendrecv");
    let (mut dialog, request) = client.proven_invite("802", &offer);
    let response = client.ask(&request).expect("200");
    assert_eq!(response.code(), Some(200));
    dialog.theirs = response.value("To").into();
    dialog.target = response.contact();
    for _ in 0..2 {
        let again = client.receive(PATIENCE).expect("the 200 again");
        assert_eq!((again.code(), again.value("CSeq")), (Some(200), response.value("CSeq")));
    }
    client.acknowledge(&dialog, &response, &request);
    assert!(client.receive(QUIET).is_none_or(|message| message.code().is_none()), "a 200 after the ACK");
    bob.expect("CALL_ESTABLISHED");
    assert!(client.bye(&mut dialog));
    bob.expect("CALL_CLOSED");
}

/// RFC 3264 section 8.4
#[test]
fn a_reinvite_holds_and_resumes() {
    sipp_calls("reinvite", true);
}

/// RFC 3261 section 9.2
#[test]
fn a_caller_gives_up_while_it_rings() {
    sipp_calls("cancel", false);
}

/// RFC 3261 section 9.1: the CANCEL crosses the answer; the called phone is hung up on.
#[test]
fn an_answer_that_crosses_the_cancel_is_hung_up() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (here, there) = (lan.place(), lan.place());
    let mut caller = office.client(&here, 5060, "801");
    let mut called = office.client(&there, 5060, "802");
    assert_eq!(called.register("MD5", 60).code(), Some(200));

    let offer = sound(caller.local, "sendrecv");
    let (dialog, request) = caller.proven_invite("802", &offer);
    let uri = dialog.target.clone();
    caller.send(request.as_bytes());
    let invite = called.await_request("INVITE");
    called.reply(&invite, 180, "");
    while caller.receive(PATIENCE).expect("180").code() != Some(180) {}

    let via = request.lines().find(|line| line.starts_with("Via:")).unwrap();
    let (to, cseq) = (&dialog.theirs, dialog.cseq);
    caller.send(
        format!(
            "CANCEL {uri} SIP/2.0\r\n{via}\r\nMax-Forwards: 70\r\nFrom: {}\r\nTo: {to}\r\nCall-ID: {}\r\n\
             CSeq: {cseq} CANCEL\r\nContent-Length: 0\r\n\r\n",
            dialog.ours, dialog.call_id
        )
        .as_bytes(),
    );
    let cancel = called.await_request("CANCEL");
    called.reply(&invite, 200, &sound(called.local, "sendrecv"));
    called.reply(&cancel, 481, "");
    called.await_request("ACK");
    let bye = called.await_request("BYE");
    called.reply(&bye, 200, "");

    let mut codes = Vec::new();
    while !codes.contains(&487) {
        let response = caller.receive(PATIENCE).unwrap_or_else(|| panic!("487; there were {codes:?}"));
        codes.extend(response.code());
        if response.code() == Some(487) {
            caller.acknowledge(&dialog, &response, &request);
        }
    }
    assert!(codes.contains(&200), "the answer to CANCEL: {codes:?}");
    assert!(office.row("call_records", "the record", |row| row["hangup_reason"] == "caller_cancelled").is_object());
}

/// PHN-118, PHN-119, RFC 4235: a lamp of 803 shows that 802 is free, rung, in a call, free again.
#[test]
fn a_lamp_follows_the_watched_phone() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let mut alice = office.phone(&lan, "801", Phone::speaking(440.0));
    let silent = Phone { answers: false, ..Phone::speaking(1000.0) };
    let mut bob = office.phone(&lan, "802", silent);
    let place = lan.place();
    let mut lamp = office.client(&place, 5060, "803");
    assert_eq!(lamp.register("MD5", 60).code(), Some(200));
    let mut dialog = lamp.dialog("802");
    let headers = "Event: dialog\r\nAccept: application/dialog-info+xml\r\nExpires: 300\r\n";
    let accepted = lamp.prove("SUBSCRIBE", &mut dialog, headers, "").expect("an answer");
    assert!(matches!(accepted.code(), Some(200 | 202)), "{accepted:?}");
    shows(&mut lamp, "terminated");
    alice.dial("802");
    shows(&mut lamp, "early");
    bob.expect("CALL_INCOMING");
    bob.tell("accept", "");
    shows(&mut lamp, "confirmed");
    alice.tell("hangup", "");
    shows(&mut lamp, "terminated");
}

/// Waits for a NOTIFY whose document says this state, or holds no dialog where it is `terminated`.
#[track_caller]
fn shows(lamp: &mut Client, state: &str) {
    let end = elapsed() + PATIENCE;
    let mut last = String::new();
    while elapsed() < end {
        let Some(message) = lamp.receive(PATIENCE).filter(|message| message.method() == Some("NOTIFY")) else {
            continue;
        };
        lamp.reply(&message, 200, "");
        let free = state == "terminated" && !message.body.contains("<dialog ") && message.body.contains("dialog-info");
        if free || message.body.contains(&format!(">{state}</state>")) {
            return;
        }
        last = message.body;
    }
    panic!("the lamp does not show {state}: {last}");
}
