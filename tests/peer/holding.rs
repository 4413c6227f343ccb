//! Hold, resume and transfer, by the phones' own buttons.

use crate::harness::{
    Baresip, Callbox, Client, Lan, Linphone, Phone, Voice,
    client::PATIENCE,
    description::{sound_at, sound_of},
    message::Message,
    wait,
};

/// DSK-347, RFC 3264 section 8.4: whoever is held hears music, and the voice again after the hold.
#[test]
fn the_held_party_hears_music_and_then_the_voice_again() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let mut alice = Baresip::start(lan.place(), office.agent("801"), &office.said.sip, Phone::speaking(440.0));
    let mut bob = Baresip::start(lan.place(), office.agent("802"), &office.said.sip, Phone::speaking(1000.0));
    alice.dial("802");
    bob.expect("CALL_ESTABLISHED");
    bob.hears(440.0);
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
    let mut alice = Baresip::start(lan.place(), office.agent("801"), &office.said.sip, Phone::speaking(440.0));
    let mut bob = Baresip::start(lan.place(), office.agent("802"), &office.said.sip, Phone::speaking(1000.0));
    let mut carol = Linphone::start(lan.place(), office.agent("803"), &office.said.sip, true, 660.0);
    alice.dial("802");
    bob.expect("CALL_ESTABLISHED");
    bob.hears(440.0);
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
    let mut alice = Baresip::start(lan.place(), office.agent("801"), &office.said.sip, Phone::speaking(440.0));
    let mut bob = Baresip::start(lan.place(), office.agent("802"), &office.said.sip, Phone::speaking(1000.0));
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
    let mut bob = Baresip::start(lan.place(), office.agent("802"), &office.said.sip, Phone::speaking(1000.0));
    let place = lan.place();
    let mut client = Client::udp(&place, 5060, office.agent("801"), &office.said.sip);
    let voice = Voice::start(&place, 7000, 440.0);
    let (mut dialog, answer) = client.call_up("802", &sound_at(voice.local, "sendrecv"));
    voice.speak_to(sound_of(&answer.body));
    bob.expect("CALL_ESTABLISHED");
    bob.hears(440.0);
    dialog.cseq += 1;
    let target = dialog.target.clone();
    let headers = format!("Refer-To: <sip:899@{}>\r\n", office.said.sip.host);
    let refer = client.request("REFER", &target, &dialog, &headers, "");
    let mut told = Vec::new();
    let mut keep = |client: &mut Client, message: &Message| {
        if message.method() == Some("NOTIFY") {
            client.reply(message, 200, "");
            told.push(message.body.clone());
        }
        told.iter().any(|body| body.starts_with("SIP/2.0 404"))
    };
    let accepted = client.ask_until(&refer, &mut keep);
    assert_eq!(accepted.and_then(|message| message.code()), Some(202));
    wait("the end of the transfer is told", PATIENCE, || {
        let message = client.receive(PATIENCE)?;
        keep(&mut client, &message).then_some(())
    });
    bob.hears(440.0);
    voice.hears(1000.0);
    assert!(client.bye(&mut dialog));
}

/// RFC 3264 section 8.4: both hear each other after the hold, the one who held and the one who was held.
#[test]
fn the_holder_hears_the_voice_again() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let mut bob = Baresip::start(lan.place(), office.agent("802"), &office.said.sip, Phone::speaking(1000.0));
    let place = lan.place();
    let mut client = Client::udp(&place, 5060, office.agent("801"), &office.said.sip);
    let voice = Voice::start(&place, 7000, 440.0);
    let (mut dialog, answer) = client.call_up("802", &sound_at(voice.local, "sendrecv"));
    voice.speak_to(sound_of(&answer.body));
    bob.expect("CALL_ESTABLISHED");
    bob.hears(440.0);
    voice.hears(1000.0);
    let held = client.reinvite(&mut dialog, &sound_at(voice.local, "sendonly")).expect("an answer");
    assert!(held.body.contains("a=recvonly"), "{held:?}");
    bob.hears_music();
    let resumed = client.reinvite(&mut dialog, &sound_at(voice.local, "sendrecv")).expect("an answer");
    assert!(resumed.body.contains("a=sendrecv"), "{resumed:?}");
    voice.hears(1000.0);
    bob.hears(440.0);
    assert!(client.bye(&mut dialog));
}
