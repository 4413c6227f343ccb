//! SIPp with a scenario of ours.

use super::{Agent, Namespace, callbox::Sip, process::Process};
use std::{fs, path::Path, time::Duration};

const PATIENCE: Duration = Duration::from_secs(40);
const PORT: u16 = 5080;
const CARRIER_PORT: u16 = 5060;

pub struct Sipp {
    process: Process,
    folder: tempfile::TempDir,
    scenario: String,
}

impl Sipp {
    /// Starts a scenario of `sipp/`; it acts for `agent` and dials `dialed`.
    pub fn start(place: &Namespace, scenario: &str, agent: &Agent, dialed: &str, ports: &Sip) -> Sipp {
        let to = format!("{}:{}", ports.host, ports.udp);
        let number = &agent.agent_number;
        let own = [&*to, "-s", dialed, "-au", number, "-ap", &agent.sip_password, "-key", "me", number];
        Sipp::run(place, scenario, PORT, &own)
    }

    /// A carrier at the usual port, over this transport, that waits for one dialog.
    pub fn serve(place: &Namespace, scenario: &str, transport: &str) -> Sipp {
        Sipp::run(place, scenario, CARRIER_PORT, &["-t", if transport == "tcp" { "t1" } else { "u1" }])
    }

    /// The same, with its sound at a port where somebody else speaks and listens.
    pub fn serve_with_sound(place: &Namespace, scenario: &str, sound: u16) -> Sipp {
        Sipp::run(place, scenario, CARRIER_PORT, &["-t", "u1", "-key", "sound", &sound.to_string()])
    }

    /// A carrier that calls this number, with its sound where somebody else speaks and listens.
    pub fn call_in(place: &Namespace, scenario: &str, dialed: &str, sound: u16, ports: &Sip) -> Sipp {
        let (to, sound) = (format!("{}:{}", ports.host, ports.udp), sound.to_string());
        Sipp::run(place, scenario, CARRIER_PORT, &[&to, "-s", dialed, "-key", "sound", &sound])
    }

    fn run(place: &Namespace, scenario: &str, port: u16, own: &[&str]) -> Sipp {
        let folder = tempfile::tempdir().unwrap();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/peer/sipp/{scenario}.xml"));
        let (file, port) = (file.display().to_string(), port.to_string());
        let words = ["-sf", &file, "-i", &place.address, "-p", &port, "-m", "1", "-nostdin"].into_iter();
        let ends = ["-timeout", "30", "-timeout_error", "-recv_timeout", "15000"];
        let logs = ["-trace_err", "-error_file", "errors.log", "-trace_msg", "-message_file", "messages.log"];
        let words = own.iter().copied().chain(words).chain(ends).chain(logs).map(str::to_owned);
        let process = Process::start(place, folder.path(), "sipp", words, false);
        Sipp { process, folder, scenario: scenario.into() }
    }

    /// Waits until it has come to its end as the scenario says. False: the box refused for load (BOX-132), as it may
    /// on a machine busy with other tests.
    #[track_caller]
    pub fn succeeds(mut self) -> bool {
        let status = self.process.wait_for_end(PATIENCE);
        let read = |name| fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        if !status.success() && read("messages.log").contains("SIP/2.0 503") {
            return false;
        }
        if !status.success() {
            panic!("{} ended with {status}\n{}\n{}", self.scenario, read("errors.log"), read("messages.log"));
        }
        true
    }
}
