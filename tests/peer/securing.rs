//! Phones on TLS: their signalling and their sound are encrypted, whoever is at the other end.

use crate::harness::{Callbox, Lan, Phone};

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
