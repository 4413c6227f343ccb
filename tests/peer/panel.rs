//! The panel, as a person sees it in Chromium: parts of `web/test/panel.mjs`, each against an office of its own.

use crate::harness::{Callbox, Client, Lan, description::sound_at, process::Process};
use std::{path::Path, time::Duration};

/// What one part takes at most on a machine that is busy with others.
const PART: Duration = Duration::from_secs(240);
const HERE: &str = "127.0.0.1";

/// Sign-in, agents, calls, records, campaigns, places, fields, sounds and a lost line, in every language, look and width;
/// AGT-4, CDR-8, LST-10 to LST-13.
#[test]
fn the_panel_works_in_a_browser() {
    walk(
        &["door", "lists", "looks", "batch", "columns", "campaign", "places", "fields", "media", "line"],
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

#[track_caller]
fn walk(parts: &[&str], ready: impl Fn(&Lan, &Callbox)) {
    let lan = Lan::new();
    let office = Callbox::start_on(&lan.office, HERE, true);
    ready(&lan, &office);
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
