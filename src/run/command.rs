//! The commands of `callbox` and how each ends (BOX-164..173).

use super::{
    fault::{Code, Fault},
    inspect::{self, Look},
    office::OfficeEnd,
    options::{self, Options, Usage},
    say::say,
    start,
};
use std::{
    ffi::OsString,
    panic,
    path::{Path, PathBuf},
    process::ExitCode,
};

const HELP: &str = "\
callbox: a call centre in a box

  callbox run --data DIR          start the box (callbox run --help: its ports and addresses)
  callbox check --data DIR        verify the data; changes nothing
  callbox show --data DIR         settings, agents, phones, trunks; --json for programs
  callbox reset-owner --data DIR  unset the owner's password of a stopped box
  callbox version                 which version this is

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 settings not valid,
            4 data in use or not readable, 5 port not free";

pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    if !words.iter().any(|word| word == "--verbose") {
        panic::set_hook(Box::new(|fall| tracing::error!("{}", fall.to_string().replace('\n', " "))));
    }
    let ended = panic::catch_unwind(|| run(words)).unwrap_or_else(|_| Err(Fault::fallen()));
    super::log::flush();
    match ended {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::from(fault.code as u8)
        }
    }
}

fn run(mut words: Vec<OsString>) -> Result<ExitCode, Fault> {
    if words.is_empty() {
        return Err(Fault::usage("a command is missing"));
    }
    let command = words.remove(0);
    match command.to_str() {
        Some("run") => start_box(words),
        Some("check") => folder(words, false)?.map_or_else(help, |(dir, _)| look(&dir, Look::Check)),
        Some("show") => folder(words, true)?.map_or_else(help, |(dir, json)| look(&dir, Look::Show { json })),
        Some("reset-owner") => folder(words, false)?.map_or_else(help, |(dir, _)| inspect::reset_owner(&dir)),
        Some("version" | "--version") => {
            say(&format!("callbox {}", env!("CARGO_PKG_VERSION")))?;
            Ok(ExitCode::SUCCESS)
        }
        Some("help" | "--help" | "-h") => help(),
        _ => Err(Fault::usage(format!("there is no command '{}'", command.to_string_lossy()))),
    }
}

fn start_box(words: Vec<OsString>) -> Result<ExitCode, Fault> {
    let Some(options) = Options::parse(words).map_err(|Usage(what)| Fault::usage(what))? else {
        say(options::HELP)?;
        return Ok(ExitCode::SUCCESS);
    };
    match start::run(&options)? {
        OfficeEnd::Asked => Ok(ExitCode::SUCCESS),
        OfficeEnd::Broken => Ok(ExitCode::from(Code::Failed as u8)),
    }
}

fn look(dir: &Path, look: Look) -> Result<ExitCode, Fault> {
    let said = look.at(dir)?;
    say(said.text.trim_end_matches('\n'))?;
    Ok(ExitCode::from(said.code))
}

fn help() -> Result<ExitCode, Fault> {
    say(HELP)?;
    Ok(ExitCode::SUCCESS)
}

/// `--data DIR`, and `--json` where that is offered; none when help is asked for.
fn folder(words: Vec<OsString>, may_json: bool) -> Result<Option<(PathBuf, bool)>, Fault> {
    use lexopt::prelude::*;
    let (mut dir, mut json) = (PathBuf::from("/var/lib/callbox"), false);
    let mut parser = lexopt::Parser::from_args(words);
    let said = |e: lexopt::Error| Fault::usage(e.to_string());
    while let Some(word) = parser.next().map_err(said)? {
        match word {
            Long("help") | Short('h') => return Ok(None),
            Long("data") => dir = parser.value().map_err(said)?.into(),
            Long("json") if may_json => json = true,
            Long("verbose") => {}
            other => return Err(said(other.unexpected())),
        }
    }
    Ok(Some((dir, json)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(line: &str) -> Code {
        run(line.split_whitespace().map(OsString::from).collect()).unwrap_err().code
    }

    /// BOX-164, BOX-172
    #[test]
    fn wrong_usage_ends_with_code_2_and_help_fits_a_screen() {
        assert_eq!(code(""), Code::Usage);
        assert_eq!(code("dance"), Code::Usage);
        assert_eq!(code("run --dance"), Code::Usage);
        assert_eq!(code("check --json"), Code::Usage);
        assert!(HELP.lines().count() <= 24);
    }
}
