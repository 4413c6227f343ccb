//! Phones that speak different codecs understand each other.

use crate::harness::{Callbox, Lan, Phone};

/// G.722 at one phone, G.711 at the other, each its own alone: the box transcodes both ways.
#[test]
fn a_wideband_phone_and_a_narrowband_phone_hear_each_other() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let wide = Phone { codec: "G722/16000/1", ..Phone::speaking(440.0) };
    let narrow = Phone { codec: "PCMA", ..Phone::speaking(1000.0) };
    let mut alice = office.phone(&lan, "801", wide);
    let mut bob = office.phone(&lan, "802", narrow);
    alice.dial("802");
    bob.expect("CALL_ESTABLISHED");
    bob.hears(440.0);
    alice.hears(1000.0);
    let call = office.row("calls", "the call", |row| row["state"] == "talking");
    let codec = |side: usize| call["sides"][side]["codec"].as_str().unwrap_or_default().to_uppercase();
    assert!(codec(0).contains("722") && codec(1).contains("PCMA"), "{call}");
}

/// A-law at one phone, µ-law at the other.
#[test]
fn a_law_and_mu_law_phones_hear_each_other() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let a = Phone { codec: "PCMA", ..Phone::speaking(440.0) };
    let mu = Phone { codec: "PCMU", ..Phone::speaking(1000.0) };
    let mut alice = office.phone(&lan, "801", a);
    let mut bob = office.phone(&lan, "802", mu);
    alice.dial("802");
    bob.expect("CALL_ESTABLISHED");
    bob.hears(440.0);
    alice.hears(1000.0);
}

/// Two phones that both speak G.722 get it through unchanged.
#[test]
fn two_wideband_phones_speak_wideband() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let phone = |hertz| Phone { codec: "G722/16000/1,PCMU/8000/1", ..Phone::speaking(hertz) };
    let mut alice = office.phone(&lan, "801", phone(440.0));
    let mut bob = office.phone(&lan, "802", phone(1000.0));
    alice.dial("802");
    bob.expect("CALL_ESTABLISHED");
    bob.hears(440.0);
    alice.hears(1000.0);
    let call = office.row("calls", "the call", |row| row["state"] == "talking");
    for side in 0..2 {
        let codec = call["sides"][side]["codec"].as_str().unwrap_or_default().to_uppercase();
        assert!(codec.contains("722"), "{call}");
    }
}
