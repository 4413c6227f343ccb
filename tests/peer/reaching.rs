//! Phones in awkward places: behind a NAT, on IPv6, with a call that offers nothing first.

use crate::harness::{
    Callbox, Client, Lan, Phone, Voice,
    description::{sound_at, sound_of},
    lan::BOX_6,
};
use std::net::SocketAddr;

/// BOX-44, BOX-45, BOX-46: whatever a phone behind a NAT says of its address, it is answered, called and sent sound
/// where its packets come from.
#[test]
fn a_phone_behind_a_nat_calls_and_is_called() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let mut bob = office.phone(&lan, "802", Phone::speaking(1000.0));
    let place = lan.place();
    let mut client = office.client(&place, 40_123, "801");
    client.claimed = "192.168.200.5:5060".parse().unwrap();
    assert_eq!(client.register("MD5", 120).code(), Some(200));
    let voice = Voice::start(&place, 7000, 440.0);
    let inside: SocketAddr = "192.168.200.5:7000".parse().unwrap();

    let (mut dialog, answer) = client.call_up("802", &sound_at(inside, "sendrecv"));
    voice.speak_to(sound_of(&answer.body));
    bob.hears(440.0);
    voice.hears(1000.0);
    assert!(client.bye(&mut dialog));
    bob.expect("CALL_CLOSED");

    bob.tell("dial", &format!("sip:801@{}", office.said.sip.host));
    let invite = client.await_request("INVITE");
    client.reply(&invite, 200, &sound_at(inside, "sendrecv"));
    client.await_request("ACK");
    voice.speak_to(sound_of(&invite.body));
    bob.hears(440.0);
    voice.hears(1000.0);
    bob.tell("hangup", "");
    let bye = client.await_request("BYE");
    client.reply(&bye, 200, "");
}

/// A phone on IPv6 and one on IPv4 call each other.
#[test]
fn a_phone_on_ipv6_talks_to_one_on_ipv4() {
    let lan = Lan::new();
    let office = Callbox::start_everywhere(&lan.office);
    let bob = office.phone(&lan, "802", Phone::speaking(1000.0));
    let place = lan.place();
    let (here, sip) = (place.address_6(), &office.said.sip);
    let mut client = Client::udp_between(&place, &here, 5060, BOX_6, office.agent("801"), sip);
    assert_eq!(client.register("MD5", 120).code(), Some(200));
    let voice = Voice::start_at(&place, &here, 7000, 440.0);
    let (mut dialog, answer) = client.call_up("802", &sound_at(voice.local, "sendrecv"));
    let sound = sound_of(&answer.body).expect("an address");
    assert!(sound.is_ipv6(), "{answer:?}");
    voice.speak_to(Some(sound));
    bob.hears(440.0);
    voice.hears(1000.0);
    assert!(client.bye(&mut dialog));
}

/// RFC 3261 section 13.2.1: an INVITE without SDP is answered with an offer, and the ACK answers that.
#[test]
fn a_call_without_an_offer_gets_one() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let bob = office.phone(&lan, "802", Phone::speaking(1000.0));
    let place = lan.place();
    let mut client = office.client(&place, 5060, "801");
    let voice = Voice::start(&place, 7000, 440.0);
    let (mut dialog, request) = client.proven_invite("802", "");
    let response = client.ask(&request).expect("a response");
    assert_eq!(response.code(), Some(200), "{response:?}");
    assert!(response.body.contains("m=audio") && response.body.contains("PCMU/8000"), "{response:?}");
    dialog.theirs = response.value("To").into();
    dialog.target = response.contact();
    client.acknowledge_with(&dialog, &response, &request, &sound_at(voice.local, "sendrecv"));
    voice.speak_to(sound_of(&response.body));
    bob.hears(440.0);
    voice.hears(1000.0);
    assert!(client.bye(&mut dialog));
}
