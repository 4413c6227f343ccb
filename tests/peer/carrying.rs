//! SIP over TCP: connections are kept, messages are cut out of the stream wherever their ends lie.

use crate::harness::{Callbox, Client, Lan, Phone, client::PATIENCE, clock::pass};
use std::time::Duration;

/// DSK-333
#[test]
fn two_phones_on_tcp_call_and_hear_each_other() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let tcp = |hertz| Phone { transport: "tcp", ..Phone::speaking(hertz) };
    let mut alice = office.phone(&lan, "801", tcp(440.0));
    let mut bob = office.phone(&lan, "802", tcp(1000.0));
    alice.dial("802");
    bob.expect("CALL_ESTABLISHED");
    bob.hears(440.0);
    alice.hears(1000.0);
}

/// RFC 3261 section 18.3: three requests in one piece, then one request in many.
#[test]
fn messages_are_cut_out_of_the_stream() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let place = lan.place();
    let mut client = Client::tcp(&place, office.agent("801"), &office.said.sip);
    assert_eq!(client.register("MD5", 60).code(), Some(200));

    let options = |client: &mut Client| {
        let dialog = client.dialog("801");
        let uri = dialog.target.clone();
        (dialog.call_id.clone(), client.request("OPTIONS", &uri, &dialog, "", ""))
    };
    let three: Vec<(String, String)> = (0..3).map(|_| options(&mut client)).collect();
    let joined: String = three.iter().map(|(_, text)| text.as_str()).collect();
    client.send(joined.as_bytes());
    for (call_id, _) in &three {
        let answer = client.receive(PATIENCE).expect("an answer to each");
        assert_eq!((answer.code().is_some(), answer.value("Call-ID")), (true, call_id.as_str()));
    }

    let (call_id, text) = options(&mut client);
    for piece in text.as_bytes().chunks(7) {
        client.send(piece);
        // The pieces are to arrive one by one, not joined by the kernel.
        pass(Duration::from_millis(2));
    }
    let answer = client.receive(PATIENCE).expect("an answer to the request in pieces");
    assert_eq!(answer.value("Call-ID"), call_id);

    // RFC 5626 section 3.5.1: the ping of a phone, and its pong.
    client.send(b"\r\n\r\n");
    let (call_id, text) = options(&mut client);
    client.send(text.as_bytes());
    let answer = client.receive(PATIENCE).expect("an answer after a ping");
    assert!(answer.value("Call-ID") == call_id, "{answer:?}");
}

/// DSK-338: the end of the connection makes the phone offline.
#[test]
fn a_closed_connection_makes_the_phone_offline() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let place = lan.place();
    let mut client = Client::tcp(&place, office.agent("802"), &office.said.sip);
    assert_eq!(client.register("MD5", 60).code(), Some(200));
    drop(client);
    let mut caller = office.client(&place, 5060, "801");
    let offer = crate::harness::description::sound(caller.local, "sendrecv");
    crate::harness::wait("the phone is offline", Duration::from_secs(5), || {
        let (_, response) = caller.call("802", &offer)?;
        matches!(response.code(), Some(480)).then_some(())
    });
}
