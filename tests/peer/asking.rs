//! The command line beside a running box: the same answers, and no call that notices.

use crate::{
    harness::{Callbox, Lan},
    hostile_many::Talk,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn callbox(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_callbox")).args(words).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn month(data: &str) -> PathBuf {
    let names = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    let is_month = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("history-");
    names.into_iter().find(is_month).expect("a month of records")
}

/// BOX-167, BOX-170: beside a box with a call on it, each look ends with 0 and the call is heard on; stopped or cut,
/// the box says the same.
#[test]
fn a_running_box_answers_check_and_show() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let place = lan.place();
    let talk = Talk::begin(&place, &office, "801", "802");
    let data = office.data();
    let looks = [&["check", "--data", &data][..], &["show", "--data", &data], &["show", "--json", "--data", &data]];
    let beside: Vec<Output> = looks.iter().map(|words| callbox(words)).collect();
    talk.is_heard();
    talk.end(&office);
    assert_eq!(text(&beside[0].stdout), "everything can be read\n");
    for look in &beside[1..] {
        let shown = text(&look.stdout);
        assert!(shown.contains("max_calls") && shown.contains(&place.address), "{shown}");
        assert!(office.said.agents.iter().all(|agent| !shown.contains(&agent.sip_password)), "{shown}");
    }
    // Two at once are answered one after the other.
    let two = std::thread::scope(|scope| {
        let looks = [(); 2].map(|()| scope.spawn(|| callbox(looks[0])));
        looks.map(|look| look.join().unwrap().status.code())
    });
    assert_eq!(two, [Some(0); 2]);
    office.cut();
    for (words, beside) in looks.iter().zip(&beside) {
        assert_eq!(&callbox(words), beside);
        assert!(beside.status.success() && beside.stderr.is_empty(), "{beside:?}");
    }
    office.start_again();
    assert!(callbox(looks[0]).status.success());
}

/// BOX-167, BOX-171, BOX-172: a damaged file is found beside the running box and after it, with what to do.
#[test]
fn a_running_box_tells_of_a_damaged_file() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let place = lan.place();
    Talk::begin(&place, &office, "801", "802").end(&office);
    let damaged = Path::new(&office.data()).join("history-2001-01.redb");
    let mut bytes = fs::read(month(&office.data())).unwrap();
    bytes.truncate(bytes.len() / 2);
    fs::write(damaged, bytes).unwrap();
    let check = || callbox(&["check", "--data", &office.data()]);
    let beside = check();
    assert_eq!(beside.status.code(), Some(1), "{beside:?}");
    let told = text(&beside.stdout);
    assert!(told.starts_with("history-2001-01.redb is damaged") && told.lines().count() == 2, "{told}");
    Talk::begin(&lan.place(), &office, "803", "804").end(&office);
    let reset = callbox(&["reset-owner", "--data", &office.data()]);
    assert_eq!((reset.status.code(), text(&reset.stderr).lines().count()), (Some(4), 2), "{reset:?}");
    office.cut();
    assert_eq!(callbox(&["check", "--data", &office.data()]), beside);
}
