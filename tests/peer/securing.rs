//! Phones on TLS: their signalling and their sound are encrypted, whoever is at the other end.

use crate::harness::{Callbox, Lan, Phone, baresip::SOON, lan::BOX, wait, web::is_certified};

fn secure(hertz: f64) -> Phone {
    Phone { transport: "tls", encryption: Some("srtp-mand"), ..Phone::speaking(hertz) }
}

/// DSK-333, DSK-341
#[test]
fn two_phones_on_tls_speak_srtp() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let mut alice = office.phone(&lan, "801", secure(440.0));
    let bob = office.phone(&lan, "802", secure(1000.0));
    alice.dial("802");
    let menc = alice.expect("CALL_MENC");
    assert!(menc["param"].as_str().unwrap_or_default().contains("AES_CM_128_HMAC_SHA1"), "{menc}");
    bob.hears(440.0);
    alice.hears(1000.0);
    let call = office.row("calls", "the call", |row| row["state"] == "talking");
    assert_eq!(call["encrypted"], true, "{call}");
    alice.tell("hold", "");
    bob.hears_music();
    alice.tell("resume", "");
    bob.hears(440.0);
}

/// DSK-341, BOX-50: each leg on its own.
#[test]
fn a_phone_on_tls_talks_to_a_plain_phone() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let mut alice = office.phone(&lan, "801", secure(440.0));
    let mut bob = office.phone(&lan, "802", Phone::speaking(1000.0));
    alice.dial("802");
    bob.expect("CALL_ESTABLISHED");
    bob.hears(440.0);
    alice.hears(1000.0);
    let call = office.row("calls", "the call", |row| row["state"] == "talking");
    assert_eq!((&call["sides"][0]["encrypted"], &call["sides"][1]["encrypted"]), (&true.into(), &false.into()));
    alice.tell("hangup", "");
    bob.expect("CALL_CLOSED");

    bob.dial("801");
    alice.expect("CALL_ESTABLISHED");
    bob.hears(440.0);
    alice.hears(1000.0);
}

/// DSK-341: a phone on TLS that offers plain RTP gets plain RTP.
#[test]
fn a_phone_on_tls_may_speak_plain_rtp() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let plain = Phone { transport: "tls", ..Phone::speaking(440.0) };
    let mut alice = office.phone(&lan, "801", plain);
    let mut bob = office.phone(&lan, "802", Phone::speaking(1000.0));
    alice.dial("802");
    bob.expect("CALL_ESTABLISHED");
    bob.hears(440.0);
    alice.hears(1000.0);
}

/// DSK-343: without TLS no SRTP; a phone that insists is refused.
#[test]
fn srtp_without_tls_is_refused() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let insisting = Phone { encryption: Some("srtp-mand"), ..Phone::speaking(440.0) };
    let mut alice = office.phone(&lan, "801", insisting);
    let _bob = office.phone(&lan, "802", Phone::speaking(1000.0));
    alice.dial("802");
    let closed = alice.expect("CALL_CLOSED");
    assert!(closed["param"].as_str().unwrap_or_default().contains("488"), "{closed}");
}

/// DSK-344, BOX-32, BOX-33, BOX-37: the box gets another address and with it another certificate while phones on TLS
/// talk. They hear each other before and after, and go on over the connections they have; who comes new is shown the
/// new certificate.
#[test]
fn calls_go_on_while_the_certificate_is_replaced() {
    const ANOTHER: &str = "10.77.0.3";
    let lan = Lan::new();
    let office = Callbox::start_everywhere(&lan.office);
    let mut alice = office.phone(&lan, "801", secure(440.0));
    let mut bob = office.phone(&lan, "802", secure(1000.0));
    alice.dial("802");
    bob.expect("CALL_ESTABLISHED");
    bob.hears(440.0);
    alice.hears(1000.0);
    let call = office.row("calls", "the call", |row| row["state"] == "talking");
    let authority = office.web().try_send("GET", "/ca.crt", None).unwrap().body;
    let certified = |name: &str| is_certified(&lan.office, (BOX, office.said.sip.tls), name, &authority);
    assert!(certified(BOX) && !certified(ANOTHER));

    lan.more(ANOTHER);
    // The box looks at its addresses every ten seconds.
    wait("the new certificate", 3 * SOON, || certified(ANOTHER).then_some(()));
    assert!(certified(BOX));

    bob.hears(440.0);
    alice.hears(1000.0);
    alice.tell("hold", "");
    bob.hears_music();
    alice.tell("resume", "");
    bob.hears(440.0);
    let same = office.row("calls", "the same call", |row| row["state"] == "talking");
    assert_eq!((&same["call_id"], &same["started_at"]), (&call["call_id"], &call["started_at"]));
    alice.tell("hangup", "");
    bob.expect("CALL_CLOSED");
    let record = office.row("call_records", "the record", |row| row["call_id"] == call["call_id"]);
    assert_eq!((&record["call_outcome"], &record["sip_code"]), (&"answered".into(), &"200".into()));

    let mut carol = office.phone(&lan, "803", secure(700.0));
    carol.dial("801");
    alice.expect("CALL_ESTABLISHED");
    carol.hears(440.0);
    alice.hears(700.0);
}
