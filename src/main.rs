//! The command line.

use callbox::run::command;
use std::process::ExitCode;

fn main() -> ExitCode {
    command::main()
}
