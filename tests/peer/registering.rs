//! Phones register, and only those that prove themselves.

use crate::harness::{Agent, Callbox, Client, Lan, sipp::Sipp, web::Web};
use serde_json::json;

/// DSK-332, DSK-336, BOX-143: SIPp registers with digest.
#[test]
fn sipp_registers_with_digest() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let place = lan.place();
    assert!(Sipp::start(&place, "register", office.agent("803"), "803", &office.said.sip).succeeds());
}

/// DSK-334, BOX-142: a wrong password and an unknown number hear the same.
#[test]
fn a_wrong_password_and_an_unknown_number_hear_the_same() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let place = lan.place();
    let right = office.agent("801");
    let wrong = Agent { sip_password: "guessed-wrong".into(), ..right.clone() };
    let unknown = Agent { agent_number: "899".into(), sip_password: "guessed-wrong".into() };
    let mut told = Vec::new();
    for (port, agent) in [(5060, &wrong), (5062, &unknown)] {
        let answer = Client::udp(&place, port, agent, &office.said.sip).register("MD5", 60);
        told.push((answer.code(), answer.start.clone(), answer.headers.len()));
    }
    assert_eq!(told[0], told[1]);
    assert!(matches!(told[0].0, Some(401 | 403)), "{told:?}");
    assert_eq!(Client::udp(&place, 5064, right, &office.said.sip).register("MD5", 60).code(), Some(200));
}

/// DSK-336: 60 to 300 seconds.
#[test]
fn a_registration_lasts_one_to_five_minutes() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let place = lan.place();
    let mut client = office.client(&place, 5060, "801");
    for (asked, granted) in [(3600, 300), (120, 120)] {
        let answer = client.register("MD5", asked);
        let contact = answer.value("Contact").to_owned();
        assert!(contact.contains(&format!("expires={granted}")), "asked {asked}: {} {contact}", answer.start);
    }
    let short = client.register("MD5", 10);
    match short.code() {
        Some(423) => assert_eq!(short.value("Min-Expires"), "60"),
        code => assert!(code == Some(200) && short.value("Contact").contains("expires=60"), "{short:?}"),
    }
    let gone = client.register("MD5", 0);
    assert_eq!((gone.code(), gone.value("Contact")), (Some(200), ""));
}

/// BOX-141, RFC 8760: an office that is not the example challenges with SHA-256 and MD5, and takes either.
#[test]
fn a_new_box_challenges_with_sha_256_and_md5() {
    let lan = Lan::new();
    let office = Callbox::start_on(&lan.office, crate::harness::lan::BOX, false);
    let base = office.said.panel.clone().unwrap();
    let mut web = Web::new(&lan.office, &base, None);
    let owner = json!({"username": "owner", "password": "correct horse 7", "password_confirm": "correct horse 7",
        "first_name": "Ada", "last_name": "Owner"});
    assert_eq!(web.sign_in("/panel/setup", &owner), 201);
    let password = "Sip-pass-word-901x";
    let agent = json!({"agent_number": "901", "first_name": "Nina", "last_name": "New", "sip_password": password,
        "web_password": "Desk-pass-901", "phone_password": "4711"});
    let (status, answer) = web.send("POST", "/panel/agents", Some(&agent));
    assert_eq!(status, 201, "{answer}");

    let agent = Agent { agent_number: "901".into(), sip_password: password.into() };
    let place = lan.place();
    let mut client = Client::udp(&place, 5060, &agent, &office.said.sip);
    let dialog = client.dialog("901");
    let request = client.request("REGISTER", &format!("sip:{}", office.said.sip.host), &dialog, "", "");
    let challenge = client.ask(&request).unwrap();
    let lines: Vec<&str> = challenge.values("WWW-Authenticate").collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("SHA-256") && lines[1].contains("MD5"), "{lines:?}");
    assert_eq!(client.register("SHA-256", 60).code(), Some(200));
    assert_eq!(client.register("MD5", 60).code(), Some(200));
    let wrong = Agent { sip_password: "no".into(), ..agent };
    assert_ne!(Client::udp(&place, 5062, &wrong, &office.said.sip).register("SHA-256", 60).code(), Some(200));
}
