//! A menu asks a program of the office on another machine what a caller's keys mean (IVR-32).

use crate::{
    harness::{
        Callbox, Client, Lan,
        carrier::{add, owner},
        description::sound_without_events,
    },
    hostile_many::{take_call, wait_for},
};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
    time::Duration,
};

const PORT: u16 = 8_090;
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes one question, answers it, and gives what was asked.
fn answer_one(listener: &TcpListener, answer: &Value) -> Value {
    let (mut stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut heard = Vec::new();
    while !heard.ends_with(b"}") {
        let mut bytes = [0; 1_024];
        let length = stream.read(&mut bytes).unwrap();
        assert!(length > 0, "{}", String::from_utf8_lossy(&heard));
        heard.extend_from_slice(&bytes[..length]);
    }
    let body = answer.to_string();
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let heard = String::from_utf8(heard).unwrap();
    serde_json::from_str(heard.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// IVR-32: 806 keys 4712 in a menu; the service hears so and has 805 rung, who answers.
#[test]
fn a_service_on_another_machine_says_where_the_call_goes() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (service, caller, called) = (lan.place(), lan.place(), lan.place());
    let web = owner(&office);
    let (status, said) = web.send("PATCH", "/panel/given_limits", Some(&json!({ "match_plugin": true })));
    assert_eq!(status, 200, "{said}");
    let menu = json!({ "name": "Main", "internal_number": "600", "start_delay": 0, "max_input_length": 4,
        "match_plugin": format!("http://{}:{PORT}/keys", service.address) });
    add(&web, "ivr", menu);
    let agents = office.rows("agents");
    let agent = agents.iter().find(|row| row["agent_number"] == "805").unwrap();
    let answer = json!({ "destination": { "type": "agent", "target": agent["id"] } });
    let listener = service.run(|| TcpListener::bind(("0.0.0.0", PORT)).unwrap());

    let mut caller = Client::udp(&caller, 5060, office.agent("806"), &office.said.sip);
    let mut called = Client::udp(&called, 5060, office.agent("805"), &office.said.sip);
    assert_eq!(called.register("MD5", 300).code(), Some(200));
    let (offer, taken) =
        (sound_without_events(caller.local, "sendrecv"), sound_without_events(called.local, "sendrecv"));
    let asked = thread::scope(|scope| {
        let asked = scope.spawn(|| answer_one(&listener, &answer));
        scope.spawn(|| {
            take_call(&mut called, &taken);
            let bye = wait_for(&mut called, "BYE");
            called.reply(&bye, 200, "");
        });
        let (mut dialog, _) = caller.call_up("600", &offer);
        for key in "4712".chars() {
            let digit = format!("Signal={key}\r\nDuration=160\r\n");
            dialog.cseq += 1;
            let info = caller.request("INFO", &dialog.target.clone(), &dialog, "", &digit);
            let info = info.replace("application/sdp", "application/dtmf-relay");
            assert_eq!(caller.ask(&info).and_then(|message| message.code()), Some(200));
        }
        office.row("calls", "the call", |row| row["state"] == "talking");
        assert!(caller.bye(&mut dialog));
        asked.join().unwrap()
    });
    let call_id = &office.row("call_records", "the record", |row| row["customer_keys"] == "4712")["call_id"];
    assert_eq!(asked, json!({ "call_id": call_id, "caller_number": "806", "did": "", "input": "4712" }));
}
