//! Calls recorded into files: each side where it belongs, measured by its tone, also when the power goes.

use crate::harness::{
    Callbox, Lan, Phone,
    carrier::{OUTSIDE, outside},
    tone::Sound,
    wait,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

const AGENT: f64 = 440.0;
const CUSTOMER: f64 = 1000.0;
const SOON: Duration = Duration::from_secs(10);

fn file(office: &Callbox, record: &Value) -> PathBuf {
    Path::new(&office.data()).join(record["recording"]["file"].as_str().expect("it is recorded"))
}

fn only_file(office: &Callbox) -> PathBuf {
    let mut folders = vec![Path::new(&office.data()).join("recordings")];
    for _level in ["year", "month", "day", "file"] {
        folders = folders
            .iter()
            .flat_map(|folder| fs::read_dir(folder).unwrap())
            .map(|entry| entry.unwrap().path())
            .collect();
    }
    assert_eq!(folders.len(), 1, "{folders:?}");
    folders.remove(0)
}

/// CDR-10, BOX-56, BOX-58, BOX-61, API-46: the agent left and the other side right; on hold the agent is silent, and
/// the music is nowhere.
#[test]
fn a_call_with_somebody_outside_is_recorded() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let mut agent = office.phone(&lan, "801", Phone::speaking(AGENT));
    let mut carrier = outside(&lan, &office);
    agent.dial(OUTSIDE);
    agent.expect("CALL_ESTABLISHED");
    carrier.expect("CALL_ESTABLISHED");
    carrier.hears(AGENT);
    agent.hears(CUSTOMER);
    agent.tell("hold", "");
    carrier.hears_music();
    carrier.hears_music();
    agent.tell("resume", "");
    carrier.hears(AGENT);
    carrier.hears(AGENT);
    agent.tell("hangup", "");
    carrier.expect("CALL_CLOSED");

    let record = office.row("call_records", "the recorded call", |row| row["recording"]["state"] == "kept");
    let path = file(&office, &record);
    let bytes = fs::read(&path).unwrap();
    let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((&record["recording"]["sha256"], &record["recording"]["bytes"]), (&hash.into(), &bytes.len().into()));
    let [left, right] = Sound::sides(&path).expect("a recording");
    assert!(left.part(0.5, 0.5).is_only(AGENT) && right.part(0.5, 0.5).is_only(CUSTOMER));
    assert!(left.last(0.5).is_only(AGENT) && right.last(0.5).is_only(CUSTOMER));
    // The hold is in it: neither the music nor the other side is ever heard on the wrong one.
    let halves: Vec<f64> = (1..(2.0 * left.seconds()) as u32 - 2).map(|half| f64::from(half) / 2.0).collect();
    let heard = halves.iter().map(|at| left.part(*at, 0.5).level(CUSTOMER)).fold(f64::MIN, f64::max);
    assert!(halves.len() >= 3 && heard < -28.0, "the customer is left, with {heard} dBFS of {} s", left.seconds());
    let held = halves.iter().filter(|at| left.part(**at, 0.5).is_silent()).count();
    assert!(held >= 1, "the hold is silent on the left: {held} halves of {} s", left.seconds());
    assert!(halves.iter().all(|at| right.part(*at, 0.5).is_only(CUSTOMER)), "and on the right nobody else");
    let told = record["recording"]["seconds"].as_f64().unwrap();
    assert!((told - left.seconds()).abs() <= 1.0 && told + 1.0 >= record["talk_seconds"].as_f64().unwrap(), "{record}");
}

/// BOX-94, BOX-95: the process is killed while a call is recorded; the next start closes file and record.
#[test]
fn a_recording_outlives_the_power() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let mut agent = office.phone(&lan, "801", Phone::speaking(AGENT));
    let mut carrier = outside(&lan, &office);
    agent.dial(OUTSIDE);
    carrier.expect("CALL_ESTABLISHED");
    agent.expect("CALL_ESTABLISHED");
    wait("four seconds of sound", SOON, || (fs::metadata(only_file(&office)).ok()?.len() > 4 * 16_000).then_some(()));
    agent.hears(CUSTOMER);
    office.cut();
    let path = only_file(&office);
    let written = (fs::metadata(&path).unwrap().len() - 58) as f64 / 16_000.0;
    office.start_again();

    let record = office.row("call_records", "the cut call", |row| row["recording"]["state"] == "kept");
    assert_eq!((&record["sip_code"], file(&office, &record)), (&"L500".into(), path.clone()), "{record}");
    let bytes = fs::read(&path).unwrap();
    let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((&record["recording"]["sha256"], &record["recording"]["bytes"]), (&hash.into(), &bytes.len().into()));
    let [left, right] = Sound::sides(&path).expect("a recording");
    assert!((left.seconds() - written).abs() < 0.1, "{} of {written} s", left.seconds());
    assert!(left.last(0.5).is_only(AGENT) && right.last(0.5).is_only(CUSTOMER));
}
