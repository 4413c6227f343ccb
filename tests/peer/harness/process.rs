//! A program that runs in a namespace and ends with its test, also when the test is killed.

use super::{Namespace, wait};
use std::{
    ffi::OsStr,
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

/// Lines of output shown when the test has failed.
const SHOWN_LINES: usize = 40;

pub struct Process {
    pub child: Child,
    name: String,
    output: PathBuf,
}

impl Process {
    /// Starts `program` with standard error, and standard output unless `piped`, in a file of `folder`.
    pub fn start<S: AsRef<OsStr>>(
        at: &Namespace,
        folder: &Path,
        program: &str,
        arguments: impl IntoIterator<Item = S>,
        piped: bool,
    ) -> Process {
        let name = Path::new(program).file_name().unwrap().to_string_lossy().into_owned();
        let output = folder.join(format!("{name}.out"));
        let file = File::options().create(true).append(true).open(&output).unwrap();
        let child = Command::new("ip")
            .args(["netns", "exec", &at.name, "setpriv", "--pdeathsig", "KILL", program])
            .args(arguments)
            .current_dir(folder)
            .env("HOME", folder)
            .stdin(if piped { Stdio::piped() } else { Stdio::null() })
            .stdout(if piped { Stdio::piped() } else { file.try_clone().unwrap().into() })
            .stderr(file)
            .spawn()
            .unwrap_or_else(|e| panic!("{program} cannot be started: {e}"));
        Process { child, name, output }
    }

    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    #[track_caller]
    pub fn wait_for_end(&mut self, within: Duration) -> ExitStatus {
        let what = format!("{} ends", self.name);
        wait(&what, within, || self.ended())
    }

    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.output).unwrap_or_default()).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            let said = self.said();
            // baresip draws its meter over and over on one line.
            let lines: Vec<&str> = said.lines().filter(|line| !line.contains("(bit/s)")).collect();
            let last = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
            eprintln!("--- {} said last:\n{}", self.name, last.join("\n"));
        }
    }
}
