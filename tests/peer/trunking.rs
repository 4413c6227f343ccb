//! Trunks with real carriers: SIPp that challenges and calls, over UDP and TCP; baresip over TLS; and one of ours that
//! says what no carrier should.

use crate::harness::{
    Baresip, Callbox, Lan, Namespace, Phone, elapsed, message::Message, sipp::Sipp, talk::two_talk, wait, web::Web,
};
use serde_json::{Value, json};
use std::{
    net::{SocketAddr, UdpSocket},
    thread,
    time::Duration,
};

/// The waits of TRK-39 and what a carrier takes to start.
const BACK: Duration = Duration::from_secs(40);
const OUTSIDE: &str = "13800000001";
/// Requests of a flood, as fast as they go.
const FLOOD: usize = 4_000;

/// Who acts as the upstream, signed in.
fn owner<'a>(office: &Callbox<'a>) -> Web<'a> {
    let mut web = office.web();
    let owner = office.said.owner.as_ref().expect("the example office has an owner");
    let body = json!({ "username": owner.username, "password": owner.password });
    assert_eq!(web.sign_in("/panel/session", &body), 200);
    web
}

/// Adds a row; its id.
#[track_caller]
fn add(web: &Web, list: &str, row: &Value) -> String {
    let (status, body) = web.send("POST", &format!("/panel/{list}"), Some(row));
    assert_eq!(status, 201, "{list}: {body}");
    body["id"].as_str().expect("a row has an id").to_owned()
}

#[track_caller]
fn change(web: &Web, trunk: &str, fields: &Value) {
    let (status, answer) = web.send("PATCH", &format!("/panel/given_trunks/{trunk}"), Some(fields));
    assert_eq!(status, 200, "{answer}");
}

#[track_caller]
fn act(web: &Web, trunk: &str, deed: &str) {
    assert_eq!(web.send("POST", &format!("/panel/trunks/{trunk}/{deed}"), Some(&json!({}))).0, 204, "{deed}");
}

fn states(web: &Web, trunk: &str) -> Value {
    let (status, told) = web.get(&format!("/panel/trunks/{trunk}/states"));
    assert_eq!(status, 200, "{told}");
    told
}

/// Waits until the trunk has turned to this state; the whole turn.
#[track_caller]
fn turned(web: &Web, trunk: &str, to: &str) -> Value {
    wait(&format!("the trunk is {to}"), BACK, || {
        let last = states(web, trunk)["items"].get(0)?.clone();
        (last["to"] == to).then_some(last)
    })
}

/// The same, whatever came after: SIPp is gone as soon as it has granted, and over TCP its connection with it.
#[track_caller]
fn has_turned(web: &Web, trunk: &str, to: &str) -> Value {
    wait(&format!("the trunk was {to}"), BACK, || {
        states(web, trunk)["items"].as_array()?.iter().find(|turn| turn["to"] == to).cloned()
    })
}

fn registering(host: &str, transport: &str) -> Value {
    json!({ "name": transport, "kind": "register", "host": host, "port": 5060, "transport": transport,
        "username": "1001", "password": "carrier-secret", "domain": "carrier.test", "keep_alive_seconds": 0,
        "connect_timeout": 1 })
}

/// TRK-11, TRK-33, TRK-44, TRK-48: SIPp challenges, checks the proof and grants, over UDP and over TCP.
#[test]
fn a_trunk_registers_at_sipp_with_a_proof() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let web = owner(&office);
    for transport in ["udp", "tcp"] {
        let place = lan.place();
        let carrier = Sipp::serve(&place, "carrier_register", transport);
        let id = add(&web, "given_trunks", &registering(&place.address, transport));
        let turn = has_turned(&web, &id, "up");
        assert_eq!((&turn["reason"], &turn["code"]), (&json!("registered"), &json!(200)), "{turn}");
        assert_eq!(turn["address"], format!("{}:5060", place.address));
        assert!(carrier.succeeds());
    }
}

/// TRK-39, TRK-40, TRK-41, TRK-49: nobody is there at first; then the trunk comes back by itself, and a wrong password
/// is told from an outage.
#[test]
fn a_trunk_comes_back_when_the_carrier_does() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let place = lan.place();
    let web = owner(&office);
    let id = add(&web, "given_trunks", &registering(&place.address, "udp"));
    turned(&web, &id, "unreachable");
    let carrier = Sipp::serve(&place, "carrier_register", "udp");
    turned(&web, &id, "up");
    assert!(carrier.succeeds());
    let told = states(&web, &id);
    assert!(told["outages"][0]["ended_at"].is_string(), "{told}");
    let carrier = Sipp::serve(&place, "carrier_register", "udp");
    change(&web, &id, &json!({ "password": "guessed" }));
    assert_eq!(turned(&web, &id, "refused")["code"], 403);
    assert!(carrier.succeeds());
}

/// TRK-52, TRK-54, TRK-57: a call from the carrier's address is taken and goes to no extension; one from elsewhere has
/// to prove itself; a number that nobody owns is refused, and its record says so.
#[test]
fn a_peer_calls_in_and_a_stranger_does_not() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (carrier, stranger) = (lan.place(), lan.place());
    let web = owner(&office);
    let peer = json!({ "name": "peer", "kind": "peer", "host": carrier.address, "keep_alive_seconds": 0 });
    let id = add(&web, "given_trunks", &peer);
    assert_eq!(turned(&web, &id, "up")["reason"], "not_watched");
    let (agent, ports) = (office.agent("801"), &office.said.sip);
    assert!(Sipp::start(&carrier, "carrier_call", agent, "02155501", ports).succeeds());
    assert!(Sipp::start(&stranger, "stranger_call", agent, "02155501", ports).succeeds());
    let record = office.row("call_records", "the record", |row| row["call_type"] == "inbound");
    assert_eq!(record["access_number"], "02155501", "{record}");
    assert_eq!((&record["sip_code"], &record["hangup_reason"]), (&json!("404"), &json!("call_failed")), "{record}");
}

/// By this trunk every number goes out.
fn with_way_out(web: &Web, trunk: &str) {
    let profile = json!({ "name": "All", "system_default": true, "rules": [{ "trunks": [trunk] }] });
    add(web, "given_outbound_profiles", &profile);
}

/// TRK-11, TRK-26: a call goes out over a connection that the box opened, and ends from both sides.
#[test]
fn a_call_goes_out_over_tcp() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let place = lan.place();
    let carrier = Sipp::serve(&place, "carrier_takes", "tcp");
    let web = owner(&office);
    let trunk = json!({ "name": "tcp", "kind": "peer", "host": place.address, "port": 5060, "transport": "tcp",
        "keep_alive_seconds": 0 });
    with_way_out(&web, &add(&web, "given_trunks", &trunk));
    let mut agent = office.phone(&lan, "801", Phone::speaking(440.0));
    agent.dial(OUTSIDE);
    agent.expect("CALL_ESTABLISHED");
    agent.tell("hangup", "");
    assert!(carrier.succeeds());
    let record = office.row("call_records", "the record", |row| row["call_type"] == "outbound");
    assert_eq!(record["call_outcome"], "answered", "{record}");
}

/// TRK-27, TRK-80: a certificate that nobody vouches for stops everything; with its authority the trunk comes up, and
/// the call is heard over SRTP.
#[test]
fn a_trunk_over_tls_is_met_only_with_a_certificate() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let place = lan.place();
    let own = rcgen::generate_simple_self_signed(vec![place.address.clone()]).unwrap();
    let (certificate, key) = (own.cert.pem(), own.signing_key.serialize_pem());
    let address = place.address.clone();
    let phone = Phone { codec: "PCMA", transport: "tls", encryption: Some("srtp-mand"), ..Phone::speaking(1000.0) };
    let mut carrier =
        Baresip::outside_certified(place, OUTSIDE, &office.said.sip, phone, &format!("{key}{certificate}"));
    let web = owner(&office);
    let trunk = json!({ "name": "tls", "kind": "peer", "host": address, "port": 5061, "transport": "tls",
        "srtp": "required", "keep_alive_seconds": 30 });
    let id = add(&web, "given_trunks", &trunk);
    assert_eq!(turned(&web, &id, "certificate")["reason"], "certificate");
    change(&web, &id, &json!({ "ca_certificate": certificate }));
    assert_eq!(turned(&web, &id, "up")["reason"], "answered");
    with_way_out(&web, &id);
    let mut agent = office.phone(&lan, "801", Phone::speaking(440.0));
    agent.dial(OUTSIDE);
    agent.expect("CALL_ESTABLISHED");
    carrier.expect("CALL_ESTABLISHED");
    agent.hears(1000.0);
    carrier.hears(440.0);
    agent.tell("hangup", "");
    carrier.expect("CALL_CLOSED");
    let record = office.row("call_records", "the record", |row| row["call_type"] == "outbound");
    let encrypted = |side: &Value| side["number"] == OUTSIDE && side["encrypted"] == true;
    assert!(record["sound"].as_array().unwrap().iter().any(encrypted), "{record}");
}

/// A carrier of ours at the usual port.
struct Carrier {
    socket: UdpSocket,
    host: String,
    port: u16,
}

impl Carrier {
    fn at(place: &Namespace, office: &Callbox) -> Carrier {
        let socket = place.run(|| UdpSocket::bind((&*place.address, 5060)).unwrap());
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        Carrier { socket, host: office.said.sip.host.clone(), port: office.said.sip.udp }
    }

    /// The next REGISTER that fits.
    #[track_caller]
    fn hears(&self, fits: impl Fn(&Message) -> bool) -> (Message, SocketAddr) {
        wait("a REGISTER", BACK, || {
            let mut buffer = [0; 8192];
            let (length, from) = self.socket.recv_from(&mut buffer).ok()?;
            let message = Message::parse(&String::from_utf8_lossy(&buffer[..length]))?;
            (message.method() == Some("REGISTER") && fits(&message)).then_some((message, from))
        })
    }

    fn says(&self, heard: &(Message, SocketAddr), line: &str, more: &str) {
        let (request, to) = heard;
        let value = |name: &str| format!("{name}: {}\r\n", request.value(name));
        let tagged = format!("To: {};tag=c\r\n", request.value("To"));
        let names = [value("Via"), value("From"), tagged, value("Call-ID"), value("CSeq")].concat();
        let text = format!("SIP/2.0 {line}\r\n{names}{more}Content-Length: 0\r\n\r\n");
        self.socket.send_to(text.as_bytes(), to).unwrap();
    }

    fn challenges(&self, realm: &str) {
        self.challenge(&self.hears(|request| !request.value("Authorization").contains(realm)), realm);
    }

    fn challenge(&self, heard: &(Message, SocketAddr), realm: &str) {
        let challenge = format!("WWW-Authenticate: Digest realm=\"{realm}\", nonce=\"n{realm}\", algorithm=MD5\r\n");
        self.says(heard, "401 Unauthorized", &challenge);
    }

    /// Challenges whoever proves nothing, repeats of what came before among them, and grants the first who does.
    fn grants(&self, realm: &str) {
        let proven = |request: &Message| request.value("Authorization").contains(realm);
        let mut heard = self.hears(|_| true);
        while !proven(&heard.0) {
            self.challenge(&heard, realm);
            heard = self.hears(|_| true);
        }
        let contact = format!("Contact: {}\r\nExpires: 600\r\n", heard.0.value("Contact"));
        self.says(&heard, "200 OK", &contact);
    }

    fn floods(&self, number: usize) {
        for n in 0..number {
            let text = format!(
                "INVITE sip:95009@{host}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {me};branch=z9hG4bKf{n}\r\n\
                From: <sip:1@{me}>;tag=f{n}\r\nTo: <sip:95009@{host}>\r\nCall-ID: flood-{n}\r\nCSeq: 1 INVITE\r\n\
                Max-Forwards: 70\r\nContact: <sip:1@{me}>\r\nContent-Length: 0\r\n\r\n",
                host = self.host,
                port = self.port,
                me = self.socket.local_addr().unwrap(),
            );
            // What does not fit into a queue on the way is lost, as in any flood.
            let _ = self.socket.send_to(text.as_bytes(), (&*self.host, self.port));
        }
    }
}

/// TRK-46: the password goes to no other realm than that in which it was first taken, until somebody accepts that one.
#[test]
fn a_carrier_in_another_realm_gets_no_proof() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let place = lan.place();
    let carrier = Carrier::at(&place, &office);
    let web = owner(&office);
    let id = add(&web, "given_trunks", &registering(&place.address, "udp"));
    carrier.grants("one.test");
    turned(&web, &id, "up");
    act(&web, &id, "register");
    carrier.challenges("two.test");
    let turn = turned(&web, &id, "refused");
    assert_eq!((&turn["reason"], &turn["text"]), (&json!("realm_changed"), &json!("one.test → two.test")), "{turn}");
    act(&web, &id, "accept_realm");
    carrier.grants("two.test");
    turned(&web, &id, "up");
}

/// TRK-25, TRK-41: what is no answer is none, and the trunk comes up with the first that is one.
#[test]
fn a_carrier_that_answers_garbage_is_not_there() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let place = lan.place();
    let carrier = Carrier::at(&place, &office);
    let web = owner(&office);
    let id = add(&web, "given_trunks", &registering(&place.address, "udp"));
    let (_, to) = carrier.hears(|_| true);
    let noise: Vec<u8> = (0..=255).cycle().take(4_000).collect();
    for garbage in [&b"SIP/2.0 200 OK\r\n\r\n"[..], b"SIP/2.0 999", b"\r\n\r\n", &noise] {
        carrier.socket.send_to(garbage, to).unwrap();
    }
    assert_eq!(turned(&web, &id, "unreachable")["reason"], "no_answer");
    act(&web, &id, "register");
    carrier.grants("one.test");
    turned(&web, &id, "up");
}

/// TRK-59, BOX-145: a carrier that sends calls to a number nobody owns as fast as it can harms no call of the office,
/// and is never banned.
#[test]
fn a_flood_of_a_carrier_harms_nobody() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let place = lan.place();
    let carrier = Carrier::at(&place, &office);
    let web = owner(&office);
    let peer = json!({ "name": "peer", "kind": "peer", "host": place.address, "keep_alive_seconds": 0 });
    let id = add(&web, "given_trunks", &peer);
    turned(&web, &id, "up");
    let (one, mut other) = two_talk(&lan, &office);
    carrier.floods(FLOOD);
    one.hears(1000.0);
    other.hears(440.0);
    let (_, bans) = web.get("/panel/bans");
    assert_eq!(bans["items"], json!([]), "{bans}");
    one.tell("hangup", "");
    other.expect("CALL_CLOSED");
    assert_eq!(states(&web, &id)["items"][0]["to"], "up");
}

/// Tries what is typed while the carrier does its part.
fn tried(web: &Web, form: &Value, carrier: impl FnOnce() + Send) -> Value {
    thread::scope(|scope| {
        let carrier = scope.spawn(carrier);
        let began = elapsed();
        let (status, told) = web.send("POST", "/panel/given_trunks/test", Some(form));
        assert_eq!(status, 200, "{told}");
        assert!(elapsed() - began < Duration::from_secs(15), "{told}");
        carrier.join().unwrap();
        told
    })
}

fn steps(told: &Value) -> Vec<String> {
    let word = |step: &Value, field: &str| step[field].as_str().map_or_else(|| step[field].to_string(), Into::into);
    let steps = told["steps"].as_array().unwrap().iter();
    steps.map(|step| format!("{} {} {}", word(step, "step"), word(step, "code"), word(step, "reason"))).collect()
}

/// TRK-19, TRK-25, TRK-43: each step has its address, time and answer; the carrier is left as it was found, and what is
/// to be changed is named.
#[test]
fn what_is_typed_is_tried_at_a_carrier() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (place, empty) = (lan.place(), lan.place());
    let carrier = Carrier::at(&place, &office);
    let web = owner(&office);
    let form = registering(&place.address, "udp");
    let told = tried(&web, &form, || {
        carrier.grants("one.test");
        let left = carrier.hears(|request| request.value("Expires") == "0");
        assert!(left.0.value("Contact").contains("1001"), "{:?}", left.0);
        carrier.says(&left, "200 OK", "");
    });
    let all = ["look_up null null", "connect null null", "options null no_answer", "register 200 null"];
    assert_eq!((steps(&told), &told["advice"]), (all.map(String::from).to_vec(), &json!("works")), "{told}");
    assert_eq!(told["steps"][3]["address"], format!("{}:5060", place.address));
    let told = tried(&web, &form, || {
        // What was sent again of the last trial's farewell is none of this one.
        let new = |request: &Message| request.value("Expires") != "0";
        let proven = |request: &Message| request.value("Authorization").contains("one.test");
        carrier.challenge(&carrier.hears(|request| new(request) && !proven(request)), "one.test");
        carrier.challenge(&carrier.hears(|request| new(request) && proven(request)), "one.test");
    });
    assert_eq!((steps(&told).pop().unwrap(), &told["advice"]), ("register 401 password".into(), &json!("password")));
    let told = tried(&web, &registering(&empty.address, "tcp"), || {});
    assert_eq!(
        (steps(&told).pop().unwrap(), &told["advice"]),
        ("connect null not_connected".into(), &json!("not_connected"))
    );
    let told = tried(&web, &registering("nowhere.invalid", "udp"), || {});
    assert_eq!((steps(&told), &told["advice"]), (vec!["look_up null not_found".to_owned()], &json!("host")), "{told}");
    assert_eq!(office.rows("calls").len(), 0);
    assert_eq!(web.get("/panel/trunks").1["total"], 0, "nothing of it stays");
}

/// TRK-20, OUT-61, CDR-67: a call over this trunk alone says a sentence; it is told how it went, and its record says so.
#[test]
fn a_test_call_says_a_sentence_and_is_told() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let web = owner(&office);
    let place = lan.place();
    let peer = json!({ "name": "Line", "kind": "peer", "host": place.address, "port": 5060, "keep_alive_seconds": 0 });
    let id = add(&web, "given_trunks", &peer);
    let phone = Phone { codec: "PCMA", ..Phone::speaking(1000.0) };
    let mut friend = Baresip::outside(place, OUTSIDE, &office.said.sip, phone);
    let path = format!("/panel/trunks/{id}/test_call");
    let (status, begun) = web.send("POST", &path, Some(&json!({ "number": OUTSIDE })));
    assert_eq!(status, 201, "{begun}");
    friend.expect("CALL_ESTABLISHED");
    friend.hears_music();
    friend.expect_within("CALL_CLOSED", Duration::from_secs(20));
    let call = begun["call_id"].as_str().unwrap();
    let told = wait("the end of the test call", BACK, || {
        let (status, told) = web.get(&format!("{path}/{call}"));
        (status == 200 && told["over"] == true).then_some(told)
    });
    assert_eq!(
        (&told["answered"], &told["code"], &told["silent"]),
        (&json!(true), &json!(200), &json!(false)),
        "{told}"
    );
    assert!(told["packets_in"].as_u64().unwrap() > 50 && told["packets_out"].as_u64().unwrap() > 50, "{told}");
    let record = office.row("call_records", "its record", |row| row["call_id"] == call);
    assert_eq!((&record["call_type"], &record["trunk_name"]), (&json!("voice_notice"), &json!("Line")), "{record}");
    let (_, day) = web.get(&format!("/panel/trunks/{id}/today"));
    assert_eq!((&day["calls_out"], &day["answered"], &day["most"]), (&json!(1), &json!(1), &json!(1)), "TRK-50: {day}");
    let refused = web.send("POST", &path, Some(&json!({ "number": "110" })));
    assert_eq!((refused.0, &refused.1["error"]), (422, &json!("emergency_number")), "{refused:?}");
}
