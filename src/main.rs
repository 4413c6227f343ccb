//! The command line.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: callbox::run::memory::Allocator = callbox::run::memory::Allocator;

fn main() -> ExitCode {
    callbox::run::command::main()
}
