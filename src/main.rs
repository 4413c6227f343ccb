//! The command line.

use std::process::ExitCode;

/// The same on every machine: that of musl takes one lock for all threads, that of glibc keeps what a busy hour took.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    callbox::run::command::main()
}
