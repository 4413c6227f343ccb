//! Whatever strangers send, calls go on and the box stays small.

use crate::harness::{
    Agent, Callbox, Client, Lan, Voice,
    description::sound,
    elapsed,
    talk::{Caller, two_talk},
};
use std::{
    io::Write,
    net::{TcpStream, UdpSocket},
    time::Duration,
};

/// Messages a flood sends.
const FLOOD: usize = 20_000;
/// Until a stream that cannot become a message is closed for good; its answer has time to leave.
const CUT_OFF_MAX: Duration = Duration::from_secs(10);
const MEMORY_GROWTH_MAX: u64 = 24 << 20;

/// BOX-133, BOX-139, BOX-143, BOX-148: floods of broken messages, of REGISTER and of INVITE from strangers, while a
/// call goes on with its sound.
#[test]
fn a_call_keeps_its_sound_through_floods() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let (alice, mut bob) = two_talk(&lan, &office);
    let before = office.memory();

    let place = lan.place();
    let server = format!("{}:{}", office.said.sip.host, office.said.sip.udp);
    let socket = place.run(|| UdpSocket::bind((place.address.as_str(), 5999)).unwrap());
    let stranger = Agent { agent_number: "999".into(), sip_password: "x".into() };
    let mut client = Client::udp(&place, 5998, &stranger, &office.said.sip);
    let offer = sound(client.local, "sendrecv");
    for number in 0..FLOOD {
        let message = match number % 4 {
            0 => broken(number),
            1 => vec![b'\0'; number % 1400],
            other => {
                let dialog = client.dialog("801");
                let uri = dialog.target.clone();
                let (method, body) = if other == 2 { ("REGISTER", "") } else { ("INVITE", offer.as_str()) };
                client.request(method, &uri, &dialog, "", body).into_bytes()
            }
        };
        let _ = socket.send_to(&message, &server);
        if number % 5000 == 0 {
            bob.hears(440.0);
        }
    }
    bob.hears(440.0);
    alice.hears(1000.0);
    assert!(office.is_up());
    let grown = office.memory().saturating_sub(before);
    assert!(grown < MEMORY_GROWTH_MAX, "memory grew by {grown} bytes");

    alice.tell("hangup", "");
    bob.expect("CALL_CLOSED");
    let record = office.row("call_records", "the record", |row| row["call_outcome"] == "answered");
    for side in record["sound"].as_array().unwrap() {
        assert_eq!((&side["lost"], &side["lost_there"]), (&0.into(), &0.into()), "{side}");
    }
}

/// BOX-149, BOX-148: streams that never end a message, and one that is too large.
#[test]
fn endless_and_oversized_streams_are_cut_off() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let before = office.memory();
    let place = lan.place();
    let server = format!("{}:{}", office.said.sip.host, office.said.sip.tcp);
    for head in ["OPTIONS sip:x SIP/2.0\r\nX: ", "INVITE sip:x SIP/2.0\r\nContent-Length: 99999999\r\n\r\n", "\0\0\0"] {
        let mut stream = place.run(|| TcpStream::connect(&server).unwrap());
        stream.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let end = elapsed() + CUT_OFF_MAX;
        let cut_off = std::iter::from_fn(|| (elapsed() < end).then(|| stream.write_all(&[b'a'; 1024])));
        assert!(cut_off.into_iter().any(|written| written.is_err()), "{head:?} is listened to for ever");
    }
    let idle: Vec<TcpStream> = (0..200).filter_map(|_| place.run(|| TcpStream::connect(&server).ok())).collect();
    let mut client = office.client(&place, 5060, "801");
    assert_eq!(client.register("MD5", 60).code(), Some(200));
    drop(idle);
    assert!(office.is_up() && office.memory() < before + MEMORY_GROWTH_MAX);
}

/// BOX-140, BOX-150: nobody calls, watches or learns a number without proof, whatever From says.
#[test]
fn a_stranger_gets_nothing() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let bob_place = lan.place();
    let mut bob = office.client(&bob_place, 5060, "802");
    assert_eq!(bob.register("MD5", 60).code(), Some(200));
    let place = lan.place();
    let forged = Agent { sip_password: "guess".into(), ..office.agent("801").clone() };
    let mut stranger = Client::udp(&place, 5060, &forged, &office.said.sip);
    let offer = sound(stranger.local, "sendrecv");
    for (method, body) in
        [("INVITE", offer.as_str()), ("SUBSCRIBE", ""), ("PUBLISH", ""), ("MESSAGE", ""), ("REFER", ""), ("NOTIFY", "")]
    {
        let dialog = stranger.dialog("802");
        let uri = dialog.target.clone();
        let request = stranger.request(method, &uri, &dialog, "Event: dialog\r\n", body);
        let answer = stranger.ask(&request).unwrap_or_else(|| panic!("no answer to {method}"));
        let code = answer.code().unwrap();
        assert!((400..500).contains(&code), "{method} was answered {code}");
        if method == "INVITE" {
            stranger.acknowledge(&dialog, &answer, &request);
        }
    }
    let (_, refused) = stranger.call("802", &offer).expect("an answer");
    assert!(matches!(refused.code(), Some(401 | 403)), "{refused:?}");
    let end = elapsed() + Duration::from_millis(300);
    while elapsed() < end {
        let asked = bob.receive(Duration::from_millis(50));
        assert!(
            asked.as_ref().and_then(|message| message.method()).is_none_or(|method| method == "OPTIONS"),
            "{asked:?}"
        );
    }
}

/// BOX-46: sound that a stranger throws at the port of a call is heard by nobody.
#[test]
fn a_strangers_sound_is_not_heard() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (alice, bob) = Caller::and_phone(&lan, &office);
    let elsewhere = lan.place();
    let stranger = Voice::start(&elsewhere, 7000, 660.0);
    stranger.speak_to(Some(alice.port));
    for _ in 0..3 {
        bob.hears(440.0);
        alice.voice.hears(1000.0);
    }
    assert_eq!(stranger.count(), 0, "the stranger was sent sound");
    assert!(alice.bye());
}

/// Messages that are wrong each in another way.
fn broken(number: usize) -> Vec<u8> {
    let text: String = match number % 7 {
        0 => "INVITE".into(),
        1 => format!("INVITE sip:801@x SIP/2.0\r\nVia: {}\r\n\r\n", "a".repeat(number % 900)),
        2 => "REGISTER sip:x SIP/9.0\r\nContent-Length: -5\r\n\r\n".into(),
        3 => format!("SIP/2.0 {number} What\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\n\r\n"),
        4 => "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 10.77.0.2:5060;branch=z9hG4bKx\r\nCSeq: 99999999999 X\r\n\r\n"
            .into(),
        5 => format!("BYE sip:{number}@x SIP/2.0\r\n{}\r\n", "X: y\r\n".repeat(150)),
        _ => "INVITE sip:%00%ff SIP/2.0\r\nFrom: \"\u{fffd}<sip:>;tag=\r\nTo: <<<>>\r\nCall-ID:\r\n\r\n\u{1}".into(),
    };
    text.into_bytes()
}
