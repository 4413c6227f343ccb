//! Strangers by the hundred, liars and guessers: each learns nothing, is told no, and harms no call.

use crate::harness::{
    Agent, Callbox, Client, Lan, Namespace, Voice,
    client::Dialog,
    clock::{elapsed, wait, wall_ms},
    description::{sound, sound_at, sound_of},
    message::Message,
};
use callbox::{
    schema::Actor,
    store::{Store, Write},
    time::Timestamp,
};
use serde_json::{Value, json};
use std::{
    net::UdpSocket,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

const SOON: Duration = Duration::from_secs(10);
const ADDRESSES: usize = 400;
const MESSAGES_EACH: usize = 50;
const MEMORY_GROWTH_MAX: u64 = 24 << 20;
/// RTP in 20 ms pieces: so many samples in a second.
const SECOND: usize = 8_000;

/// A call between two clients of ours, with sound both ways.
pub struct Talk {
    caller: Client,
    called: Client,
    voices: [Voice; 2],
    dialog: Dialog,
}

impl Talk {
    pub fn begin(place: &Namespace, office: &Callbox, from: &str, to: &str) -> Talk {
        let mut caller = office.client(place, 5060, from);
        let mut called = office.client(place, 5062, to);
        assert_eq!(called.register("MD5", 600).code(), Some(200));
        let voices = [Voice::start(place, 7000, 440.0), Voice::start(place, 7002, 1000.0)];
        let (offer, answer) = (sound_at(voices[0].local, "sendrecv"), sound_at(voices[1].local, "sendrecv"));
        let (dialog, ok) = thread::scope(|scope| {
            let taking = scope.spawn(|| take_call(&mut called, &answer));
            let (dialog, ok) = caller.call(to, &offer).expect("an answer");
            voices[1].speak_to(sound_of(&taking.join().unwrap().body));
            (dialog, ok)
        });
        assert_eq!(ok.code(), Some(200), "{ok:?}");
        voices[0].speak_to(sound_of(&ok.body));
        let talk = Talk { caller, called, voices, dialog };
        talk.is_heard();
        talk
    }

    /// A second of sound more at both ends.
    #[track_caller]
    pub fn is_heard(&self) {
        for voice in &self.voices {
            let before = voice.count();
            wait("a second of sound", SOON, || (voice.count() >= before + SECOND).then_some(()));
        }
    }

    /// Hangs up and gives the record.
    pub fn end(mut self, office: &Callbox) -> Value {
        assert!(thread::scope(|scope| {
            let called = &mut self.called;
            scope.spawn(move || {
                let bye = wait_for(called, "BYE");
                called.reply(&bye, 200, "");
            });
            self.caller.bye(&mut self.dialog)
        }));
        let number = self.caller.agent.agent_number.clone();
        office.row("call_records", "the record", |row| {
            row["original_caller_number"] == *number && row["ended_at"].is_string() && row["answered_at"].is_string()
        })
    }
}

/// Answers the next INVITE, and gives it.
pub fn take_call(client: &mut Client, answer: &str) -> Message {
    let invite = wait_for(client, "INVITE");
    client.reply(&invite, 200, answer);
    wait_for(client, "ACK");
    invite
}

#[track_caller]
pub fn wait_for(client: &mut Client, method: &str) -> Message {
    wait(method, SOON, || {
        let message = client.receive(Duration::from_millis(50))?;
        match message.method() {
            Some(found) if found == method => Some(message),
            Some("OPTIONS") => {
                client.reply(&message, 200, "");
                None
            }
            _ => None,
        }
    })
}

/// BOX-133, BOX-135, BOX-139, BOX-143, BOX-147: REGISTER and INVITE, with and without wrong proof, from 400 addresses
/// at once: the call that is up loses no packet, memory stays bounded, who was registered still is.
#[test]
fn many_addresses_at_once_harm_no_call() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let place = lan.place();
    let talk = Talk::begin(&place, &office, "801", "802");
    let third = lan.place();
    let mut phone = office.client(&third, 5060, "803");
    assert_eq!(phone.register("MD5", 600).code(), Some(200));
    let before = office.memory();

    let many = lan.place();
    lan.spread(&many);
    let server = format!("{}:{}", office.said.sip.host, office.said.sip.udp);
    let over = AtomicBool::new(false);
    let answered = thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                talk.is_heard();
            }
        });
        let answered = flood(&many, &server);
        over.store(true, Ordering::Relaxed);
        answered
    });
    talk.is_heard();
    let grown = office.memory().saturating_sub(before);
    assert!(office.is_up() && grown < MEMORY_GROWTH_MAX, "memory grew by {grown} bytes");
    assert!(answered <= ADDRESSES * MESSAGES_EACH, "an answer is never repeated: {answered}");

    let agent = office.row("agents", "803", |row| row["agent_number"] == "803");
    assert_eq!(agent["agent_number"], "803");
    let mut fourth = office.client(&third, 5070, "804");
    let (offer, answer) = (sound(fourth.local, "sendrecv"), sound(phone.local, "sendrecv"));
    thread::scope(|scope| {
        scope.spawn(|| take_call(&mut phone, &answer));
        // What the flood left in the queue may still refuse a call or two (BOX-132).
        wait("a phone that was registered still is", SOON, || {
            let (_, answer) = fourth.call("803", &offer)?;
            (answer.code() == Some(200)).then_some(())
        });
    });
    let record = talk.end(&office);
    for side in record["sound"].as_array().unwrap() {
        assert_eq!((&side["lost"], &side["one_way"]), (&0.into(), &false.into()), "{side}");
    }
    let told = office.told();
    assert!(!told.contains("panicked"), "{told}");
}

/// Says all there is to say, and gives how many answers came.
fn flood(many: &Namespace, server: &str) -> usize {
    let sockets: Vec<UdpSocket> = (0..ADDRESSES)
        .map(|n| {
            let address = format!("10.78.{}.{}", n / 200, n % 200 + 1);
            let socket = many.run(|| UdpSocket::bind((address.as_str(), 5060)).unwrap());
            socket.connect(server).unwrap();
            socket.set_nonblocking(true).unwrap();
            socket
        })
        .collect();
    let (mut answered, mut piece) = (0, [0; 4096]);
    for round in 0..MESSAGES_EACH {
        for (n, socket) in sockets.iter().enumerate() {
            let local = socket.local_addr().unwrap();
            let (method, body) = if (round + n) % 2 == 0 {
                ("REGISTER", String::new())
            } else {
                ("INVITE", sound_at(local, "sendrecv"))
            };
            let proof = if round % 4 == 3 {
                format!(
                    "Authorization: Digest username=\"{}\", realm=\"callbox\", nonce=\"n\", uri=\"sip:x\", \
                     response=\"00000000000000000000000000000000\", qop=auth, nc=00000001, cnonce=\"c\"\r\n",
                    800 + n
                )
            } else {
                String::new()
            };
            let text = format!(
                "{method} sip:802@{server} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{round}x{n};rport\r\n\
                 Max-Forwards: 70\r\nFrom: <sip:801@x>;tag={n}\r\nTo: <sip:802@x>\r\nCall-ID: {round}x{n}\r\n\
                 CSeq: 1 {method}\r\nContact: <sip:801@{local}>\r\n{proof}Content-Type: application/sdp\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let _ = socket.send(text.as_bytes());
            while socket.recv(&mut piece).is_ok() {
                answered += 1;
            }
        }
    }
    answered
}

/// BOX-144, BOX-145: after 10 wrong proofs an address is not answered any more, right or wrong, over any transport; its
/// neighbour is, and so is a phone that is registered from where somebody guesses.
#[test]
fn a_guesser_is_banned_and_nobody_else() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let place = lan.place();
    let wrong = Agent { sip_password: "guess".into(), ..office.agent("801").clone() };
    let mut guesser = Client::udp(&place, 5060, &wrong, &office.said.sip);
    for guess in 0..10 {
        assert_eq!(guesser.register("MD5", 60).code(), Some(401), "guess {guess}");
    }
    let mut right = office.client(&place, 5062, "802");
    assert!(is_unheard(&mut right), "the address is banned");
    let neighbour = lan.place();
    let mut free = office.client(&neighbour, 5060, "802");
    assert_eq!(free.register("MD5", 60).code(), Some(200));
    let mut inside = Client::udp(&neighbour, 5062, &wrong, &office.said.sip);
    for _ in 0..12 {
        assert_eq!(inside.register("MD5", 60).code(), Some(401));
    }
    assert_eq!(free.register("MD5", 60).code(), Some(200), "only the number that fails is refused");
    let mut number = office.client(&neighbour, 5064, "801");
    assert_eq!(number.register("MD5", 60).code(), Some(401), "and that even with the right password");
    let told = office.told();
    assert_eq!(told.matches("address banned").count(), 1, "{told}");

    office.stop();
    office.start_again();
    assert!(is_unheard(&mut right), "BOX-146: a ban holds over a restart");
    assert_eq!(free.register("MD5", 60).code(), Some(200));
}

/// No answer to OPTIONS, while others get one at once.
fn is_unheard(client: &mut Client) -> bool {
    let dialog = client.dialog("801");
    let request = client.request("OPTIONS", &dialog.target.clone(), &dialog, "", "");
    client.send(request.as_bytes());
    client.receive(Duration::from_millis(700)).is_none()
}

/// BOX-142: an unknown number, a disabled agent and a wrong password are answered byte for byte the same but for the
/// nonce. The medians over 1,000 requests each are printed.
#[test]
fn nobody_learns_who_is_here() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let disabled = office.row("agents", "808", |row| row["agent_number"] == "808");
    let path = format!("/api/v1/agents/{}", disabled["id"].as_str().unwrap());
    let (status, body) = office.web().send("PATCH", &path, Some(&json!({"status": "disabled"})));
    assert_eq!(status, 200, "{body}");
    let place = lan.place();
    // From a registered phone's address nobody is banned (BOX-145).
    let mut phone = office.client(&place, 5060, "807");
    assert_eq!(phone.register("MD5", 600).code(), Some(200));
    let liar = |number: &str, password: &str| Agent { agent_number: number.into(), sip_password: password.into() };
    let kinds = [
        ("unknown number", liar("899", "guess")),
        ("disabled agent", office.agent("808").clone()),
        ("wrong password", liar("801", "guess")),
    ];
    let mut answers = Vec::new();
    for (kind, agent) in &kinds {
        let mut client = Client::udp(&place, 5070, agent, &office.said.sip);
        let mut times = Vec::new();
        for number in 0..1000 {
            let (answer, time) = prove(&mut client, number);
            times.push(time);
            if number == 0 {
                answers.push(answer);
            }
        }
        times.sort_unstable();
        eprintln!("{kind}: median {:?}", times[times.len() / 2]);
    }
    assert!(answers[0].contains("SIP/2.0 401"), "{}", answers[0]);
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

/// Answers a challenge with this client's password; the answer comes without nonces, with how long it took.
fn prove(client: &mut Client, number: usize) -> (String, Duration) {
    let ask = |client: &mut Client, cseq: u32, proof: &str| {
        let local = client.local;
        let request = format!(
            "REGISTER sip:box SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{number}x{cseq};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:8@box>;tag=a\r\nTo: <sip:8@box>\r\nCall-ID: {number}\r\n\
             CSeq: {cseq} REGISTER\r\nContact: <sip:8@{local}>\r\n{proof}Content-Length: 0\r\n\r\n"
        );
        client.ask(&request).expect("an answer")
    };
    let challenge = ask(client, 1, "");
    let proof = client.credentials(&challenge, "MD5", "REGISTER", "sip:box");
    let began = elapsed();
    let answer = ask(client, 2, &proof);
    let time = elapsed() - began;
    let lines = answer.headers.iter().map(|(name, value)| format!("{name}: {}\n", without_nonce(value)));
    (answer.start.clone() + "\n" + &lines.collect::<String>() + &answer.body, time)
}

fn without_nonce(value: &str) -> String {
    value.split(',').filter(|word| !word.trim().starts_with("nonce=")).collect()
}

/// BOX-131: over the limit of the settings a call is refused with 503 and a time to try again; the record says L503.
#[test]
fn a_call_too_many_is_told_when_to_try_again() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    set(&mut office, json!({"max_calls": 1}));
    let place = lan.place();
    let talk = Talk::begin(&place, &office, "801", "802");
    let mut extra = office.client(&place, 5070, "803");
    assert_eq!(extra.register("MD5", 60).code(), Some(200));
    let offer = sound(extra.local, "sendrecv");
    for _ in 0..5 {
        let (_, refused) = extra.call("804", &offer).expect("an answer");
        assert_eq!(refused.code(), Some(503), "{refused:?}");
        assert!((5..=30).contains(&refused.value("Retry-After").parse::<u32>().unwrap()), "{refused:?}");
    }
    talk.is_heard();
    let record = talk.end(&office);
    record["sound"].as_array().unwrap().iter().for_each(|side| assert_eq!(side["lost"], 0, "{side}"));
    office.row("call_records", "the refused call", |row| row["sip_code"] == "L503");
    // A machine that is busy with other tests may refuse for a while for another reason (BOX-132).
    wait("there is room again", SOON, || {
        let (mut dialog, taken) = extra.call("*43", &offer)?;
        (taken.code() == Some(200)).then(|| extra.bye(&mut dialog))
    });
}

/// Changes the settings of a box between a stop and a start.
fn set(office: &mut Callbox, value: Value) {
    assert_eq!(office.stop(), Some(0));
    let Value::Object(value) = value else { panic!("settings are an object") };
    let store = Store::open(Path::new(&office.data())).unwrap();
    let write = Write::Set { rev: None, value };
    store.write(&Actor::System, Timestamp(wall_ms()), "settings", write).unwrap();
    drop(store);
    office.start_again();
}

/// BOX-47, BOX-123, CDR-56: a phone whose SDP promises sound that never comes is named while the call is up, and its
/// record says that only one side was heard; a stranger who throws sound at its port is neither heard nor sent any.
#[test]
fn sound_that_was_promised_and_does_not_come_is_named() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let place = lan.place();
    let mut caller = office.client(&place, 5060, "801");
    let mut called = office.client(&place, 5062, "802");
    assert_eq!(called.register("MD5", 600).code(), Some(200));
    let (speaks, silent) = (Voice::start(&place, 7000, 440.0), Voice::start(&place, 7002, 1000.0));
    let (offer, answer) = (sound_at(speaks.local, "sendrecv"), sound_at(silent.local, "sendrecv"));
    let (mut dialog, ports) = thread::scope(|scope| {
        let taking = scope.spawn(|| take_call(&mut called, &answer));
        let (dialog, ok) = caller.call("802", &offer).expect("an answer");
        speaks.speak_to(sound_of(&ok.body));
        (dialog, [sound_of(&ok.body), sound_of(&taking.join().unwrap().body)])
    });
    silent.hears(440.0);
    let trouble = |wanted: &'static [&str]| {
        office.row("calls", "the trouble is named", |row| {
            let sides = row["sides"].as_array().unwrap();
            sides[0]["trouble"].is_null() && wanted.iter().any(|word| sides[1]["trouble"] == *word)
        })
    };
    trouble(&["no_packets"]);
    let elsewhere = lan.place();
    let stranger = Voice::start(&elsewhere, 7000, 660.0);
    stranger.speak_to(ports[0]);
    silent.hears(440.0);
    assert_eq!(stranger.count(), 0, "the stranger was sent sound");
    thread::scope(|scope| {
        let called = &mut called;
        scope.spawn(move || {
            let bye = wait_for(called, "BYE");
            called.reply(&bye, 200, "");
        });
        assert!(caller.bye(&mut dialog));
    });
    let record = office.row("call_records", "the record", |row| row["call_outcome"] == "answered");
    let sides = record["sound"].as_array().unwrap();
    assert!(sides[0]["packets_received"].as_u64() > Some(0) && sides[1]["packets_received"] == 0, "{record}");
    assert_eq!((&sides[1]["one_way"], &sides[1]["number"]), (&true.into(), &"802".into()), "{record}");
}
