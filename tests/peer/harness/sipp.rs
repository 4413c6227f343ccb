//! SIPp with a scenario of ours.

use super::{Agent, Namespace, callbox::Sip, process::Process};
use std::{fs, path::Path, time::Duration};

const PATIENCE: Duration = Duration::from_secs(40);
const PORT: u16 = 5080;

pub struct Sipp {
    process: Process,
    folder: tempfile::TempDir,
    scenario: String,
}

impl Sipp {
    /// Starts a scenario of `sipp/`; it acts for `agent` and dials `dialed`.
    pub fn start(place: &Namespace, scenario: &str, agent: &Agent, dialed: &str, ports: &Sip) -> Sipp {
        let folder = tempfile::tempdir().unwrap();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/peer/sipp/{scenario}.xml"));
        let (to, port) = (format!("{}:{}", ports.host, ports.udp), PORT.to_string());
        let words = [
            &to,
            "-sf",
            &file.display().to_string(),
            "-i",
            &place.address,
            "-p",
            &port,
            "-m",
            "1",
            "-nostdin",
            "-s",
            dialed,
            "-au",
            &agent.agent_number,
            "-ap",
            &agent.sip_password,
            "-key",
            "me",
            &agent.agent_number,
            "-timeout",
            "30",
            "-timeout_error",
            "-recv_timeout",
            "15000",
            "-trace_err",
            "-error_file",
            "errors.log",
            "-trace_msg",
            "-message_file",
            "messages.log",
        ]
        .map(str::to_owned);
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
