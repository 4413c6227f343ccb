//! The panel, as a person sees it in Chromium.

use crate::harness::{Callbox, Client, Lan, description::sound_at, process::Process};
use std::{path::Path, time::Duration};

/// The whole walk of `web/test/panel.mjs`: sign-in, agents, calls, records, in every language; AGT-4, CDR-8, LST-10 to
/// LST-13.
#[test]
fn the_panel_works_in_a_browser() {
    let lan = Lan::new();
    let office = Callbox::start_on(&lan.office, "127.0.0.1", true);
    let base = office.said.panel_http.clone().expect("plain HTTP on loopback");
    let owner = office.said.owner.clone().expect("the owner of the example office");
    let here = "127.0.0.1";
    let mut phone = Client::udp_between(&lan.office, here, 5070, here, office.agent("801"), &office.said.sip);
    assert_eq!(phone.register("MD5", 600).code(), Some(200));
    let (mut dialog, _) = phone.call_up("*43", &sound_at("127.0.0.1:7000".parse().unwrap(), "sendrecv"));
    assert!(phone.bye(&mut dialog));
    office.row("call_records", "a call to look at", |row| row["call_outcome"] == "answered");
    let folder = tempfile::tempdir().unwrap();
    let pictures = std::env::var("PICTURES").unwrap_or_else(|_| folder.path().display().to_string());
    std::fs::create_dir_all(&pictures).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/test/panel.mjs").display().to_string();
    let words = [script.as_str(), &base, &owner.username, &owner.password, &pictures];
    let mut browser = Process::start(&lan.office, folder.path(), "node", words, false);
    let status = browser.wait_for_end(Duration::from_secs(120));
    assert!(status.success(), "{}", browser.said());
}
