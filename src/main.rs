//! The command line.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: callbox::run::memory::Allocator = callbox::run::memory::Allocator;

// SAFETY: the loader calls what stands in this section, in the order of the numbers, with arguments that C allows to
// be left out; mimalloc has 101.
#[used]
#[unsafe(link_section = ".init_array.00100")]
static BEFORE_ALL: extern "C" fn() = callbox::run::memory::settle;

fn main() -> ExitCode {
    callbox::run::command::main()
}
