//! A linphone-daemon as a phone, driven by lines.

use super::{Agent, Namespace, baresip::SOON, callbox::Sip, process::Process, tap::Tap, tone::write_tone, wait};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::ChildStdin,
    sync::{Arc, Mutex},
    thread,
};

const PORT: u16 = 5070;

pub struct Linphone {
    pub number: String,
    input: ChildStdin,
    said: Arc<Mutex<Vec<String>>>,
    process: Process,
    folder: tempfile::TempDir,
    host: String,
    ear: Tap,
    _place: Namespace,
}

impl Linphone {
    /// A phone that speaks µ-law, takes calls by itself where `answers`, and is registered.
    pub fn start(place: Namespace, agent: &Agent, ports: &Sip, answers: bool, hertz: f64) -> Linphone {
        let folder = tempfile::tempdir().unwrap();
        // Without this folder for its database the program starts only half.
        fs::create_dir_all(folder.path().join(".local/share/linphone")).unwrap();
        write_tone(&folder.path().join("tone.wav"), hertz, 16000);
        let mut arguments = vec!["--disable-stats-events", "--log", "linphone.log"];
        arguments.extend(answers.then_some("--auto-answer"));
        let mut process = Process::start(&place, folder.path(), "linphone-daemon", arguments, true);
        let input = process.child.stdin.take().unwrap();
        let output = process.child.stdout.take().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        thread::spawn({
            let said = said.clone();
            move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    said.lock().unwrap().push(line);
                }
            }
        });
        let host = format!("{}:{}", ports.host, ports.udp);
        let number = agent.agent_number.clone();
        let ear = Tap::at(&place);
        let mut phone = Linphone { number, input, said, process, folder, host, ear, _place: place };
        phone.register(&agent.sip_password);
        phone
    }

    fn register(&mut self, password: &str) {
        self.tell(&format!("port sip {PORT} udp"));
        self.tell("audio-codec-disable ALL");
        self.tell("audio-codec-enable 0");
        let (number, host) = (self.number.clone(), self.host.clone());
        self.tell(&format!("register sip:{number}@{host} sip:{host} {password} NULL NULL"));
        wait("linphone is registered", SOON, || {
            self.tell("register-status 1");
            self.said.lock().unwrap().iter().any(|line| line.contains("LinphoneRegistrationOk")).then_some(())
        });
    }

    pub fn call(&mut self, number: &str) {
        let host = self.host.clone();
        self.tell(&format!("call sip:{number}@{host}"));
    }

    /// Speaks its tone into the call with this number, the first being 1.
    pub fn speak(&mut self, call: u32) {
        let tone = self.folder.path().join("tone.wav").display().to_string();
        self.tell(&format!("incall-player-start {tone} {call}"));
    }

    /// Waits until this tone, and none of the others, comes to the phone.
    #[track_caller]
    pub fn hears(&self, hertz: f64) {
        self.ear.hears(&self.number, hertz);
    }

    /// Sends whoever it talks to in this call there, without asking.
    pub fn transfer(&mut self, call: u32, number: &str) {
        let host = self.host.clone();
        self.tell(&format!("call-transfer {call} sip:{number}@{host}"));
    }

    pub fn tell(&mut self, line: &str) {
        assert!(self.process.ended().is_none(), "linphone ended: {:?}", self.said.lock().unwrap());
        writeln!(self.input, "{line}").unwrap();
    }

    /// Waits until linphone has told that this call came to a state such as `LinphoneCallStreamsRunning`.
    #[track_caller]
    pub fn wait_for(&self, call: u32, state: &str) {
        wait(&format!("linphone's call {call} is {state}"), SOON, || {
            let said = self.said.lock().unwrap();
            let told = said
                .windows(4)
                .any(|lines| lines[0].contains(state) && lines.iter().any(|line| line.trim() == format!("Id: {call}")));
            told.then_some(())
        });
    }
}

impl Drop for Linphone {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("--- linphone said: {}", self.said.lock().unwrap().join("\n    "));
        }
        self.process.kill();
    }
}
