//! The panel, as a person sees it in Chromium: parts of `web/test/panel.mjs`, each against an office of its own.

use crate::harness::{
    Agent, Callbox, Client, Lan, Voice,
    carrier::{OUTSIDE, with_a_trunk},
    client::Dialog,
    description::{sound_at, sound_of},
    process::Process,
    wait,
};
use serde_json::Value;
use std::{fs, path::Path, time::Duration};

/// What one part takes at most on a machine that is busy with others.
const PART: Duration = Duration::from_secs(240);
const HERE: &str = "127.0.0.1";
/// Where the carrier is, on the same machine.
const CARRIER: &str = "127.0.0.2";
/// What is heard of a call before it ends: two seconds.
const SAMPLES: usize = 16_000;

/// Sign-in, agents, calls, records, campaigns, places, fields, sounds and a lost line, in every language, look and width;
/// AGT-4, CDR-8, LST-10 to LST-13.
#[test]
fn the_panel_works_in_a_browser() {
    walk(
        &["door", "lists", "looks", "batch", "columns", "campaign", "places", "fields", "limits", "media", "line"],
        |lan, office| {
            let mut phone = Client::udp_between(&lan.office, HERE, 5070, HERE, office.agent("801"), &office.said.sip);
            assert_eq!(phone.register("MD5", 600).code(), Some(200));
            let (mut dialog, _) = phone.call_up("*43", &sound_at("127.0.0.1:7000".parse().unwrap(), "sendrecv"));
            assert!(phone.bye(&mut dialog));
            office.row("call_records", "a call to look at", |row| row["call_outcome"] == "answered");
        },
    );
}

/// By the keyboard alone, in three languages: each has its names, its contrast and its forms, all their parts.
#[test]
fn every_page_is_reached_in_a_browser() {
    walk(&["everywhere"], |_, _| {});
}

/// LST-15, LST-21: one record of each noun that may be added to.
#[test]
fn every_noun_is_added_listed_changed_and_deleted_in_a_browser() {
    walk(&["nouns"], |_, _| {});
}

/// Markup, SQL, formulas, marks, control characters and 10,000 characters, in each field and each search.
#[test]
fn hostile_words_are_refused_or_shown_as_text_in_a_browser() {
    walk(&["hostile"], |_, _| {});
}

/// CDR-10, BOX-119 to BOX-121, OUT-32, DST-1, TRK-48: by keys alone, a recorded call is heard and says why it went so,
/// a number is drawn, a trunk tells its past; and hostile words in every form that no noun declares.
#[test]
fn calls_are_heard_and_explained_in_a_browser() {
    walk(&["story", "pages"], |lan, office| {
        with_a_trunk(office, CARRIER);
        Recorded::call(lan, office, 7000).hang_up(office);
    });
}

/// CDR-10, BOX-61: a recording is paused and gone on with while the call is up; of a file that was changed since, or is
/// gone, a person is told before it is heard or downloaded.
#[test]
fn a_recording_is_paused_and_a_changed_one_is_told_in_a_browser() {
    let lan = Lan::new();
    let office = Callbox::start_on(&lan.office, HERE, true);
    with_a_trunk(&office, CARRIER);
    let file = |row: &Value| Path::new(&office.data()).join(row["recording"]["file"].as_str().unwrap());
    let gone = Recorded::call(&lan, &office, 7000).hang_up(&office);
    fs::remove_file(file(&gone)).unwrap();
    let up = Recorded::call(&lan, &office, 7100);
    browse(&lan, &office, &["paused"]);
    drop(up);
    let changed = office.row("call_records", "the second recorded call", |row| {
        row["recording"]["state"] == "kept" && row["call_id"] != gone["call_id"]
    });
    let mut sound = fs::read(file(&changed)).unwrap();
    *sound.last_mut().expect("sound") ^= 1;
    fs::write(file(&changed), sound).unwrap();
    browse(&lan, &office, &["changed"]);
}

/// A call out that was answered, spoken in on both sides, from these ports, and recorded.
struct Recorded {
    phone: Client,
    carrier: Client,
    dialog: Dialog,
    _voices: [Voice; 2],
}

impl Recorded {
    #[track_caller]
    fn call(lan: &Lan, office: &Callbox, port: u16) -> Recorded {
        let sip = &office.said.sip;
        let outside = Agent { agent_number: OUTSIDE.into(), sip_password: String::new() };
        let mut carrier = Client::udp_between(&lan.office, CARRIER, 5060, HERE, &outside, sip);
        let mut phone = Client::udp_between(&lan.office, HERE, 5070, HERE, office.agent("801"), sip);
        assert_eq!(phone.register("MD5", 600).code(), Some(200));
        let own = Voice::start_at(&lan.office, HERE, port, 440.0);
        let other = Voice::start_at(&lan.office, CARRIER, port, 1000.0);

        let (mut dialog, invite) = phone.proven_invite(OUTSIDE, &sound_at(own.local, "sendrecv"));
        phone.send(invite.as_bytes());
        let asked = carrier.await_request("INVITE");
        carrier.reply(&asked, 180, "");
        carrier.reply(&asked, 200, &sound_at(other.local, "sendrecv"));
        let answer = phone.ask(&invite).expect("an answer");
        assert_eq!(answer.code(), Some(200), "{answer:?}");
        (dialog.theirs, dialog.target) = (answer.value("To").into(), answer.contact());
        phone.acknowledge(&dialog, &answer, &invite);
        other.speak_to(sound_of(&asked.body));
        own.speak_to(sound_of(&answer.body));
        wait("two seconds of sound", PART, || (own.count() > SAMPLES && other.count() > SAMPLES).then_some(()));
        Recorded { phone, carrier, dialog, _voices: [own, other] }
    }

    /// Gives its record.
    #[track_caller]
    fn hang_up(mut self, office: &Callbox) -> Value {
        assert!(self.phone.bye(&mut self.dialog));
        let bye = self.carrier.await_request("BYE");
        self.carrier.reply(&bye, 200, "");
        office.row("call_records", "a recorded call", |row| row["recording"]["state"] == "kept")
    }
}

#[track_caller]
fn walk(parts: &[&str], ready: impl Fn(&Lan, &Callbox)) {
    let lan = Lan::new();
    let office = Callbox::start_on(&lan.office, HERE, true);
    ready(&lan, &office);
    browse(&lan, &office, parts);
}

#[track_caller]
fn browse(lan: &Lan, office: &Callbox, parts: &[&str]) {
    let base = office.said.panel_http.clone().expect("plain HTTP on loopback");
    let owner = office.said.owner.clone().expect("the owner of the example office");
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/test/panel.mjs").display().to_string();
    let words = [[script.as_str(), &base, &owner.username, &owner.password].as_slice(), parts].concat();
    let mut browser = Process::start(&lan.office, folder.path(), "node", words, false);
    let status = browser.wait_for_end(PART);
    let said = browser.said();
    let wrong: Vec<&str> = said.lines().filter(|line| !line.starts_with("ok")).collect();
    assert!(status.success(), "{}", wrong.join("\n"));
}
