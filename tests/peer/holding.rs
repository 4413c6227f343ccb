//! Hold, resume and transfer, by the phones' own buttons.

use crate::harness::{
    Callbox, Client, Lan, Linphone,
    client::PATIENCE,
    description::sound_at,
    message::Message,
    talk::{Caller, two_phones, two_talk},
    wait,
};

/// DSK-347, RFC 3264 section 8.4: whoever is held hears music, and the voice again after the hold.
#[test]
fn the_held_party_hears_music_and_then_the_voice_again() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (alice, mut bob) = two_talk(&lan, &office);
    for _ in 0..2 {
        alice.tell("hold", "");
        bob.hears_music();
        office.row("calls", "the held call", |row| row["state"] == "held");
        alice.tell("resume", "");
        bob.hears(440.0);
    }
    alice.tell("hangup", "");
    bob.expect("CALL_CLOSED");
    let record = office.row("call_records", "the record", |row| row["call_outcome"] == "answered");
    assert_eq!(record["hold_count"], 2, "{record}");
}

/// DSK-348, CDR-41: REFER to a linphone; the phone that transferred is out, the two others hear each other.
#[test]
fn a_blind_transfer_brings_the_other_two_together() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let mut carol = Linphone::start(lan.place(), office.agent("803"), &office.said.sip, true, 660.0);
    let (mut alice, bob) = two_talk(&lan, &office);
    let to = format!("sip:803@{}:{}", office.said.sip.host, office.said.sip.udp);
    alice.tell("transfer", &to);
    carol.wait_for(1, "LinphoneCallStreamsRunning");
    carol.speak(1);
    bob.hears(660.0);
    alice.expect("CALL_CLOSED");
    let first = office.row("call_records", "the transferred call", |row| row["original_called_number"] == "802");
    bob.tell("hangup", "");
    let second = office.row("call_records", "the call after it", |row| row["transfer_type"] == "blind");
    assert_eq!(second["parent_call_id"], first["call_id"], "{first} {second}");
}

/// DSK-348, RFC 3891: linphone calls two phones and joins them with REFER and Replaces.
#[test]
fn an_attended_transfer_brings_the_other_two_together() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (mut alice, mut bob) = two_phones(&lan, &office);
    let mut carol = Linphone::start(lan.place(), office.agent("803"), &office.said.sip, false, 660.0);
    carol.call("801");
    alice.expect("CALL_ESTABLISHED");
    carol.wait_for(1, "LinphoneCallStreamsRunning");
    carol.speak(1);
    alice.hears(660.0);
    carol.tell("call-pause 1");
    alice.hears_music();
    carol.call("802");
    bob.expect("CALL_ESTABLISHED");
    carol.wait_for(2, "LinphoneCallStreamsRunning");
    carol.speak(2);
    bob.hears(660.0);
    carol.tell("call-transfer 1 2");
    bob.hears(440.0);
    alice.hears(1000.0);
    alice.tell("hangup", "");
    bob.expect("CALL_CLOSED");
    office.row("call_records", "the call after the transfer", |row| row["transfer_type"] == "attended");
}

/// RFC 3515 section 2.4.5: a transfer to a number that nobody has fails, and the call goes on.
#[test]
fn a_transfer_to_nobody_leaves_the_call_as_it_was() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (mut alice, bob) = Caller::and_phone(&lan, &office);
    let headers = format!("Refer-To: <sip:899@{}>\r\n", office.said.sip.host);
    let refer = alice.inside("REFER", &headers, "");
    let mut told = Vec::new();
    let mut keep = |client: &mut Client, message: &Message| {
        if message.method() == Some("NOTIFY") {
            client.reply(message, 200, "");
            told.push(message.body.clone());
        }
        told.iter().any(|body| body.starts_with("SIP/2.0 404"))
    };
    let accepted = alice.client.ask_until(&refer, &mut keep);
    assert_eq!(accepted.and_then(|message| message.code()), Some(202));
    wait("the end of the transfer is told", PATIENCE, || {
        let message = alice.client.receive(PATIENCE)?;
        keep(&mut alice.client, &message).then_some(())
    });
    bob.hears(440.0);
    alice.voice.hears(1000.0);
    assert!(alice.bye());
}

/// RFC 3264 section 8.4: both hear each other after the hold, the one who held and the one who was held.
#[test]
fn the_holder_hears_the_voice_again() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (mut alice, bob) = Caller::and_phone(&lan, &office);
    alice.voice.hears(1000.0);
    let sound = |direction| sound_at(alice.voice.local, direction);
    let held = alice.client.reinvite(&mut alice.dialog, &sound("sendonly")).expect("an answer");
    assert!(held.body.contains("a=recvonly"), "{held:?}");
    bob.hears_music();
    let resumed = alice.client.reinvite(&mut alice.dialog, &sound("sendrecv")).expect("an answer");
    assert!(resumed.body.contains("a=sendrecv"), "{resumed:?}");
    alice.voice.hears(1000.0);
    bob.hears(440.0);
    assert!(alice.bye());
}
