//! The command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    callbox::run::command::main()
}
