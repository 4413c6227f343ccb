//! A machine that does not give what the box needs: ports, the data, room on the disk, time to stop.

use crate::harness::{
    Callbox, Lan,
    clock::{elapsed, wait},
    description::sound,
    lan::BOX,
};
use serde_json::json;
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream, UdpSocket},
    path::Path,
    process::{Command, Output},
    time::Duration,
};

const SOON: Duration = Duration::from_secs(10);

fn callbox(lan: &Lan, words: &[&str]) -> Output {
    Command::new("ip")
        .args(["netns", "exec", &lan.office.name, env!("CARGO_BIN_EXE_callbox")])
        .args(words)
        .output()
        .unwrap()
}

/// One line says what is wrong, a second what to do (BOX-171).
#[track_caller]
fn assert_fault(output: &Output, code: i32, what: &str, remedy: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(lines.len() == 2 && lines[0].contains(what) && lines[1].contains(remedy), "{said}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

/// BOX-172, BOX-171: 5 when a port is taken, whichever it is, and nothing is left behind that keeps a later start.
#[test]
fn a_port_in_use_is_named() {
    let lan = Lan::new();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    let start = |more: &[&str]| callbox(&lan, &[&["run", "--data", &data, "--bind", BOX][..], more].concat());
    let held = lan.office.run(|| TcpListener::bind((BOX, 5060)).unwrap());
    assert_fault(&start(&[]), 5, "5060", "--port-offset");
    drop(held);
    let held = lan.office.run(|| UdpSocket::bind((BOX, 6060)).unwrap());
    assert_fault(&start(&["--port-offset", "1000"]), 5, "6060", "--port-offset");
    drop(held);
    let held = lan.office.run(|| TcpListener::bind((BOX, 443)).unwrap());
    assert_fault(&start(&[]), 5, "443", "--port-offset");
    drop(held);
    assert_fault(&callbox(&lan, &["run", "--data", &data, "--bind", "192.0.2.77"]), 5, "5060", "--bind");
    let mut office = Callbox::start_in(folder, &lan.office, BOX, &["--example"]);
    assert_eq!(office.stop(), Some(0));
}

/// BOX-165, BOX-172: 4 for a second box on the same data, which the first does not notice; 2 for what is not understood.
#[test]
fn a_second_box_on_the_same_data_is_refused() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let data = office.data();
    let second = callbox(&lan, &["run", "--data", &data, "--bind", BOX, "--port-offset", "2000"]);
    assert_fault(&second, 4, "another callbox", "--data");
    assert_fault(&callbox(&lan, &["run", "--sip", "many"]), 2, "many", "--help");
    assert_fault(&callbox(&lan, &["dance"]), 2, "dance", "--help");
    assert!(office.is_up());
    assert_eq!(office.rows("agents").len(), 8);
    fs::write(format!("{data}/plain"), "").unwrap();
    let plain = format!("{data}/plain/below");
    let nowhere = callbox(&lan, &["run", "--data", &plain, "--bind", BOX]);
    assert_eq!(nowhere.status.code(), Some(4), "{nowhere:?}");
}

/// BOX-166: two boxes on one machine.
#[test]
fn an_offset_makes_room_for_two_boxes() {
    let lan = Lan::new();
    let one = Callbox::start(&lan.office);
    let two =
        Callbox::start_in(tempfile::tempdir().unwrap(), &lan.office, BOX, &["--example", "--port-offset", "20000"]);
    assert_eq!((one.said.sip.udp, one.said.sip.tls), (5060, 5061));
    assert_eq!((two.said.sip.udp, two.said.sip.tcp, two.said.sip.tls), (25060, 25060, 25061));
    let place = lan.place();
    for (office, port) in [(&one, 5060), (&two, 5062)] {
        let mut client = office.client(&place, port, "801");
        assert_eq!(client.register("MD5", 60).code(), Some(200));
        assert_eq!(office.rows("agents").len(), 8);
    }
}

/// BOX-173: new calls are refused while those that are up may go on; a second SIGTERM ends at once, records and all.
#[test]
fn a_second_sigterm_ends_at_once() {
    let lan = Lan::new();
    let mut office = Callbox::start(&lan.office);
    let place = lan.place();
    let mut caller = office.client(&place, 5060, "801");
    let mut late = office.client(&place, 5070, "802");
    for phone in [&mut caller, &mut late] {
        assert_eq!(phone.register("MD5", 60).code(), Some(200));
    }
    let offer = sound(caller.local, "sendrecv");
    let (_, answer) = caller.call("*43", &offer).expect("an answer");
    assert_eq!(answer.code(), Some(200), "{answer:?}");
    office.terminate();
    let refused = wait("new calls are refused", SOON, || {
        let (mut dialog, answer) = late.call("*43", &offer)?;
        (answer.code() == Some(200)).then(|| late.bye(&mut dialog));
        (answer.code() == Some(503)).then_some(answer)
    });
    assert!((5..=30).contains(&refused.value("Retry-After").parse::<u32>().unwrap()), "{refused:?}");
    assert!(office.is_up(), "the first SIGTERM waits for the call");
    let asked = elapsed();
    office.terminate();
    assert_eq!(office.wait_for_end(SOON), Some(0));
    assert!(elapsed() - asked < Duration::from_secs(5), "{:?}", elapsed() - asked);
    office.start_again();
    let record = office.row("call_records", "the call that was ended", |row| row["original_caller_number"] == "801");
    assert!(record["ended_at"].is_string() && record["hangup_by"] == "system", "{record}");
}

/// A disk of its own for the data, small enough to fill.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> SmallDisk {
        fs::create_dir_all(at).unwrap();
        let words = ["-t", "tmpfs", "-o", "size=40m", "tmpfs"];
        let done = Command::new("mount").args(words).arg(at).status().unwrap();
        assert!(done.success(), "a tmpfs can be mounted: run these tests as root");
        SmallDisk(at.to_owned())
    }

    /// Writes until nothing more goes.
    fn fill(&self) {
        let mut file = fs::File::create(self.0.join("filler")).unwrap();
        let piece = vec![1; 64 << 10];
        while file.write_all(&piece).is_ok() {}
        while file.write_all(&[1]).is_ok() {}
    }

    fn empty(&self) {
        fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// A full disk: calls go on, records wait, a save says why it is not done, the log names it once, and nothing is lost
/// when there is room again (BOX-92, BOX-93, BOX-148).
#[test]
fn a_full_disk_stops_no_call_and_loses_nothing() {
    let lan = Lan::new();
    let folder = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&folder.path().join("data"));
    let mut office = Callbox::start_in(folder, &lan.office, BOX, &["--example"]);
    let place = lan.place();
    let mut caller = office.client(&place, 5060, "801");
    assert_eq!(caller.register("MD5", 300).code(), Some(200));
    let offer = sound(caller.local, "sendrecv");
    let mut call = || {
        let (mut dialog, answer) = caller.call("*43", &offer).expect("an answer");
        assert_eq!(answer.code(), Some(200), "{answer:?}");
        assert!(caller.bye(&mut dialog));
    };
    call();
    office.row("call_records", "the first call", |row| row["ended_at"].is_string());
    let agent = office.row("agents", "an agent", |row| row["agent_number"] == "808");
    let path = format!("/api/v1/agents/{}", agent["id"].as_str().unwrap());
    let save = |office: &Callbox, name: &str| office.web().send("PATCH", &path, Some(&json!({"first_name": name})));

    disk.fill();
    (0..5).for_each(|_| call());
    let (status, body) = save(&office, "Full");
    assert_eq!((status, &body["error"]), (507, &"disk_full".into()), "{body}");
    assert_eq!(office.row("agents", "808", |row| row["agent_number"] == "808")["first_name"], agent["first_name"]);
    const RECORDS: &str = "call records cannot be written";
    wait("the log names the cause", SOON, || office.told().contains(RECORDS).then_some(()));
    (0..5).for_each(|_| call());
    let told = office.told();
    assert_eq!(told.matches(RECORDS).count(), 1, "{told}");
    assert!(told.matches("the audit log cannot be written").count() <= 1, "{told}");

    disk.empty();
    wait("all calls are told", SOON, || {
        let ended = office.rows("call_records").iter().filter(|row| row["ended_at"].is_string()).count();
        (ended == 11).then_some(())
    });
    assert_eq!(save(&office, "Room").0, 200);
    assert_eq!(office.stop(), Some(0));
    office.start_again();
    assert_eq!(office.rows("call_records").len(), 11);
    assert_eq!(office.row("agents", "808", |row| row["agent_number"] == "808")["first_name"], "Room");
    drop(office);
    drop(disk);
}

/// BOX-157, BOX-158: a request for another host, one that is too large, and more connections than an address may have.
#[test]
fn the_panel_refuses_what_is_not_for_it() {
    let lan = Lan::new();
    let office = Callbox::start_on(&lan.office, "127.0.0.1", true);
    let base = office.said.panel_http.clone().expect("plain HTTP on loopback");
    let address = base.strip_prefix("http://").unwrap().trim_end_matches('/').to_owned();
    let connect = || {
        lan.office.run(|| {
            TcpStream::connect(if address.contains(':') { address.clone() } else { format!("{address}:80") }).unwrap()
        })
    };
    let ask = |text: &str| {
        let mut stream = connect();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    };
    for host in ["evil.example", "192.0.2.1", "callbox.local.evil.example"] {
        let answer = ask(&format!("GET /panel/session HTTP/1.0\r\nHost: {host}\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.0 421") && answer.contains("wrong_host"), "{host}: {answer}");
    }
    let body = format!("{{\"username\": \"{}\"}}", "x".repeat(2 << 20));
    let answer = ask(&format!(
        "POST /panel/session HTTP/1.0\r\nHost: {address}\r\nOrigin: {}\r\nX-Callbox: 1\r\nContent-Length: {}\r\n\r\n{body}",
        base.trim_end_matches('/'),
        body.len()
    ));
    assert!(answer.starts_with("HTTP/1.0 413") && answer.contains("too_large"), "{answer}");

    let held: Vec<TcpStream> = (0..100).map(|_| connect()).collect();
    let mut one_more = connect();
    one_more.set_read_timeout(Some(SOON)).unwrap();
    assert_eq!(one_more.read(&mut [0]).unwrap_or(0), 0, "the hundred and first is closed");
    drop(held);
    let works = format!("GET /panel/session HTTP/1.0\r\nHost: {address}\r\n\r\n");
    wait("the panel answers again", SOON, || ask(&works).starts_with("HTTP/1.0 401").then_some(()));
}
