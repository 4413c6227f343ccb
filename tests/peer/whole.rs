//! One call through everything an office has: in from a carrier, past condition, menu and ring group to an agent, into
//! a slot and out of it, and on to somebody outside over another carrier; and keys of carriers that know only tones.

use crate::harness::{
    Baresip, Callbox, Client, Lan, Linphone, Phone, Voice,
    carrier::{OUTSIDE, add, owner, with_a_did},
    client::PATIENCE,
    clock::try_wait,
    message::Message,
    sipp::Sipp,
    tone::{Sound, write_tone},
    wait,
    web::Web,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fs, path::Path, time::Duration};

const CALLER: f64 = 1000.0;
const AGENT: f64 = 440.0;
const COLLEAGUE: f64 = 660.0;
const FRIEND: f64 = 1400.0;
/// What the menu says: none of the tones of people.
const PROMPT: f64 = 300.0;
/// Whoever is called in the end, and where the carrier's sound is.
const FAR: &str = "13900000002";
const SOUND: u16 = 7000;
/// The tones of two keys (ITU-T Q.23).
const ONE: [f64; 2] = [697.0, 1209.0];
const FIVE: [f64; 2] = [770.0, 1336.0];
const GLANCE: Duration = Duration::from_millis(20);

/// A menu at 95001 that is open all day, and whose key 1 rings 801 and 804.
fn with_a_menu(web: &Web) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("prompt.wav");
    write_tone(&file, PROMPT, 8000);
    let uploaded = web.upload("/panel/uploads/media/file", &fs::read(file).unwrap());
    let prompt = add(web, "media", json!({ "name": "Welcome", "type": "voice", "file": uploaded["file"] }));
    let group = add(web, "ring_groups", json!({ "name": "Sales", "numbers": ["801", "804"] }));
    let menu = json!({ "name": "Main", "max_input_length": 1, "prompts": [{ "media": prompt }], "start_delay": 0,
        "keys": [{ "input": "1", "destination": { "type": "ring_group", "target": group } }] });
    let menu = add(web, "ivr", menu);
    let day = json!({ "name": "Open", "type": "time", "periods": ["00:00:00-23:59:59"],
        "inside_destination": { "type": "ivr", "target": menu } });
    let day = add(web, "conditions", day);
    with_a_did(web, json!({ "type": "condition", "target": day }));
}

fn peer(web: &Web, name: &str, host: &str) -> String {
    add(
        web,
        "given_trunks",
        json!({ "name": name, "kind": "peer", "host": host, "port": 5060, "keep_alive_seconds": 0 }),
    )
}

/// The lamps of a phone: what each shows last.
struct Lamps {
    phone: Client,
    shown: BTreeMap<String, String>,
    /// The number that each subscription is about.
    watched: BTreeMap<String, String>,
}

impl Lamps {
    fn watch(mut phone: Client, numbers: &[&str]) -> Lamps {
        assert_eq!(phone.register("MD5", 600).code(), Some(200));
        let mut watched = BTreeMap::new();
        for number in numbers {
            let mut dialog = phone.dialog(number);
            let headers = "Event: dialog\r\nAccept: application/dialog-info+xml\r\nExpires: 600\r\n";
            let accepted = phone.prove("SUBSCRIBE", &mut dialog, headers, "").expect("an answer");
            assert!(matches!(accepted.code(), Some(200 | 202)), "{accepted:?}");
            watched.insert(dialog.call_id, (*number).to_owned());
        }
        Lamps { phone, shown: BTreeMap::new(), watched }
    }

    /// Waits until these are lit, and all others are dark.
    #[track_caller]
    fn show(&mut self, lit: &[&str]) {
        let right = try_wait(PATIENCE, || {
            while let Some(message) = self.phone.receive(GLANCE) {
                self.take(&message);
            }
            let wanted = |number: &str| if lit.contains(&number) { "lit" } else { "dark" };
            let is = |number: &String| self.shown.get(number).is_some_and(|is| is == wanted(number));
            self.watched.values().all(is).then_some(())
        });
        assert!(right.is_some(), "the lamps of {lit:?} are to be lit: {:?}", self.shown);
    }

    fn take(&mut self, message: &Message) {
        if message.method() != Some("NOTIFY") {
            return;
        }
        self.phone.reply(message, 200, "");
        if let Some(number) = self.watched.get(message.value("Call-ID")) {
            let state = if message.body.contains(">confirmed</state>") { "lit" } else { "dark" };
            self.shown.insert(number.clone(), state.to_owned());
        }
    }
}

/// DST-2, DST-3, DST-7, TRK-33, FEA-3, FEA-5, DSK-348, DSK-351, DSK-352, PHN-116, PHN-122, CDR-10, CDR-41, CDR-44, CDR-55,
/// CDR-75, OUT-29: each hears whom they are to hear after every step; lamps, records and the file say what was.
#[test]
fn a_call_goes_through_the_whole_office() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let ports = office.said.sip.clone();
    let web = owner(&office);
    with_a_menu(&web);

    let far = lan.place();
    let carrier = Sipp::serve(&far, "carrier_register", "udp");
    let trunk = json!({ "name": "Out", "kind": "register", "host": far.address, "port": 5060, "username": "1001",
        "password": "carrier-secret", "domain": "carrier.test", "keep_alive_seconds": 0 });
    let out = add(&web, "given_trunks", trunk);
    let profile = json!({ "name": "All", "system_default": true, "rules": [{ "trunks": [out] }] });
    add(&web, "given_outbound_profiles", profile);
    let near = lan.place();
    peer(&web, "In", &near.address);
    assert!(carrier.succeeds(), "the line is registered");

    let mut agent = office.phone(&lan, "801", Phone::speaking(AGENT));
    let mut colleague = Linphone::start(lan.place(), office.agent("802"), &ports, false, COLLEAGUE);
    let bystander = lan.place();
    let mut lamps = Lamps::watch(office.client(&bystander, 5060, "805"), &["801", "802", "701"]);
    lamps.show(&[]);
    let mut caller = Baresip::outside(near, OUTSIDE, &ports, Phone::speaking(CALLER));

    // Through condition and menu: the prompt, then a key.
    caller.dial("95001");
    caller.expect("CALL_ESTABLISHED");
    caller.hears_music();
    caller.tell("sndcode", "1");
    agent.expect("CALL_ESTABLISHED");
    agent.hears(CALLER);
    caller.hears(AGENT);
    lamps.show(&["801"]);
    let live = office.row("calls", "the call in progress", |row| row["state"] == "talking");
    assert_eq!((&live["caller_number"], &live["sides"][1]["number"]), (&json!(OUTSIDE), &json!("801")), "{live}");

    // Parked: the agent is rung and told where, and the caller waits with music.
    agent.tell("transfer", &format!("sip:700@{}:{}", ports.host, ports.udp));
    agent.expect("CALL_CLOSED");
    agent.expect("CALL_ESTABLISHED");
    agent.hears_music();
    caller.hears_music();
    agent.expect("CALL_CLOSED");
    lamps.show(&["701"]);
    office.row("calls", "the parked call", |row| row["state"] == "parked");

    // Fetched by a colleague at another make of phone.
    colleague.call("701");
    colleague.wait_for(1, "LinphoneCallStreamsRunning");
    colleague.speak(1);
    colleague.hears(CALLER);
    caller.hears(COLLEAGUE);
    lamps.show(&["802"]);

    // Passed on to somebody outside, over the line that registers.
    let friend = Voice::start(&far, SOUND, FRIEND).answers();
    let carrier = Sipp::serve_with_sound(&far, "carrier_speaks", SOUND);
    colleague.transfer(1, FAR);
    friend.hears(CALLER);
    caller.hears(FRIEND);
    lamps.show(&[]);
    caller.tell("hangup", "");
    assert!(carrier.succeeds(), "the far carrier is hung up");
    assert!(wait("no call is left", PATIENCE, || office.rows("calls").is_empty().then_some(true)));

    records_say_so(&office);
}

fn records_say_so(office: &Callbox) {
    let ended = |row: &Value| row["ended_at"].is_string();
    let first = office.row("call_records", "the call that came in", |row| {
        row["call_type"] == "inbound" && row["transfer_type"] == "none" && row["recording"]["state"] == "kept"
    });
    let second =
        office.row("call_records", "the transferred call", |row| row["transfer_type"] == "blind" && ended(row));
    let park = office.row("call_records", "the parking", |row| row["call_type"] == "park" && ended(row));
    let said = |record: &Value, wanted: &[(&str, Value)]| {
        for (column, value) in wanted {
            assert_eq!(&record[*column], value, "{column} of {record}");
        }
    };
    let name = |record: &Value, at: &str| record[at].as_str().unwrap_or_default().to_owned();
    said(
        &first,
        &[
            ("original_caller_number", json!(OUTSIDE)),
            ("access_number", json!("95001")),
            // Who fetched the call has it; who answered it is the one called.
            ("agent_number", json!("802")),
            ("actual_called_number", json!("801")),
            ("call_outcome", json!("answered")),
            ("hangup_reason", json!("normal")),
            ("customer_keys", json!("1")),
            ("trunk_name", json!("In")),
        ],
    );
    let places: Vec<String> = first["places"].as_array().unwrap().iter().map(|visit| name(visit, "place")).collect();
    assert_eq!(places, ["condition", "ivr", "ring_group"], "{first}");
    said(&park, &[("parent_call_id", first["call_id"].clone()), ("original_called_number", json!("700"))]);
    said(
        &second,
        &[
            ("parent_call_id", first["call_id"].clone()),
            ("transferred_from", json!("802")),
            ("original_called_number", json!(FAR)),
            ("actual_called_number", json!(FAR)),
            ("call_outcome", json!("answered")),
            ("hangup_by", json!("caller")),
            ("trunk_name", json!("Out")),
        ],
    );
    assert_eq!((&second["attempts"][0]["trunk_name"], &second["attempts"][0]["code"]), (&json!("Out"), &json!(200)));
    assert_eq!(office.rows("call_records").len(), 3, "one record for each call, and no more");
    file_has_both(office, &first);
}

/// The agents stand left, one after the other, and the caller right; the music is nowhere.
fn file_has_both(office: &Callbox, record: &Value) {
    let path = Path::new(&office.data()).join(record["recording"]["file"].as_str().expect("it is recorded"));
    let bytes = fs::read(&path).unwrap();
    let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((&record["recording"]["sha256"], &record["recording"]["bytes"]), (&hash.into(), &bytes.len().into()));
    let [left, right] = Sound::sides(&path).expect("a recording");
    let halves =
        |sound: &Sound| (0..(2.0 * sound.seconds()) as u32).map(|n| sound.part(f64::from(n) / 2.0, 0.5)).collect();
    let (left, right): (Vec<Sound>, Vec<Sound>) = (halves(&left), halves(&right));
    let first =
        |hertz| left.iter().position(|half| half.is_only(hertz)).unwrap_or_else(|| panic!("no {hertz} Hz left"));
    assert!(first(AGENT) < first(COLLEAGUE));
    for (left, right) in left.iter().zip(&right).filter(|(left, _)| left.is_only(AGENT) || left.is_only(COLLEAGUE)) {
        assert!(right.is_only(CALLER), "with {:.0} dB left", left.loudness());
    }
    assert!(left.iter().zip(&right).any(|(left, right)| left.is_silent() && right.is_silent()), "the slot is silent");
    let loudest = |all: &[Sound], others: &[f64]| {
        let levels = all.iter().flat_map(|half| others.iter().map(|hertz| half.level(*hertz)));
        levels.fold(f64::MIN, f64::max)
    };
    assert!(loudest(&left, &[CALLER, FRIEND]) < -28.0 && loudest(&right, &[AGENT, COLLEAGUE, FRIEND]) < -28.0);
}

/// TRK-79, IVR-12: a carrier that offers no telephone-event: its keys are heard as tones, and the agent's go as tones.
#[test]
fn keys_of_a_carrier_without_events_are_tones() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let web = owner(&office);
    with_a_menu(&web);
    let place = lan.place();
    peer(&web, "In", &place.address);
    let mut agent = office.phone(&lan, "801", Phone::speaking(AGENT));
    let caller = Voice::start(&place, SOUND, CALLER).answers();
    let carrier = Sipp::call_in(&place, "carrier_calls", "95001", SOUND, &office.said.sip);
    caller.hears_music();
    caller.press(ONE);
    agent.expect("CALL_ESTABLISHED");
    agent.hears(CALLER);
    caller.hears(AGENT);
    agent.tell("sndcode", "5");
    caller.hears_key(FIVE);
    agent.tell("hangup", "");
    assert!(carrier.succeeds());
    let record = office.row("call_records", "the record", |row| row["call_type"] == "inbound");
    assert_eq!(record["customer_keys"], "1", "{record}");
}
