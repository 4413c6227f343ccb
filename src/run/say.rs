//! What the program says on standard output.

use super::fault::Fault;
use std::io::{self, Write};

/// Whoever stops reading, as `head` does, has enough: that is no fault.
pub fn say(text: &str) -> Result<(), Fault> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => Err(Fault::output(&cause)),
        _ => Ok(()),
    }
}
