//! The program under test, as a process with an example office.

use super::{Baresip, Client, Lan, Namespace, Phone, clock::try_wait, lan::BOX, process::Process, web::Web};
use callbox::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

/// In place of an address: no `--bind`.
const EVERYWHERE: &str = "every address";
const START: Duration = Duration::from_secs(20);
/// Until a row is as it should be; records are stored once a second.
const ROW: Duration = Duration::from_secs(8);

/// What Debian's `faketime` puts before a program: the time of day comes from a file, looked at each time, and the
/// clock that no change of the time of day moves stays.
const FAKETIME: [&str; 3] =
    ["LD_PRELOAD=/usr/$LIB/faketime/libfaketimeMT.so.1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_NO_CACHE=1"];

/// The line that `callbox run --json` prints once everything answers.
#[derive(Clone, Debug, Deserialize)]
pub struct Said {
    pub panel: Option<String>,
    pub panel_http: Option<String>,
    pub owner: Option<Owner>,
    pub api_key: Option<String>,
    pub sip: Sip,
    #[serde(default)]
    pub agents: Vec<Agent>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Owner {
    pub username: String,
    pub password: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Sip {
    pub host: String,
    pub udp: u16,
    pub tcp: u16,
    pub tls: u16,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Agent {
    pub agent_number: String,
    pub sip_password: String,
}

pub struct Callbox<'a> {
    pub said: Said,
    at: &'a Namespace,
    bind: String,
    /// What else the command line says.
    more: Vec<String>,
    folder: tempfile::TempDir,
    /// The file that says how far its time of day is from ours.
    clock: Option<PathBuf>,
    /// Its data lie on a disk of its own.
    own_disk: bool,
    process: Process,
}

impl<'a> Callbox<'a> {
    /// An example office on the address of the box.
    pub fn start(at: &'a Namespace) -> Callbox<'a> {
        Callbox::start_on(at, BOX, true)
    }

    /// An example office on every address of the machine.
    pub fn start_everywhere(at: &'a Namespace) -> Callbox<'a> {
        Callbox::start_on(at, EVERYWHERE, true)
    }

    pub fn start_on(at: &'a Namespace, bind: &str, example: bool) -> Callbox<'a> {
        let more: &[&str] = if example { &["--example"] } else { &[] };
        Callbox::start_in(tempfile::tempdir().unwrap(), at, bind, more)
    }

    /// With its data in `data` of a folder that was made ready, and more words on its command line.
    pub fn start_in(folder: tempfile::TempDir, at: &'a Namespace, bind: &str, more: &[&str]) -> Callbox<'a> {
        let more: Vec<String> = more.iter().map(|word| (*word).to_owned()).collect();
        let (process, said) = run(at, &folder, bind, &more, &[]);
        let callbox = Callbox { said, at, bind: bind.into(), more, folder, clock: None, own_disk: false, process };
        callbox.ask_without_end();
        callbox
    }

    /// An example office whose data lie on a disk of so many bytes, which goes with it.
    pub fn start_on_a_disk(at: &'a Namespace, bytes: u64) -> Callbox<'a> {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        // The program has mounts of its own, as it has a network of its own.
        let mount = format!("mount -t tmpfs -o size={bytes},mode=0700 tmpfs {} && exec \"$@\"", data.display());
        let more = vec!["--example".to_owned()];
        let (process, said) = run(at, &folder, BOX, &more, &["sh", "-c", &mount, "sh"]);
        let callbox = Callbox { said, at, bind: BOX.into(), more, folder, clock: None, own_disk: true, process };
        callbox.ask_without_end();
        callbox
    }

    /// An example office whose time of day can be set.
    pub fn start_with_a_clock(at: &'a Namespace) -> Callbox<'a> {
        let folder = tempfile::tempdir().unwrap();
        let clock = folder.path().join("clock");
        fs::write(&clock, "+0").unwrap();
        let more = vec!["--example".to_owned()];
        let (process, said) = run(at, &folder, BOX, &more, &faked(&clock).each_ref().map(String::as_str));
        let callbox =
            Callbox { said, at, bind: BOX.into(), more, folder, clock: Some(clock), own_disk: false, process };
        callbox.ask_without_end();
        callbox
    }

    /// Whoever waits for a row asks for it again and again: the owner lifts the limit on that (API-16).
    #[track_caller]
    fn ask_without_end(&self) {
        let Some(Owner { username, password }) = &self.said.owner else { return };
        let mut web = self.web();
        assert_eq!(web.sign_in("/panel/session", &json!({ "username": username, "password": password })), 200);
        let (status, told) = web.send("PATCH", "/panel/api_access", Some(&json!({ "limit_data": 0 })));
        assert_eq!(status, 200, "{told}");
    }

    /// Sets its time of day so many seconds from ours.
    pub fn set_clock(&self, seconds: i64) {
        let clock = self.clock.as_ref().expect("it has a clock of its own");
        // At once whole: it is read again and again.
        let new = clock.with_extension("new");
        fs::write(&new, format!("{seconds:+}")).unwrap();
        fs::rename(new, clock).unwrap();
    }

    /// What it has written to standard error.
    pub fn told(&self) -> String {
        self.process.said()
    }

    /// Asks it to end, and waits for nothing.
    pub fn terminate(&self) {
        let pid = nix::unistd::Pid::from_raw(self.process.child.id() as i32);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    }

    #[track_caller]
    pub fn wait_for_end(&mut self, within: Duration) -> Option<i32> {
        self.process.wait_for_end(within).code()
    }

    /// The agents 801 to 808 of the example office.
    #[track_caller]
    pub fn agent(&self, number: &str) -> &Agent {
        let found = self.said.agents.iter().find(|agent| agent.agent_number == number);
        found.unwrap_or_else(|| panic!("no agent {number} in the example office"))
    }

    /// A phone of this agent, registered, at a place of its own.
    #[track_caller]
    pub fn phone(&self, lan: &Lan, number: &str, phone: Phone) -> Baresip {
        Baresip::start(lan.place(), self.agent(number), &self.said.sip, phone)
    }

    /// The tests' own client, over UDP, for this agent.
    #[track_caller]
    pub fn client(&self, place: &Namespace, port: u16, number: &str) -> Client {
        Client::udp(place, port, self.agent(number), &self.said.sip)
    }

    pub fn web(&self) -> Web<'a> {
        let base = self.said.panel.clone().expect("the address of the panel");
        Web::new(self.at, &base, self.said.api_key.clone())
    }

    /// Ends it as a power cut would.
    pub fn cut(&mut self) {
        self.process.kill();
    }

    /// Ends it with SIGTERM and waits for the end.
    #[track_caller]
    pub fn stop(&mut self) -> Option<i32> {
        self.terminate();
        self.wait_for_end(Duration::from_secs(15))
    }

    /// Starts it again on the same data; the passwords of the example office are told only the first time, so the
    /// first telling is kept.
    pub fn start_again(&mut self) {
        assert!(!self.own_disk, "its disk is gone");
        let clock = self.clock.as_deref().map(faked);
        let before: Vec<&str> = clock.iter().flatten().map(String::as_str).collect();
        let (process, said) = run(self.at, &self.folder, &self.bind, &self.more, &before);
        self.process = process;
        self.said.panel = said.panel;
    }

    /// The data directory.
    pub fn data(&self) -> String {
        let data = self.folder.path().join("data").display().to_string();
        if self.own_disk { format!("/proc/{}/root{data}", self.process.child.id()) } else { data }
    }

    pub fn is_up(&mut self) -> bool {
        self.process.ended().is_none()
    }

    /// Resident memory, bytes.
    pub fn memory(&self) -> u64 {
        self.memory_line("status", "VmRSS:")
    }

    /// The most it ever was.
    pub fn memory_most(&self) -> u64 {
        self.memory_line("status", "VmHWM:")
    }

    /// What of it lies in huge pages, of which each is resident as soon as one byte of it is used.
    pub fn memory_in_huge_pages(&self) -> u64 {
        self.memory_line("smaps_rollup", "AnonHugePages:")
    }

    fn memory_line(&self, file: &str, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/{file}", self.process.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a running process");
        line.trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
    }

    /// Rows of a list of the API.
    #[track_caller]
    pub fn rows(&self, list: &str) -> Vec<Value> {
        let (status, body) = self.web().get(&format!("/api/v1/{list}?limit=500"));
        assert_eq!(status, 200, "{list}: {body}");
        body["items"].as_array().unwrap_or_else(|| panic!("no items in {body}")).clone()
    }

    /// The records of calls that began at this moment or after, however many there are; milliseconds since 1970.
    pub fn records_since(&self, from: i64) -> Vec<Value> {
        let (mut records, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/call_records?limit=500&from={}{cursor}", Timestamp(from));
            let (status, body) = self.web().get(&path);
            assert_eq!(status, 200, "{path}: {body}");
            records.extend(body["items"].as_array().unwrap_or_else(|| panic!("no items in {body}")).iter().cloned());
            match body["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return records,
            }
        }
    }

    /// Waits until one row of the list is as asked, and gives it.
    #[track_caller]
    pub fn row(&self, list: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut last = Vec::new();
        let found = try_wait(ROW, || {
            last = self.rows(list);
            last.iter().find(|row| wanted(row)).cloned()
        });
        found.unwrap_or_else(|| panic!("{what}: not among {list}: {}", Value::Array(last)))
    }
}

fn faked(clock: &Path) -> [String; 4] {
    let file = format!("FAKETIME_TIMESTAMP_FILE={}", clock.display());
    let [preload, monotonic, cache] = FAKETIME.map(str::to_owned);
    [preload, monotonic, cache, file]
}

/// `before` stands before the program on the command line of `env`.
fn run(at: &Namespace, folder: &tempfile::TempDir, bind: &str, more: &[String], before: &[&str]) -> (Process, Said) {
    let data = folder.path().join("data").display().to_string();
    let mut arguments = before.to_vec();
    arguments.extend([env!("CARGO_BIN_EXE_callbox"), "run", "--data", &data, "--json"]);
    if bind != EVERYWHERE {
        arguments.extend(["--bind", bind]);
    }
    arguments.extend(more.iter().map(String::as_str));
    let mut process = Process::start(at, folder.path(), "env", arguments, true);
    let output = process.child.stdout.take().unwrap();
    let (give, take) = mpsc::channel();
    let mut copy = std::fs::File::create(folder.path().join("callbox.stdout")).unwrap();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = writeln!(copy, "{line}");
            let _ = give.send(line);
        }
    });
    let line = take
        .recv_timeout(START)
        .unwrap_or_else(|_| panic!("the program does not say that it answers:\n{}", process.said()));
    let said = serde_json::from_str(&line).unwrap_or_else(|e| panic!("not the line of --json ({e}): {line}"));
    (process, said)
}
