//! Somebody outside, reached over a trunk: calls come in and go out, are heard, parked and passed on.

use crate::harness::{
    Baresip, Callbox, Lan, Phone,
    baresip::SOON,
    carrier::{OUTSIDE, outside, owner},
    description::sound,
    wait,
};
use serde_json::json;

/// DST-7, DID-20, TRK-52, TRK-59, CDR-24, CDR-62: a call from the carrier rings the agent; both hear each other.
#[test]
fn a_call_comes_in_over_a_trunk() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let mut agent = office.phone(&lan, "801", Phone::speaking(440.0));
    let mut carrier = outside(&lan, &office);
    carrier.dial("95001");
    carrier.expect("CALL_ESTABLISHED");
    let call = agent.expect("CALL_ESTABLISHED");
    assert!(call["peeruri"].as_str().unwrap().contains(OUTSIDE), "{call}");
    agent.hears(1000.0);
    carrier.hears(440.0);
    carrier.tell("hangup", "");
    agent.expect("CALL_CLOSED");
    let record = office.row("call_records", "the record of the call", |row| row["call_outcome"] == "answered");
    let said = |field: &str| record[field].as_str().unwrap_or_default().to_owned();
    assert_eq!((said("call_type"), said("original_caller_number")), ("inbound".into(), OUTSIDE.into()), "{record}");
    assert_eq!((said("access_number"), said("agent_number")), ("95001".into(), "801".into()), "{record}");
    assert_eq!((said("trunk_name"), said("hangup_by")), ("Carrier".into(), "caller".into()), "{record}");
}

/// CDR-63, OUT-21, FEA-3, FEA-5: an agent calls outside, parks the call, and a colleague fetches it; all heard.
#[test]
fn a_call_goes_out_and_is_parked_and_fetched() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let mut agent = office.phone(&lan, "801", Phone::speaking(440.0));
    let mut colleague = office.phone(&lan, "802", Phone::speaking(620.0));
    let mut carrier = outside(&lan, &office);
    agent.dial(OUTSIDE);
    agent.expect("CALL_ESTABLISHED");
    let call = carrier.expect("CALL_ESTABLISHED");
    assert!(call["peeruri"].as_str().unwrap().contains("801"), "{call}");
    agent.hears(1000.0);
    carrier.hears(440.0);

    agent.tell("hold", "");
    carrier.hears_music();
    agent.dial("700");
    agent.expect("CALL_ESTABLISHED");
    colleague.dial("701");
    colleague.expect("CALL_ESTABLISHED");
    colleague.hears(1000.0);
    carrier.hears(620.0);
    colleague.tell("hangup", "");
    carrier.expect("CALL_CLOSED");

    let record = office.row("call_records", "the record of the call", |row| row["call_type"] == "outbound");
    assert_eq!(record["original_called_number"], OUTSIDE, "{record}");
    assert_eq!(record["attempts"][0]["trunk_name"], "Carrier", "{record}");
    assert_eq!(record["attempts"][0]["code"], 200, "{record}");
    let parked = office.row("call_records", "the record of the parking", |row| row["call_type"] == "park");
    assert_eq!(parked["parent_call_id"], record["call_id"], "{parked}");
}

/// OUT-22, TRK-54, TRK-57: nobody else reaches anything: a stranger is challenged, and a trunk calls no extension.
#[test]
fn a_trunk_reaches_its_numbers_and_nothing_else() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let _agent = office.phone(&lan, "801", Phone::speaking(440.0));
    let mut carrier = outside(&lan, &office);
    for number in ["801", "*43", "700", "13900000002"] {
        carrier.tell("dial", &format!("sip:{number}@{}:{}", office.said.sip.host, office.said.sip.udp));
        let over = carrier.expect("CALL_CLOSED");
        assert!(over["param"].as_str().unwrap_or_default().starts_with("404"), "{number}: {over}");
    }
    let place = lan.place();
    let mut stranger = Baresip::outside(place, "13800000009", &office.said.sip, Phone::speaking(300.0));
    stranger.tell("dial", &format!("sip:95001@{}:{}", office.said.sip.host, office.said.sip.udp));
    let over = stranger.expect("CALL_CLOSED");
    assert!(over["param"].as_str().unwrap_or_default().starts_with("401"), "{over}");
}

/// BOX-119, BOX-121, BOX-122, BOX-123: a phone that sends no sound is named afterwards, with every message beneath.
#[test]
fn a_phone_without_sound_is_named() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let _bob = office.phone(&lan, "802", Phone::speaking(440.0));
    let place = lan.place();
    let mut silent = office.client(&place, 5060, "803");
    let offer = sound(silent.local, "sendrecv");
    let (mut dialog, _) = silent.call_up("802", &offer);
    office.row("calls", "the sound that does not come", |row| row["sides"][0]["trouble"] == "no_packets");
    assert!(silent.bye(&mut dialog));
    let record = office.row("call_records", "the record", |row| row["call_outcome"] == "answered");
    let path = format!("/panel/call_records/{}/story", record["call_id"].as_str().unwrap());
    let web = owner(&office);
    let story = wait("the story", SOON, || Some(web.get(&path).1).filter(|story| story["kept"] == true));
    let leg =
        |number: &str| story["legs"].as_array().unwrap().iter().find(|leg| leg["number"] == number).unwrap().clone();
    assert_eq!(
        (&leg("803")["fault"], &leg("803")["sound"]["packets_received"]),
        (&json!("no_packets_from_phone"), &json!(0))
    );
    assert_eq!((&leg("802")["fault"], &leg("802")["part"]), (&json!(null), &json!("called")));
    let ladder = story["ladder"].as_array().unwrap();
    let texts: Vec<&str> = ladder.iter().map(|message| message["text"].as_str().unwrap()).collect();
    for first in ["INVITE ", "SIP/2.0 180", "SIP/2.0 200", "ACK ", "BYE "] {
        assert!(texts.iter().any(|text| text.starts_with(first)), "no {first}: {texts:?}");
    }
    assert!(texts.iter().all(|text| !text.contains("response=") && !text.contains("inline:W")), "BOX-122");
}
