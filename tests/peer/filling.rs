//! A disk that fills while people talk: calls go on, the office is told what follows, and nothing that was kept is lost.

use crate::harness::{
    Baresip, Callbox, Lan, Phone,
    carrier::{OUTSIDE, outside, owner},
    wait,
};
use callbox::store::Filled;
use nix::fcntl::{FallocateFlags, fallocate};
use serde_json::{Value, json};
use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

const DISK_BYTES: u64 = 1 << 30;
/// The disk is looked at every five seconds.
const LOOKED_AT: Duration = Duration::from_secs(15);

struct Filling<'a> {
    office: Callbox<'a>,
    agent: Baresip,
    carrier: Baresip,
    known: Vec<String>,
}

impl Filling<'_> {
    fn data(&self) -> PathBuf {
        Path::new(&self.office.data()).to_owned()
    }

    /// Something else on the disk takes as much as makes it so full, in tenths of a percent.
    fn fill(&self, thousandth: u64) {
        let file = File::create(self.data().join("ballast")).unwrap();
        let filled = Filled::of(&self.data()).unwrap();
        let bytes = (filled.total * thousandth / 1000).checked_sub(filled.used).expect("it is not fuller yet");
        fallocate(&file, FallocateFlags::empty(), 0, bytes as _).unwrap();
    }

    fn begin(&mut self) {
        self.agent.dial(OUTSIDE);
        self.agent.expect("CALL_ESTABLISHED");
        self.carrier.expect("CALL_ESTABLISHED");
    }

    fn hear_each_other(&self) {
        self.agent.hears(1000.0);
        self.carrier.hears(440.0);
    }

    /// The record of the call that is ended now, once its recording is as asked for.
    #[track_caller]
    fn end(&mut self, state: &str) -> String {
        self.agent.tell("hangup", "");
        self.carrier.expect("CALL_CLOSED");
        let new = |row: &Value| self.known.iter().all(|known| row["call_id"] != known.as_str());
        let record = self.office.row("call_records", state, |row| new(row) && row["recording"]["state"] == state);
        assert_eq!(
            (&record["call_outcome"], &record["hangup_reason"]),
            (&json!("answered"), &json!("normal")),
            "{record}"
        );
        let call_id = record["call_id"].as_str().unwrap().to_owned();
        self.known.push(call_id.clone());
        call_id
    }

    #[track_caller]
    fn call(&mut self, state: &str) -> String {
        self.begin();
        self.hear_each_other();
        self.end(state)
    }

    #[track_caller]
    fn alarm(&self, reason: Option<&str>) {
        let web = owner(&self.office);
        wait(&format!("the alarm {reason:?}"), LOOKED_AT, || {
            let live = web.live();
            let alarm = live["alarms"].as_array().unwrap().iter().find(|row| row["alarm"] == "disk").cloned();
            let percent = live["box"]["disk"]["percent"].as_u64()?;
            let told = alarm.as_ref().and_then(|row| row["reason"].as_str());
            (told == reason && percent > 0).then_some(())
        });
    }

    fn state(&self, call_id: &str) -> Value {
        let (status, record) = self.office.web().get(&format!("/api/v1/call_records/{call_id}"));
        assert_eq!(status, 200, "{record}");
        record["recording"]["state"].clone()
    }
}

/// BOX-62, BOX-63, BOX-64, BOX-65, CDR-5 reading: as the disk fills the oldest recordings go, then nothing is recorded,
/// then nothing is saved; at last calls have the room that was kept for them. With room again all is as before.
#[test]
fn calls_go_on_while_the_disk_fills() {
    let lan = Lan::new();
    let office = Callbox::start_on_a_disk(&lan.office, DISK_BYTES);
    let agent = office.phone(&lan, "801", Phone::speaking(440.0));
    let carrier = outside(&lan, &office);
    let mut filling = Filling { office, agent, carrier, known: Vec::new() };
    let web = owner(&filling.office);
    let reserve = filling.data().join("reserve");
    assert_eq!(reserve.metadata().unwrap().len(), DISK_BYTES / 16);
    filling.alarm(None);
    let old = filling.call("kept");

    filling.begin();
    filling.fill(850);
    filling.alarm(Some("fills"));
    assert_eq!(filling.state(&old), "kept");
    filling.fill(910);
    wait("the oldest recording gives up its room", LOOKED_AT, || (filling.state(&old) == "deleted").then_some(()));
    filling.alarm(Some("overwrites"));
    let path = format!("/api/v1/call_records/{old}/recording");
    assert_eq!(web.send("GET", &path, None).0, 404);
    let set = |field: &str, value: Value| web.send("PATCH", "/panel/settings", Some(&json!({ field: value }))).0;
    assert_eq!(set("recording_overwrite", json!(false)), 200);
    filling.alarm(Some("keeps"));
    filling.hear_each_other();
    // What was being recorded is whole.
    let lived = filling.end("kept");

    filling.fill(960);
    filling.alarm(Some("no_recordings"));
    filling.call("lost");
    let export = || web.send("POST", "/panel/call_records/export", Some(&json!({ "language": "en" })));
    let (status, refused) = export();
    assert_eq!((status, &refused["error"]), (507, &json!("disk_full")), "{refused}");
    assert_eq!(set("name", json!("Nearly full")), 200);

    filling.fill(991);
    filling.alarm(Some("only_calls"));
    assert_eq!(set("name", json!("Full")), 507);
    filling.call("lost");
    assert!(reserve.exists(), "it is given up at the last");
    filling.fill(998);
    filling.call("lost");
    assert!(!reserve.exists());
    assert_eq!(owner(&filling.office).get("/panel/settings").1["name"], "Nearly full", "whoever works signs in");

    std::fs::remove_file(filling.data().join("ballast")).unwrap();
    filling.alarm(None);
    filling.call("kept");
    assert!(reserve.exists() && set("name", json!("Empty")) == 200 && export().0 == 202);
    assert_eq!(filling.office.rows("call_records").len(), filling.known.len(), "every call has its record");
    assert_eq!((filling.state(&old), filling.state(&lived)), (json!("deleted"), json!("kept")));
}
