//! What is secret is written nowhere: not to the log, not to standard error, not into records or lists.

use crate::harness::{Agent, Callbox, Client, Lan, description::sound, lan::BOX, message::parameter, web::Web};
use serde_json::{Value, json};
use std::fs;

const KEY: &str = "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

/// BOX-122, BOX-163: with `--verbose`, after sign-ins and calls that go well and ill, no password, digest, nonce,
/// cookie, API key or key of sound stands in the log or in what is told of calls.
#[test]
fn no_secret_is_written_down() {
    let lan = Lan::new();
    let mut office = Callbox::start_in(tempfile::tempdir().unwrap(), &lan.office, BOX, &["--example", "--verbose"]);
    let place = lan.place();
    let mut secrets = vec![office.said.api_key.clone().unwrap(), office.said.owner.as_ref().unwrap().password.clone()];
    secrets.extend(office.said.agents.iter().map(|agent| agent.sip_password.clone()));
    let wrong = Agent { sip_password: "Wr0ngGuess77".into(), ..office.agent("803").clone() };
    secrets.extend(["Wr0ngGuess77".to_owned(), KEY["inline:".len()..].to_owned()]);

    for (agent, port) in [(office.agent("801"), 5060), (&wrong, 5062)] {
        let mut client = Client::udp(&place, port, agent, &office.said.sip);
        let dialog = client.dialog("*43");
        let uri = dialog.target.clone();
        let offer = sound(client.local, "sendrecv").replace("RTP/AVP", "RTP/SAVP")
            + &format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}\r\n");
        let request = client.request("INVITE", &uri, &dialog, "", &offer);
        let challenge = client.ask(&request).unwrap();
        client.acknowledge(&dialog, &challenge, &request);
        let proof = client.credentials(&challenge, "MD5", "INVITE", &uri);
        secrets.extend(
            ["response", "nonce"].map(|name| parameter(proof.trim_end().split_once(": ").unwrap().1, name).unwrap()),
        );
        let mut again = dialog.clone();
        again.cseq += 1;
        let request = client.request("INVITE", &uri, &again, &proof, &offer);
        let answer = client.ask(&request).unwrap();
        client.acknowledge(&again, &answer, &request);
        client.register("MD5", 60);
        let (mut call, _) = client.call("*43", &sound(client.local, "sendrecv")).unwrap();
        client.bye(&mut call);
        client.send(b"INVITE sip:x SIP/2.0\r\nAuthorization: Digest response=\"Wr0ngGuess77\"\r\n\r\n");
    }
    secrets.extend(visit(&lan, &office));
    office.row("call_records", "a record", |row| row["call_outcome"] == "answered");

    let mut told =
        vec![Value::Array(office.rows("call_records")).to_string(), Value::Array(office.rows("agents")).to_string()];
    assert_eq!(office.stop(), Some(0));
    told.push(office.told());
    let log = fs::read_dir(office.data() + "/log").unwrap().map(|entry| entry.unwrap().path());
    told.extend(log.map(|path| fs::read_to_string(path).unwrap()));
    assert!(told.iter().skip(2).all(|text| text.contains("callbox answers")), "the log was read");
    for secret in &secrets {
        assert!(secret.len() >= 6, "{secret} is too short to be looked for");
        for text in &told {
            let line = text.lines().find(|line| line.contains(secret.as_str()));
            assert_eq!(line, None, "'{secret}' is told");
        }
    }
}

/// Signs in to the panel, rightly and wrongly, and uses a wrong key; gives what must stay secret of it.
fn visit(lan: &Lan, office: &Callbox) -> Vec<String> {
    let base = office.said.panel.clone().unwrap();
    let owner = office.said.owner.as_ref().unwrap();
    let mut web = Web::new(&lan.office, &base, None);
    let form = |password: &str| json!({"username": owner.username, "password": password});
    assert_eq!(web.sign_in("/panel/session", &form("Wr0ngGuess77")), 401);
    assert_eq!(web.sign_in("/panel/session", &form(&owner.password)), 200);
    let (status, agents) = web.get("/panel/agents");
    assert_eq!(status, 200);
    let id = agents["items"][0]["id"].as_str().unwrap();
    let (status, body) =
        web.send("PATCH", &format!("/panel/agents/{id}"), Some(&json!({"sip_password": "N3wPassw0rd!x"})));
    assert_eq!(status, 200, "{body}");
    let guess = Web::new(&lan.office, &base, Some("cbx_Wr0ngKey88".into()));
    assert_eq!(guess.get("/api/v1/agents").0, 401);
    let cookie = web.cookie().expect("a session").split_once('=').unwrap().1.to_owned();
    vec![cookie, "N3wPassw0rd!x".into(), "Wr0ngKey88".into()]
}
